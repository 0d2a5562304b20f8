import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askDns } from '../helpers/ask-dns.js';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

/** A daemon with a file of its own; `ds` works on that file. */
async function startServer(...options: string[]) {
  const folder = temporaryFolder();
  const db = join(folder, 'dns.db');
  const { ready } = await startDs(
    ['dns', 'serve', '--db', db, '--listen', '127.0.0.1:0', '--admin', 'off', ...options],
    {
      home: folder,
    },
  );
  const { port } = new URL(ready.endpoints['udp'] ?? '');
  const home = { home: folder, cwd: folder, timeoutMs: 60_000 };
  const ds = (...args: string[]) => runDs(['dns', ...args, '--db', db], home);
  const json = (...args: string[]) => runDsJson(['dns', ...args, '--db', db], home);
  return { place: `127.0.0.1:${port}`, ds, json, folder };
}

async function startPrimary(...options: string[]) {
  const server = await startServer('--allow-transfer', '127.0.0.1', ...options);
  writeFileSync(
    join(server.folder, 'shop.test.zone'),
    '$TTL 300\n@ SOA ns1 root 7 7200 3600 1209600 300\n@ NS ns1\nns1 A 10.0.0.2\nwww TXT "a \\027[31m"\napi A 10.0.0.7\n',
  );
  expect((await server.ds('zone', 'import', 'shop.test.zone')).code).toBe(0);
  return server;
}

const axfr = (...args: string[]) => runDs(['dns', 'axfr', ...args]);

test('axfr prints a master file that is the zone again', async () => {
  const { place, ds } = await startPrimary();
  const { code, stdout, stderr } = await axfr('shop.test', `@${place}`);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe((await ds('zone', 'export', 'shop.test')).stdout);
  // The server may stand first, as with dig.
  expect((await axfr(`@${place}`, 'shop.test')).stdout).toBe(stdout);
});

test('axfr --serial prints what changed; --json an object a line', async () => {
  const { place, ds } = await startPrimary();
  await ds('record', 'set', 'api.shop.test', 'A', '10.0.0.8');
  const { code, stdout } = await axfr('shop.test', place, '--serial', '7');
  const soa = (serial: number) =>
    `shop.test.\t300\tSOA\tns1.shop.test. root.shop.test. ${serial} 7200 3600 1209600 300`;
  expect([code, stdout.split('\n')]).toEqual([
    0,
    [`-\t${soa(7)}`, '-\tapi.shop.test.\t300\tA\t10.0.0.7', `+\t${soa(8)}`, '+\tapi.shop.test.\t300\tA\t10.0.0.8', ''],
  ]);
  const current = await axfr('shop.test', place, '--serial', '8');
  expect(current).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(/^nothing is newer: .* serial 8\n/),
  });
  const lines = (await axfr('shop.test', place, '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toEqual({ zone: 'shop.test.', server: `tcp://${place}`, form: 'whole', serial: 8 });
  expect(lines.slice(1)).toContainEqual({ op: 'added', name: 'api.shop.test.', ttl: 300, type: 'A', data: '10.0.0.8' });
});

test('axfr says why there is no zone, and exits 3', async () => {
  const closed = await startServer();
  expect(await axfr('shop.test', closed.place)).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^error: tcp:.* does not transfer shop\.test\.: REFUSED\nhint: +allow it there/),
  });
  expect((await axfr('shop.test', '127.0.0.1:1')).code).toBe(3);
  expect((await axfr('shop.test', 'https://127.0.0.1')).code).toBe(2);
});

test('zone import --from fetches once: the zone is ours then', async () => {
  const primary = await startPrimary();
  const copy = await startServer();
  const report = await copy.json('zone', 'import', '--from', primary.place, '--origin', 'shop.test');
  expect(report).toEqual({
    ...{ zone: 'shop.test.', changed: true, serial: 7, removed: 0, added: 5, unchanged: 0, dry_run: false },
    ...{ from: `udp://${primary.place}`, followed: false },
  });
  expect((await copy.ds('record', 'set', 'api.shop.test', 'A', '10.0.0.9')).code).toBe(0);
  const dry = await copy.ds('zone', 'import', '--from', primary.place, '--origin', 'shop.test', '--dry-run');
  expect(dry.stdout).toBe('shop.test.\t8\t9\t1\t1\t4\n');
});

test('zone import --from --follow: a copy that follows, cannot be edited, and tells how it stands', async () => {
  const copy = await startServer();
  const primary = await startPrimary('--notify', copy.place);
  const args = ['zone', 'import', '--from', primary.place, '--origin', 'shop.test', '--follow'];
  expect(await copy.json(...args)).toMatchObject({ serial: 7, followed: true, primaries: [`udp://${primary.place}`] });
  expect((await copy.ds('record', 'set', 'api.shop.test', 'A', '10.0.0.9')).code).toBe(2);

  await primary.ds('record', 'set', 'api.shop.test', 'A', '10.0.0.8');
  await waitFor(async () => (await askDns(copy.place, 'api.shop.test', 'A')).includes('300 A 10.0.0.8'), {
    timeoutMs: 10_000,
  });
  const [zone] = ((await copy.json('zone', 'list')) as { zones: object[] }).zones;
  expect(zone).toMatchObject({
    ...{ zone: 'shop.test.', kind: 'secondary', serial: 8 },
    copy: { state: 'current', primaries: [`udp://${primary.place}`], checked_with: `udp://${primary.place}` },
  });
  expect((await copy.ds('zone', 'list')).stdout).toMatch(/\tcurrent\t\n$/);

  expect((await copy.ds('zone', 'delete', 'shop.test', '--yes')).code).toBe(0);
  expect((await primary.ds(...args)).code, 'a zone that is primary here is no copy').toBe(2);
});

test('a zone comes from a file or from servers, whose names are checked first', async () => {
  const { ds } = await startServer();
  const cases: [string[], RegExp][] = [
    [['--from', '127.0.0.1'], /--from needs --origin/],
    [['--follow', 'shop.test.zone'], /--follow needs --from/],
    [['shop.test.zone', '--from', '127.0.0.1', '--origin', 'shop.test'], /from a file or from servers/],
    [['--from', 'https://127.0.0.1', '--origin', 'shop.test'], /come over TCP or TLS/],
    [['--from', '192.0.2.999', '--origin', 'shop.test'], /no name server/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await ds('zone', 'import', ...args);
    expect([args, code]).toEqual([args, 2]);
    expect(stderr).toMatch(message);
  }
});
