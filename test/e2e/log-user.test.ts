/** What new users of `ds log` run into: typing errors and what is not there are told, and nothing that was typed is passed over. */
import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logFile } from '../../src/blocks/log/store/schema.js';
import { openStore } from '../../src/platform/store/store.js';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('ds log ship tells what is not there, refuses what is no source, and flags that a file of pipelines would not heed', async () => {
  const home = temporaryFolder();
  const ship = async (...args: string[]) => {
    const { code, stderr } = await runDs(['log', 'ship', '--once', ...args], { home, cwd: home });
    return { code, stderr };
  };
  writeFileSync(join(home, 'a.log'), 'one\n');
  writeFileSync(join(home, 'ds.yaml'), 'blocks: {log: {pipelines: {web: {sources: [a.log]}}}}\n');
  expect(await ship('a.log', 'b.log', '*.lgo')).toEqual({
    code: 0,
    stderr: 'warning: b.log: there is no such file\nwarning: *.lgo: there is no such file\n',
  });
  expect(await ship('b.log', '-q')).toEqual({ code: 1, stderr: '' });
  expect(await ship('syslog://127.0.0.1:5514')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no source "syslog://127.0.0.1:5514"'),
  });
  expect(await ship('syslog+udp://0.0.0.0:5514')).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^error: syslog\+udp 0\.0\.0\.0:5514 would open .*\nhint: {2}add --insecure to accept that\n$/,
    ),
  });
  for (const flag of ['--transform=redact=cards', '--to=-', '--job=web']) {
    expect(await ship('--config', 'ds.yaml', flag)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exclude'),
    });
  }
  expect(await ship('--config', 'ds.yaml', '--', 'echo')).toMatchObject({ code: 2 });
  expect(await ship('--config', 'ds.yaml', 'web')).toEqual({ code: 0, stderr: '' });
  expect(await ship('--to', '-', '--', 'true')).toEqual({ code: 0, stderr: '' });
  expect(await ship('--to', '-', '--verbose', '--', 'true')).toMatchObject({
    stderr: expect.stringMatching(/^true: ended with exit code 0\nshipped in \S+: - \(live\) no new lines\n$/),
  });
});

test('what a run has shipped is told; files are shown and proved by the names that they have now, and that people quote', async () => {
  const home = temporaryFolder();
  const cwd = home;
  const json = (...args: string[]) => runDsJson(['log', ...args], { home, cwd });
  writeFileSync(join(home, 'a.log'), 'one\ntwo\n');
  writeFileSync(join(home, 'b.log'), 'three\n');
  const ship = ['log', 'ship', '*.log', '--once', '--to', 'store', '--to', 'file:out', '-t', 'drop=|= "one"', '--json'];
  const { stdout } = await runDs(ship, { home, cwd });
  const [ready, end] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(ready).toMatchObject({ pipelines: ['store', 'file:out'], times: 'reading' });
  const each = { files: 2, lines: 3, bytes: 8, delivered: 2, dropped: 1, refused: 0, waiting: 0 };
  expect(end).toEqual({
    pipelines: [
      { name: 'store', ...each },
      { name: 'file:out', ...each },
    ],
    ms: expect.any(Number),
  });
  const verbose = await runDs([...ship.slice(0, -1), '--verbose'], { home, cwd });
  expect(verbose.stderr).toMatch(/^shipped in \S+: store no new lines; file:out no new lines\n$/m);
  renameSync(join(home, 'a.log'), join(home, 'a.log.1'));
  expect(await json('status')).toMatchObject({
    pipelines: [{}, { files: [{ path: join(home, 'a.log.1'), lag_bytes: 0 }, { path: join(home, 'b.log') }] }],
  });
  renameSync(join(home, 'a.log.1'), join(home, 'a.log'));
  expect(await json('verify', '*.log')).toMatchObject({
    clean: true,
    files: [{ path: join(home, 'a.log') }, { path: join(home, 'b.log') }],
  });
});

test('a --db that was named and is not there is told by all that only read, and not made', async () => {
  const home = temporaryFolder();
  const db = join(home, 'typo.db');
  for (const command of [
    ...[
      ['query', 'x'],
      ['tail'],
      ['context', 'x'],
      ['fields'],
      ['histogram'],
      ['export'],
      ['replay', 'x', '--to', '-'],
    ],
    ...[['stats'], ['status'], ['sql', 'SELECT 1'], ['verify', 'a.log'], ['compact']],
  ]) {
    const { code, stderr } = await runDs(['log', ...command, '--db', db], { home });
    const said = { code, stderr };
    expect({ command, ...said }).toEqual({
      command,
      code: 4,
      stderr: `error: ${db} does not exist\nhint:  name another file with --db PATH\n`,
    });
  }
  expect(existsSync(db)).toBe(false);
});

test('a replay counts what was taken: one bad entry of a push is refused by itself', async () => {
  const home = temporaryFolder();
  const lines = ['one', 'x'.repeat(300_000), 'three', 'four'];
  writeFileSync(join(home, 'a.log'), `${lines.join('\n')}\n`);
  const daemon = await startDs(['log', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const { http = '' } = daemon.ready.endpoints;
  const args = ['log', 'replay', '{}', 'a.log', '--to', `loki+${http}`, '--json'];
  const { code, stdout } = await runDs(args, { home, cwd: home });
  expect(JSON.parse(stdout)).toMatchObject({
    read: 4,
    delivered: 3,
    rejected: 1,
    reason: expect.stringMatching(/400/),
  });
  expect(code).toBe(1);
  const { stdout: stored } = await runDs(['log', 'query', '{}', '--url', http, '--since', '1d'], { home });
  expect(stored).toBe('one\nthree\nfour\n');
  await daemon.stop();
});

test('an answer that damaged blocks are missing in is one document that says so, with exit code 4', async () => {
  const home = temporaryFolder();
  const options = { home, cwd: home };
  writeFileSync(join(home, 'a.log'), 'one\n');
  const ship = ['log', 'ship', 'a.log', '--once', '--quiet'];
  expect(await runDs(ship, options)).toMatchObject({ code: 0 });
  appendFileSync(join(home, 'a.log'), 'two\n');
  expect(await runDs(ship, options)).toMatchObject({ code: 0 });
  const store = openStore(logFile, { path: join(home, 'log.db'), closing: 'leave' });
  store.write(() => store.statement<[]>('UPDATE blocks SET crc = crc + 1 WHERE id = 1').run());
  store.close();
  const answers = [
    [['query', 'sum(count_over_time({}[1d]))'], { series: [{ points: [{ value: 1 }] }] }],
    [['histogram'], { buckets: expect.any(Array) }],
    [['fields'], { entries: 1 }],
    [['replay', '{}', '--to', 'file:again.log'], { read: 1, delivered: 1 }],
    [['export', '{}', '-o', 'all.log'], { entries: 1 }],
    [['verify', 'a.log'], { clean: false }],
  ] as const;
  for (const [args, answer] of answers) {
    const { code, stdout, stderr } = await runDs(['log', ...args, '--json'], options);
    expect(JSON.parse(stdout), args[0]).toMatchObject({ ...answer, error: { code: 'log.damaged_block' } });
    expect({ code, stderr }, args[0]).toEqual({ code: 4, stderr: '' });
  }
  expect(await runDs(['log', 'fields'], options)).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(/^filename\t/m),
    stderr: expect.stringMatching(/^error: .*damaged/),
  });
});
