/** The commands that ask logs, as they are built: of files, stdin, the store and a daemon. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const LINES = [
  '2026-01-31T12:00:00Z level=info msg=started status=200',
  '2026-01-31T12:00:30Z level=error msg="timed out" status=504',
  '2026-01-31T12:02:00Z level=info msg=done status=200',
];

function inFolder() {
  const home = temporaryFolder();
  writeFileSync(join(home, 'app.log'), `${LINES.slice(1).join('\n')}\n`);
  writeFileSync(join(home, 'app.log.1.gz'), gzipSync(`${LINES[0]}\n`));
  const log = async (args: readonly string[], input = '') => {
    const { code, stdout, stderr } = await runDs(['log', ...args], { home, cwd: home, input });
    return { code, stdout, stderr };
  };
  const json = (...args: string[]) => runDsJson(['log', ...args], { home, cwd: home });
  return { home, log, json };
}

test('files and stdin are asked with no server: lines, numbers, context, fields, over time', async () => {
  const { log, json } = inFolder();
  expect(await log(['query', '{}', 'app.log*'])).toEqual({ code: 0, stdout: `${LINES.join('\n')}\n`, stderr: '' });
  expect(await log(['query', 'timed out', '-', '-L'], `${LINES.join('\n')}\n`)).toMatchObject({
    stdout: `2026-01-31T12:00:30.000Z\t{filename="stdin"}\t${LINES[1]}\n`,
  });
  expect(await json('query', '{} | logfmt | status >= 500', 'app.log')).toEqual({
    timestamp: '2026-01-31T12:00:30.000Z',
    timestamp_ns: '1769860830000000000',
    line: LINES[1],
    labels: { filename: 'app.log', level: 'error', msg: 'timed out', status: '504' },
    stream: { filename: 'app.log' },
  });
  const counted = 'sum by (level) (count_over_time({} | logfmt [$__range]))';
  expect((await log(['query', counted, 'app.log*'])).stdout).toBe(
    '2026-01-31T12:02:00.000Z\t{level="error"}\t1\n2026-01-31T12:02:00.000Z\t{level="info"}\t2\n',
  );
  expect(await json('query', counted, 'app.log*', '--step', '1m')).toMatchObject({ result_type: 'matrix' });
  expect((await log(['context', 'timed', 'app.log', '-C', '1'])).stdout).toBe(`>\t${LINES[1]}\n \t${LINES[2]}\n`);
  expect((await log(['fields', '{}', 'app.log*', '--quiet'])).stdout).toContain(
    'status\tlogfmt\tnumber\t3\t2\t200 (2), 504 (1)',
  );
  expect((await log(['histogram', '{}', 'app.log*', '--step', '1m'])).stdout).toBe(
    '2026-01-31T12:00:00.000Z\tinfo\t1\n2026-01-31T12:00:00.000Z\terror\t1\n2026-01-31T12:02:00.000Z\tinfo\t1\n',
  );
  expect(await log(['query', 'nothing', 'app.log'])).toEqual({ code: 1, stdout: '', stderr: '' });
  const again = [
    'replay',
    '{}',
    'app.log',
    '--to',
    '-',
    '--transform',
    'parse=logfmt',
    '--transform',
    'select=level="error"',
  ];
  expect(await log(again)).toEqual({
    code: 0,
    stdout: `${LINES[1]}
`,
    stderr: '',
  });
});

test('what is asked wrongly is told', async () => {
  const { log } = inFolder();
  const refused = async (...args: string[]) => {
    const { code, stderr } = await log(args);
    return `${code} ${stderr.split('\n')[0]}`;
  };
  expect(await refused('query', '{} |=', 'app.log')).toMatch(/^2 error: parse error at line 1, col \d+: /);
  expect(await refused('query', 'x', 'timed', 'out')).toBe('2 error: cannot read timed: there is no such file');
  expect(await refused('query', 'x', 'app.log', '--db', 'y')).toMatch(
    /^2 error: files are asked, or a store: app.log and --db/,
  );
  expect(await refused('query', 'x', 'app.log', '--since', 'never')).toBe('2 error: --since is "never", not a time');
  expect(await refused('query', 'x', '--since', '1h', '--until', '2h')).toBe('2 error: --since is not before --until');
  expect(await refused('query', 'x', 'app.log', '--step', '1m')).toMatch(/^2 error: --step is for queries of numbers/);
  expect(await refused('query', '{a="b"}', '--url', 'http://127.0.0.1:1')).toMatch(
    /^3 error: http:\/\/127.0.0.1:1 cannot be asked/,
  );
  expect(await refused('export', '-o', 'app.log')).toBe('2 error: app.log is there already');
  expect(await refused('sql', 'DELETE FROM blocks')).toMatch(/^2 error: the query cannot be run/);
});

test('the store and a daemon on it answer alike; what is exported is what was stored', async () => {
  const { home, log, json } = inFolder();
  expect((await log(['ship', '--once', 'app.log', '--transform', 'timestamp=auto'])).code).toBe(0);
  const since = ['--since', '2026-01-01'];
  const daemon = await startDs(['log', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off', '--keep', '0'], { home });
  const at = ['--url', daemon.ready.endpoints['http'] ?? ''];
  for (const target of [[], at]) {
    const { stdout } = await log(['query', '{filename=~".+"}', ...since, ...target]);
    expect({ target, stdout }).toEqual({ target, stdout: `${LINES.slice(1).join('\n')}\n` });
    const around = await log(['context', '{filename=~".+"} |= "done"', ...since, '-C', '1', ...target]);
    expect(around.stdout).toBe(` \t${LINES[1]}\n>\t${LINES[2]}\n`);
    const number = await json('query', 'sum(count_over_time({filename=~".+"}[$__range]))', ...since, ...target);
    expect(number).toMatchObject({ series: [{ points: [{ value: 2 }] }] });
  }
  expect((await daemon.stop()).code).toBe(0);
  expect((await log(['export', '-o', 'all.gz', '--quiet'])).code).toBe(0);
  expect(gunzipSync(readFileSync(join(home, 'all.gz'))).toString()).toBe(`${LINES.slice(1).join('\n')}\n`);
  expect((await log(['sql', 'SELECT level, count(*) FROM log_entries GROUP BY 1'])).stdout).toBe('error\t1\ninfo\t1\n');
  expect(await json('stats')).toMatchObject({
    tenants: [{ tenant: 'fake', entries: 2, first_at: '2026-01-31T12:00:30.000Z' }],
  });
  expect(await json('compact', '--keep', '1d')).toMatchObject({ removed_entries: 2 });
});
