import { once } from 'node:events';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { runDs, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

interface Status {
  readonly pipelines: readonly {
    readonly name: string;
    readonly pid?: number;
    readonly entries_delivered: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly files: readonly { readonly path: string }[];
  }[];
}

async function statusOf(home: string): Promise<Status> {
  const { stdout } = await runDs(['log', 'status', '--json'], { home });
  return JSON.parse(stdout) as Status;
}

test('files go to two sinks, through a rotation, until SIGTERM; a second start goes on where that one was', async () => {
  const home = temporaryFolder();
  const log = join(home, 'app.log');
  const out = join(home, 'out.log');
  writeFileSync(log, 'one\ntwo\n');
  const args = [
    'log',
    'ship',
    log,
    '--to',
    'store',
    '--to',
    `file:${out}`,
    '--linger',
    '10ms',
    '--job',
    'app',
    '--quiet',
  ];
  const agent = spawnDs(args, { home });
  const ended = once(agent, 'exit');
  agent.stdout.resume();
  await waitFor(() => readFileSync(out, 'utf8') === 'one\ntwo\n', { what: 'the first lines' });

  const second = await runDs(args, { home });
  expect(second).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(`store is being shipped to by another ds log ship (pid ${agent.pid})`),
  });
  expect((await statusOf(home)).pipelines).toMatchObject([
    { name: `file:${out}`, pid: agent.pid, entries_delivered: 2 },
    { name: 'store', pid: agent.pid, files: [{ path: log }] },
  ]);

  renameSync(log, `${log}.1`);
  writeFileSync(log, 'three\n');
  await waitFor(() => readFileSync(out, 'utf8').endsWith('three\n'), { what: 'the line after the rotation' });
  agent.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);

  appendFileSync(log, 'four\n');
  expect(await runDs([...args, '--once'], { home })).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(out, 'utf8')).toBe('one\ntwo\nthree\nfour\n');
  const { stdout } = await runDs(['log', 'query', '{job="app"}', '--since', '1h'], { home });
  expect(stdout.trimEnd().split('\n').sort()).toEqual(['four', 'one', 'three', 'two']);
});

test('stdin and commands go through transforms to stdout; the exit code is that of the command', async () => {
  const home = temporaryFolder();
  const mail = await runDs(['log', 'ship', '-', '--to', '-', '-t', 'redact=email'], {
    home,
    input: 'from ada@example.org\nhalf',
  });
  expect(mail).toMatchObject({ code: 0, stdout: 'from ***\nhalf\n' });
  const command = await runDs(
    ['log', 'ship', '--to', '-', '-t', 'select=|= "keep"', '--', 'sh', '-c', 'echo keep; echo leave >&2; exit 3'],
    { home },
  );
  expect(command).toMatchObject({ code: 3, stdout: 'keep\n', stderr: 'sh: ended with exit code 3\n' });
  expect((await statusOf(home)).pipelines).toMatchObject([{ name: '- (live)', dropped: { 'not selected': 1 } }]);
});

test('a sink that is dead keeps its entries in the buffer, says so, and gets them by the next start', async () => {
  const home = temporaryFolder();
  const log = join(home, 'app.log');
  writeFileSync(log, 'kept\n');
  const dead = await runDs(
    ['log', 'ship', log, '--once', '--drain', '100ms', '--to', 'store', '--to', 'http://127.0.0.1:9/in'],
    { home },
  );
  expect(dead.code).toBe(3);
  expect(dead.stderr).toContain('warning: http://127.0.0.1:9/in: 127.0.0.1:9 cannot be reached: connect ECONNREFUSED');
  expect(dead.stderr).toContain('1 entry left in the buffer of http://127.0.0.1:9/in');
  const { code, stdout } = await runDs(['log', 'status'], { home });
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^pipeline\thttp:\/\/127\.0\.0\.1:9\/in\t\t0\t\d+\t0\t0\t0\t1\t\d+\t1\t0\t0\t127\.0\.0\.1:9 cannot be reached/m,
  );
  expect(stdout).toMatch(/^pipeline\tstore\t\t0\t0\t0\t0\t1\t/m);
});

test('pipelines of ds.yaml, read strictly', async () => {
  const home = temporaryFolder();
  writeFileSync(join(home, 'web.log'), 'level=error msg=bad\nlevel=info msg=good\n');
  const config = join(home, 'ds.yaml');
  const pipelines = (key: string) => `blocks:
  seq:
    listen: 127.0.0.1:0
  log:
    pipelines:
      web:
        ${key}: ${join(home, 'web.log')}
        transforms: ['parse=logfmt', {select: 'level="error"'}]
        labels: {team: checkout}
        to: ['file:${join(home, 'errors.log')}']
`;
  writeFileSync(config, pipelines('sources'));
  expect(await runDs(['log', 'ship', '--config', config, '--once', '--quiet'], { home })).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(readFileSync(join(home, 'errors.log'), 'utf8')).toBe('level=error msg=bad\n');
  writeFileSync(config, pipelines('source'));
  expect(await runDs(['log', 'ship', '--config', config], { home })).toMatchObject({
    code: 2,
    stderr: 'error: web has no "source"\nhint:  did you mean sources?\n',
  });
});

test('a pipeline of ds.yaml sends again what its sink has refused: --config and --dead-letters', async () => {
  const home = temporaryFolder();
  let status = 400;
  const taken: string[] = [];
  const sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (status === 200) taken.push(gunzipSync(Buffer.concat(chunks)).toString());
    response.writeHead(status).end();
  });
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  onTestFinished(async () => {
    sink.closeAllConnections();
    sink.close();
    await once(sink, 'close');
  });
  const { port } = sink.address() as AddressInfo;
  writeFileSync(join(home, 'web.log'), 'refused at first\n');
  const config = join(home, 'ds.yaml');
  const pipeline = { sources: [join(home, 'web.log')], to: [`http://127.0.0.1:${port}/in`] };
  writeFileSync(config, JSON.stringify({ blocks: { log: { pipelines: { web: pipeline } } } }));
  const ship = async (...args: string[]) => {
    const { code, stderr } = await runDs(['log', 'ship', '--config', config, '--once', ...args], { home });
    return { code, stderr };
  };
  expect((await ship()).stderr).toMatch(/1 entry refused, kept: ds log status --dead-letters/);
  status = 200;
  expect(await ship()).toEqual({ code: 0, stderr: '' });
  expect(taken).toEqual([]);
  expect(await ship('--dead-letters')).toEqual({
    code: 0,
    stderr: `web/http://127.0.0.1:${port}/in: 1 dead letters are sent again\n`,
  });
  expect(taken).toEqual([expect.stringContaining('refused at first')]);
  expect((await runDs(['log', 'status', '--dead-letters'], { home })).stdout).toBe('');
});
