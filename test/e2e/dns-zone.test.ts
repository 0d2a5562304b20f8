import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askDns } from '../helpers/ask-dns.js';
import { type RunOptions, runDs, runDsJson, spawnDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const fields = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));

const zoneText = (serial: number, ...lines: readonly string[]) =>
  ['$TTL 3600', `@ SOA ns1 root ${serial} 7200 3600 1209600 300`, '@ NS ns1', 'ns1 A 10.0.0.2', ...lines, ''].join(
    '\n',
  );

/** A home with a folder to work in, where shop.test.zone lies. */
function atWork() {
  const cwd = temporaryFolder();
  const options: RunOptions = { home: temporaryFolder(), cwd, timeoutMs: 60_000 };
  const write = (text: string, name = 'shop.test.zone') => writeFileSync(join(cwd, name), text);
  const zone = (...args: string[]) => runDs(['dns', 'zone', ...args], options);
  const json = (...args: string[]) => runDsJson(['dns', 'zone', ...args], options);
  return { options, write, zone, json };
}

describe('zone import', () => {
  test('makes a zone, then writes only what differs', async () => {
    const { write, zone, json } = atWork();
    write(zoneText(5, 'www A 10.0.0.7'));
    expect(await json('import', 'shop.test.zone')).toEqual({
      ...{ zone: 'shop.test.', changed: true, serial: 5, removed: 0, added: 4, unchanged: 0 },
      ...{ dry_run: false, warnings: [] },
    });
    write(zoneText(5, 'www A 10.0.0.8', 'api A 10.0.0.9'));
    const dry = await zone('import', 'shop.test.zone', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: 'shop.test.\t5\t6\t1\t2\t3\n', stderr: '' });
    expect((await json('list')) as object).toMatchObject({ zones: [{ serial: 5, records: 4 }] });
    expect(await zone('import', 'shop.test.zone')).toMatchObject({ code: 0, stdout: dry.stdout });
    expect(await zone('import', 'shop.test.zone')).toMatchObject({ code: 0, stdout: 'shop.test.\t6\t6\t0\t0\t5\n' });
  });

  test('reads stdin, and takes another origin', async () => {
    const { options, json } = atWork();
    const args = ['dns', 'zone', 'import', '-', '--origin', 'stage.test'];
    const { code, stdout } = await runDs(args, { ...options, input: zoneText(7) });
    expect([code, stdout]).toEqual([0, 'stage.test.\t\t7\t0\t3\t0\n']);
    expect(await json('history', 'stage.test')).toMatchObject({ changes: [{ kind: 'baseline', source: 'stdin' }] });
  });

  test('reads a pipe that has a name, as shells make of <(command)', async () => {
    const { options, write, json } = atWork();
    write(`$ORIGIN shop.test.\n${zoneText(7)}`);
    const run = `'${process.execPath}' '${join(import.meta.dirname, '../../bin/run.js')}'`;
    const env = { ...process.env, DS_HOME: options.home };
    execFileSync('bash', ['-c', `${run} dns zone import <(cat shop.test.zone)`], {
      cwd: options.cwd,
      env,
      stdio: 'pipe',
    });
    expect(await json('list')).toMatchObject({ zones: [{ zone: 'shop.test.', serial: 7 }] });
  });

  test('tells warnings with file and line, and takes the zone', async () => {
    const { write, zone, json } = atWork();
    write(zoneText(5, 'www.other.test. A 10.0.0.7', 'a 60 A 10.0.0.1', 'a 30 A 10.0.0.2'));
    const { code, stderr } = await zone('import', 'shop.test.zone');
    expect([code, stderr.split('\n')]).toEqual([
      0,
      [
        expect.stringMatching(/^warning: shop\.test\.zone:5: .*outside of the zone/),
        expect.stringMatching(/^warning: shop\.test\.zone:6: .*several TTLs/),
        '',
      ],
    ]);
    write(zoneText(6, 'www.other.test. A 10.0.0.7'));
    expect(await json('import', 'shop.test.zone')).toMatchObject({
      warnings: [{ code: 'out_of_zone', file: 'shop.test.zone', line: 5, name: 'www.other.test.' }],
    });
  });

  test('refuses what makes no zone, with every problem, and changes nothing', async () => {
    const { write, zone, json } = atWork();
    write(zoneText(5));
    await zone('import', 'shop.test.zone');
    write(zoneText(6, 'a CNAME b.test.', 'a A 10.0.0.1', 'c CNAME b.test.', 'c CNAME d.test.'));
    const refused = await zone('import', 'shop.test.zone');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/^shop\.test\.zone:5: error: a\.shop\.test\./m);
    expect(refused.stderr).toMatch(/^shop\.test\.zone:7: error: c\.shop\.test\./m);
    expect(refused.stderr).toMatch(/^error: shop\.test\.zone makes no zone: .* \(and 1 more\)$/m);
    write(zoneText(6, 'a A 10.0.0.256'));
    const unread = await zone('import', 'shop.test.zone', '--json');
    expect([unread.code, JSON.parse(unread.stdout)]).toEqual([
      2,
      { error: expect.objectContaining({ code: 'dns.bad_zone_file', file: 'shop.test.zone', line: 5 }) },
    ]);
    expect(await json('list')).toMatchObject({ zones: [{ serial: 5, records: 3 }] });
  });

  test('that is interrupted leaves nothing behind', async () => {
    const { options, json } = atWork();
    const tmp = temporaryFolder();
    const child = spawnDs(['dns', 'zone', 'import', '-'], {
      ...options,
      env: { TMPDIR: tmp, NODE_DISABLE_COMPILE_CACHE: '1' },
    });
    child.stdin.on('error', () => {});
    child.stdin.write(`$ORIGIN shop.test.\n${zoneText(5)}`);
    await waitFor(() => readdirSync(tmp).length > 0, { what: 'stdin to be kept', timeoutMs: 15_000 });
    const ended = new Promise<unknown>((resolve) => child.on('close', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(tmp)).toEqual([]);
    expect(await json('list')).toEqual({ zones: [] });
  });
});

test('zone export gives a file that an import finds nothing new in', async () => {
  const { options, write, zone } = atWork();
  write(zoneText(5, 'www 60 A 10.0.0.7', 'txt TXT "a;b" "\\"\\200"', '*.x MX 10 mail.test.', 'z TYPE65280 \\# 2 abcd'));
  await zone('import', 'shop.test.zone');
  const { code, stdout } = await zone('export', 'shop.test');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\$ORIGIN shop\.test\.\n\$TTL 3600/);
  expect(await runDs(['dns', 'zone', 'import', '-'], { ...options, input: stdout })).toMatchObject({
    ...{ code: 0, stdout: 'shop.test.\t5\t5\t0\t0\t7\n', stderr: '' },
  });
  expect(await zone('export', 'shop.test', '--json')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('record list'),
  });
  expect(await zone('export', 'other.test')).toMatchObject({ code: 1, stdout: '' });
});

test('zone check tells what an import would, of several files, without a store', async () => {
  const { options, write, zone } = atWork();
  write(zoneText(5));
  write(zoneText(5, 'a NS ns.a'), 'db.odd.test');
  write(zoneText(5, 'a A 10.0.0.256'), 'bad.test.zone');
  expect(await zone('check', 'shop.test.zone')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const all = await zone('check', 'shop.test.zone', 'db.odd.test', 'bad.test.zone');
  expect([all.code, all.stderr]).toEqual([1, '']);
  expect(fields(all.stdout)).toEqual([
    ['db.odd.test', '5', 'warning', expect.any(String), 'a.odd.test.', expect.stringContaining('glue')],
    ['bad.test.zone', '5', 'error', 'bad_zone_file', '', expect.stringContaining('10.0.0.256')],
  ]);
  const { stdout } = await zone('check', 'shop.test.zone', 'bad.test.zone', '--json');
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { file: 'shop.test.zone', ok: true, zone: 'shop.test.', serial: 5, records: 3, problems: [] },
    { file: 'bad.test.zone', ok: false, problems: [expect.objectContaining({ severity: 'error', line: 5 })] },
  ]);
  expect((await zone('check', 'missing.zone')).code).toBe(2);
  expect(readdirSync(options.home ?? '')).toEqual([]);
});

test('history, differences and the way back', async () => {
  const { write, zone, json } = atWork();
  write(zoneText(5, 'www A 10.0.0.7'));
  await zone('import', 'shop.test.zone');
  expect(await zone('diff', 'shop.test')).toMatchObject({ code: 0, stdout: '' });
  write(zoneText(6, 'www A 10.0.0.8', 'api A 10.0.0.9'));
  await zone('import', 'shop.test.zone', '-m', 'moved');

  const { changes } = (await json('history', 'shop.test')) as { changes: object[] };
  expect(changes).toEqual([
    {
      ...{ serial: 6, serial_before: 5, at: expect.stringMatching(/Z$/), kind: 'import', removed: 1, added: 2 },
      ...{ journalled: true, source: expect.stringMatching(/^\/.*\/shop\.test\.zone$/), comment: 'moved' },
    },
    expect.objectContaining({ serial: 5, kind: 'baseline' }),
  ]);
  expect(fields((await zone('history', 'shop.test', '-n', '1')).stdout)).toEqual([
    ['6', expect.stringMatching(/Z$/), 'import', '1', '2', 'yes', expect.any(String), 'moved'],
  ]);

  const last = await zone('diff', 'shop.test');
  expect([last.code, fields(last.stdout)]).toEqual([
    1,
    [
      ['-', 'shop.test.', '3600', 'SOA', expect.stringContaining(' 5 7200 ')],
      ['+', 'shop.test.', '3600', 'SOA', expect.stringContaining(' 6 7200 ')],
      ['+', 'api.shop.test.', '3600', 'A', '10.0.0.9'],
      ['-', 'www.shop.test.', '3600', 'A', '10.0.0.7'],
      ['+', 'www.shop.test.', '3600', 'A', '10.0.0.8'],
    ],
  ]);
  const back = (await zone('diff', 'shop.test', '6', '5', '--json')).stdout.trim().split('\n');
  expect(back.map((line) => JSON.parse(line))).toContainEqual({
    ...{ op: 'removed', name: 'api.shop.test.', ttl: 3600, type: 'A', data: '10.0.0.9' },
  });

  const dry = await zone('rollback', 'shop.test', '5', '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toEqual({
    ...{ zone: 'shop.test.', changed: false, serial: 6, serial_before: 6, removed: 2, added: 1, to: 5, dry_run: true },
  });
  const asked = await zone('rollback', 'shop.test', '5');
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('ds dns zone rollback shop.test 5 --yes')]);
  expect(await zone('rollback', 'shop.test', '5', '--yes')).toMatchObject({
    code: 0,
    stdout: 'shop.test.\t6\t7\t2\t1\n',
  });
  expect(await zone('diff', 'shop.test', '5')).toMatchObject({ code: 1 });
  expect(fields((await zone('diff', 'shop.test', '5')).stdout).map(([, , , type]) => type)).toEqual(['SOA', 'SOA']);
  expect(await zone('rollback', 'shop.test', '4', '--yes')).toMatchObject({ code: 1, stdout: '' });
});

test('a zone is compared with a file as an import would', async () => {
  const { write, zone } = atWork();
  write(zoneText(5, 'www A 10.0.0.7'));
  await zone('import', 'shop.test.zone');
  write(zoneText(4, 'www A 10.0.0.7'));
  expect(await zone('diff', 'shop.test', '--file', 'shop.test.zone')).toMatchObject({ code: 0, stdout: '' });
  write(zoneText(4, 'www A 10.0.0.8'));
  expect(await zone('diff', 'shop.test', '--file', 'shop.test.zone')).toMatchObject({
    ...{ code: 1, stdout: '-\twww.shop.test.\t3600\tA\t10.0.0.7\n+\twww.shop.test.\t3600\tA\t10.0.0.8\n' },
  });
  expect(await zone('diff', 'shop.test', '5', '--file', 'shop.test.zone')).toMatchObject({ code: 2 });
  expect(await zone('diff', 'other.test', '--file', 'shop.test.zone')).toMatchObject({ code: 1 });
});

test('zone delete wants --yes, and takes everything with it', async () => {
  const { write, zone } = atWork();
  write(zoneText(5));
  await zone('import', 'shop.test.zone');
  const asked = await zone('delete', 'shop.test');
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('hint:  ds dns zone delete shop.test --yes')]);
  expect(await zone('delete', 'shop.test', '--yes')).toMatchObject({ code: 0, stdout: 'shop.test.\t5\t3\n' });
  expect(await zone('delete', 'shop.test', '--yes')).toMatchObject({ code: 1, stdout: '' });
  expect(await zone('history', 'shop.test')).toMatchObject({ code: 1, stdout: '' });
});

const refused: readonly [readonly string[], string][] = [
  [['import'], 'a file or from servers'],
  [['import', 'missing.zone'], 'missing.zone'],
  [['import', 'x', '--origin', 'a..b'], 'a..b'],
  [['rollback', 'shop.test', 'yesterday', '--yes'], 'yesterday'],
  [['rollback', 'shop.test', '4294967296', '--yes'], '4294967296'],
  [['diff', 'shop.test', '-1'], '-1'],
  [['list', '--url', 'udp://192.0.2.1'], 'dynamic update is not there yet'],
];

test.each(refused)('zone %j is refused, with the value', async (args, value) => {
  const { code, stdout, stderr } = await atWork().zone(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(value);
});

test('a running name server answers by what is imported and taken back, at once', async () => {
  const { options, write, zone, json } = atWork();
  const daemon = await startDs(['dns', 'serve', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'], options);
  const ask = (name: string, type = 'A') => askDns(daemon.ready.endpoints['udp'] ?? '', name, type);
  write(zoneText(5, 'www A 10.0.0.7'));
  await zone('import', 'shop.test.zone');
  expect(await ask('www.shop.test')).toEqual(['3600 A 10.0.0.7']);
  write(zoneText(6, 'www 60 A 10.0.0.8'));
  await zone('import', 'shop.test.zone');
  expect(await ask('www.shop.test')).toEqual(['60 A 10.0.0.8']);
  await zone('rollback', 'shop.test', '5', '--yes');
  expect(await ask('www.shop.test')).toEqual(['3600 A 10.0.0.7']);
  expect(await ask('shop.test', 'SOA')).toEqual([expect.stringContaining(' 7 7200 ')]);
  await zone('delete', 'shop.test', '--yes');
  expect(await ask('www.shop.test')).toEqual(['REFUSED']);

  expect(await json('list')).toEqual({ zones: [] });
  const stats = await runDsJson(['dns', 'stats'], options);
  expect(stats).toMatchObject({
    ...{ zones: 0, records: 0, targets: 0, cached: 0 },
    daemons: [{ pid: daemon.ready.pid, started_at: expect.stringMatching(/Z$/), queries: { udp: 5, tcp: 0 } }],
  });
  expect(stats).toMatchObject({
    daemons: [{ responses: expect.arrayContaining([{ type: 'A', rcode: 'NOERROR', source: 'zone', count: 3 }]) }],
  });
  const piped = fields((await runDs(['dns', 'stats'], options)).stdout);
  expect(piped).toEqual(
    expect.arrayContaining([
      ['zones', '0'],
      ['queries', String(daemon.ready.pid), 'udp', '5'],
      ['responses', String(daemon.ready.pid), 'A', 'REFUSED', 'refused', '1'],
    ]),
  );
});

test('a zone file that is served is read again when it changes', async () => {
  const { options, write } = atWork();
  write(zoneText(1, 'www A 10.0.0.7'));
  const serve = ['dns', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off', '--zone-file', 'shop.test.zone'];
  const daemon = await startDs(serve, options);
  const ask = () => askDns(daemon.ready.endpoints['udp'] ?? '', 'www.shop.test', 'A');
  expect(await ask()).toEqual(['3600 A 10.0.0.7']);
  write(zoneText(1, 'www A 10.0.0.256'));
  await waitFor(() => daemon.stderr().includes('10.0.0.256'), { what: 'a warning', timeoutMs: 10_000 });
  expect(daemon.stderr()).toContain('shop.test.zone:5');
  expect(await ask()).toEqual(['3600 A 10.0.0.7']);
  write(zoneText(1, 'www A 10.0.0.8'));
  await waitFor(async () => (await ask())[0] === '3600 A 10.0.0.8', { what: 'the new address', timeoutMs: 10_000 });
  expect(await daemon.stop()).toMatchObject({ code: 0 });
});
