import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askDns } from '../helpers/ask-dns.js';
import { type RunOptions, runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const fields = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));

function inNewHome() {
  const options: RunOptions = { home: temporaryFolder() };
  const record = (...args: string[]) => runDs(['dns', 'record', ...args], options);
  const json = (...args: string[]) => runDsJson(['dns', 'record', ...args], options);
  return { options, record, json };
}

describe('record set', () => {
  test('makes the zone on demand, says from which serial to which, and can be said again', async () => {
    const { record, json } = inNewHome();
    const made = await json('set', 'api.shop.test', 'A', '10.0.0.7', '--ttl', '60', '--create');
    expect(made).toEqual({
      ...{ zone: 'shop.test.', changed: true, created: true, removed: 0, added: 1 },
      ...{ serial: expect.any(Number), serial_before: expect.any(Number) },
      ...{ name: 'api.shop.test.', type: 'A', ttl: 60, values: ['10.0.0.7'] },
    });
    const second = await record('set', 'api.shop.test.', 'A', '10.0.0.8', '10.0.0.9');
    const [[zone, before, serial, removed, added] = []] = fields(second.stdout);
    expect([second.code, second.stderr, zone, removed, added]).toEqual([0, '', 'shop.test.', '1', '2']);
    expect(Number(serial)).toBe(Number(before) + 1);
    expect(await json('set', 'api.shop.test', 'A', '10.0.0.9', '10.0.0.8')).toMatchObject({
      ...{ changed: false, created: false, serial: Number(serial), serial_before: Number(serial) },
      ...{ ttl: 60, values: ['10.0.0.8', '10.0.0.9'] },
    });
  });

  test('without a zone for the name says how to make one; the hint can be pasted', async () => {
    const { options, record, json } = inNewHome();
    const { code, stdout, stderr } = await record('set', 'shop.test', 'TXT', "it's; here", '--ttl', '5m');
    expect([code, stdout]).toEqual([1, '']);
    const hint = /^hint: {2}ds (.*)$/m.exec(stderr)?.[1] ?? '';
    expect(hint).toBe(String.raw`dns record set shop.test TXT 'it'\''s; here' --ttl 5m --create`);
    const words = ['dns', 'record', 'set', 'shop.test', 'TXT', "it's; here", '--ttl', '5m', '--create'];
    expect((await runDs(words, options)).code).toBe(0);
    expect(await json('get', 'shop.test', 'TXT')).toEqual({
      zone: 'shop.test.',
      records: [{ name: 'shop.test.', ttl: 300, type: 'TXT', data: '"it\'s; here"' }],
    });
  });

  test('reads data as it is typed', async () => {
    const { record } = inNewHome();
    await record('set', 'shop.test', 'MX', '10', 'mail.shop.test', '--create');
    await record('set', 'shop.test', 'MX', '20 backup.shop.test', '--add');
    await record('set', 'shop.test', 'TXT', 'v=spf1 mx -all', 'x'.repeat(300));
    await record('set', 'geo.shop.test', 'LOC', '--', '52', '22', '23', 'N', '4', '53', '32', 'E', '-2m');
    const { stdout } = await record('list', 'shop.test', '--type', 'mx', '-t', 'TXT', '-t', 'LOC');
    expect(fields(stdout).map(([name, , type, data]) => [name, type, data])).toEqual([
      ['shop.test.', 'MX', '10 mail.shop.test.'],
      ['shop.test.', 'MX', '20 backup.shop.test.'],
      ['shop.test.', 'TXT', '"v=spf1 mx -all"'],
      ['shop.test.', 'TXT', `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`],
      ['geo.shop.test.', 'LOC', expect.stringContaining('52 22 23.000 N 4 53 32.000 E -2.00m')],
    ]);
  });

  test('warns of a target that may have been meant within the zone', async () => {
    const { record } = inNewHome();
    const { code, stderr } = await record('set', 'api.shop.test', 'CNAME', 'www', '--create');
    expect([code, stderr]).toEqual([0, expect.stringContaining('"www" stands for the top level name "www."')]);
    expect((await record('set', 'api.shop.test', 'CNAME', 'www', '-q')).stderr).toBe('');
  });

  test('writes into the file that --db names, and hints say so, too', async () => {
    const { record, options } = inNewHome();
    const db = join(options.home ?? '', 'my file.db');
    const refused = await record('set', 'a.test', 'A', '10.0.0.1', '--db', db);
    expect(refused.stderr).toContain(`--db '${db}' --create`);
    await record('set', 'a.test', 'A', '10.0.0.1', '--db', db, '--create');
    expect((await record('get', 'a.test', 'A', '--db', db)).code).toBe(0);
    expect((await record('get', 'a.test', 'A')).code).toBe(1);
  });
});

describe('record get, list and delete', () => {
  test('get tells what stands there, and exit code 1 that nothing does', async () => {
    const { record } = inNewHome();
    await record('set', '*.shop.test', 'A', '10.0.0.7', '--create');
    expect(await record('get', '*.shop.test')).toMatchObject({ code: 0, stdout: '*.shop.test.\t3600\tA\t10.0.0.7\n' });
    const none = await record('get', 'www.shop.test', 'A');
    expect(none).toMatchObject({ code: 1, stdout: '', stderr: 'www.shop.test. has no A records in shop.test.\n' });
    expect(JSON.parse((await record('get', 'www.shop.test', '--json')).stdout)).toEqual({
      zone: 'shop.test.',
      records: [],
    });
    expect((await record('get', 'www.other.test')).stderr).toMatch(
      /no zone here holds .*\nhint: {2}ds dns zone list\n/,
    );
  });

  test('list gives zones, or what is at and below a name, as lines or as objects', async () => {
    const { record, json } = inNewHome();
    await json('set', 'api.shop.test', 'A', '10.0.0.7', '--create');
    await json('set', 'v1.api.shop.test', 'A', '10.0.0.8');
    await json('set', 'other.test', 'A', '10.0.0.9', '--create');
    const names = async (...args: string[]) => fields((await record('list', ...args)).stdout).map(([name]) => name);
    expect(await names('--type', 'A')).toEqual(['other.test.', 'api.shop.test.', 'v1.api.shop.test.']);
    expect(await names('api.shop.test')).toEqual(['api.shop.test.', 'v1.api.shop.test.']);
    expect(await names('shop.test')).toEqual(['shop.test.', 'shop.test.', 'api.shop.test.', 'v1.api.shop.test.']);
    const { stdout } = await record('list', 'v1.api.shop.test', '--json');
    expect(JSON.parse(stdout)).toEqual({
      ...{ zone: 'shop.test.', name: 'v1.api.shop.test.', ttl: 3600, type: 'A', data: '10.0.0.8' },
    });
    expect(await record('list', '--type', 'MX')).toMatchObject({ code: 1, stdout: '' });
  });

  test('delete takes away one record, and more of them only with --yes', async () => {
    const { record, json } = inNewHome();
    await json('set', 'api.shop.test', 'A', '10.0.0.7', '10.0.0.8', '10.0.0.9', '--create');
    expect(await json('delete', 'api.shop.test', 'A', '10.0.0.8')).toMatchObject({
      ...{ zone: 'shop.test.', changed: true, removed: 1, added: 0 },
      records: [{ name: 'api.shop.test.', type: 'A', data: '10.0.0.8' }],
    });
    const asked = await record('delete', 'api.shop.test', '-m', 'no more');
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toContain("hint:  ds dns record delete api.shop.test -m 'no more' --yes");
    expect((await record('get', 'api.shop.test')).code).toBe(0);
    expect((await record('delete', 'api.shop.test', '--yes')).code).toBe(0);
    expect(await record('delete', 'api.shop.test')).toMatchObject({ code: 1, stdout: '' });
  });
});

const refused: readonly [readonly string[], number, string][] = [
  [['set', 'shop.test', 'A'], 2, 'VALUE'],
  [['set', 'shop.test', 'AA', '10.0.0.1'], 2, 'did you mean A?'],
  [['set', 'shop.test', 'ANY', '10.0.0.1'], 2, 'ANY is a type to ask for'],
  [['set', 'shop.test', 'A', '10.0.0.256'], 2, '10.0.0.256'],
  [['set', 'shop.test', 'A', '10.0.0.1', '--ttl', 'soon'], 2, '--ttl is "soon"'],
  [['set', 'shop..test', 'A', '10.0.0.1'], 2, 'shop..test'],
  [['set', '@', 'A', '10.0.0.1'], 2, 'written in full'],
  [['set', 'a.test', 'A', '10.0.0.1', '--zone', 'b.test', '--create'], 2, 'a.test. is outside of the zone b.test.'],
  [['set', 'a.test', 'CNAME', 'b.test', '--create'], 2, 'CNAME'],
  [['get', 'shop.test', '--url', 'udp://192.0.2.1'], 2, 'dynamic update is not there yet'],
  [['list', 'shop.test'], 1, 'no zone here holds shop.test.'],
  [['delete', 'shop.test'], 1, 'no zone here holds shop.test.'],
];

test.each(refused)('record %j exits %i, saying %j', async (args, code, said) => {
  const { record } = inNewHome();
  const result = await record(...args);
  expect([result.code, result.stdout]).toEqual([code, '']);
  expect(result.stderr).toContain(said);
});

test('a running name server answers with a record as soon as it is set, and no more once it is deleted', async () => {
  const daemon = await startDs(['dns', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
  const server = daemon.ready.endpoints['udp'] ?? '';
  const record = (...args: string[]) => runDs(['dns', 'record', ...args], { home: daemon.home });
  const ask = () => askDns(server, 'api.shop.test', 'A');
  expect(await ask()).toEqual(['REFUSED']);
  await record('set', 'api.shop.test', 'A', '10.0.0.7', '--ttl', '60', '--create');
  expect(await ask()).toEqual(['60 A 10.0.0.7']);
  await record('set', 'api.shop.test', 'A', '10.0.0.8', '10.0.0.9');
  expect(await ask()).toEqual(['60 A 10.0.0.8', '60 A 10.0.0.9']);
  await record('delete', 'api.shop.test', '--yes');
  expect(await ask()).toEqual(['NXDOMAIN']);
});
