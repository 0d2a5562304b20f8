import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { type ImportFileOptions, importZoneFile } from '../../../../src/blocks/dns/store/import-file.js';
import type { DnsStore } from '../../../../src/blocks/dns/store.js';
import type { ZoneProblem } from '../../../../src/blocks/dns/zone/problem.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { failsWith, openTestStore, origin, recordsIn, zoneText } from './test-zones.js';

const TTL = '$TTL 3600\n';

/** A folder with files in it; the path of the first. */
function files(contents: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text, 'latin1');
  }
  return join(folder, Object.keys(contents)[0] ?? '');
}

async function importing(store: DnsStore, path: string, options: ImportFileOptions = {}) {
  const problems: ZoneProblem[] = [];
  const told = () => problems.map(({ severity, code, line }) => `${severity} ${code} ${line ?? '-'}`);
  try {
    const report = await importZoneFile(store.zones, path, {
      ...options,
      onProblem: (problem) => problems.push(problem),
    });
    return { report, problems, told: told() };
  } catch (error) {
    return { error, problems, told: told() };
  }
}

test('a file becomes a zone, and the same file changes nothing', async () => {
  const store = openTestStore();
  const path = files({ 'shop.test.zone': `${TTL}${zoneText(5, 'www A 192.0.2.2')}` });
  const first = await importing(store, path, { comment: 'from git' });
  expect(first.report).toMatchObject({ changed: true, added: 4, removed: 0, serial: 5, warnings: 0 });
  expect(first.told).toEqual([]);
  expect(store.zones.history(origin)).toMatchObject([{ source: path, comment: 'from git', serial: 5 }]);
  expect((await importing(store, path)).report).toMatchObject({ changed: false, unchanged: 4, serialBefore: 5 });
});

test('a zone that is told goes before what the file says', async () => {
  const store = openTestStore();
  const path = files({ 'other.test.zone': `${TTL}${zoneText(5)}` });
  await importing(store, path, { origin: Name.parse('eu.shop.test') });
  expect(store.zones.list().map((zone) => zone.origin.toString())).toEqual(['eu.shop.test.']);
});

test('a dry run reports the same and leaves everything as it is', async () => {
  const store = openTestStore();
  const path = files({ 'shop.test.zone': `${TTL}${zoneText(5)}` });
  expect((await importing(store, path, { dryRun: true })).report).toMatchObject({ changed: true, added: 3, serial: 5 });
  expect(store.zones.list()).toEqual([]);
});

describe('what is wrong', () => {
  test('with the text is told with file and line, and the zone stays as it was', async () => {
    const store = openTestStore();
    const path = files({ 'shop.test.zone': `${TTL}${zoneText(5, 'www A 192.0.2.2')}` });
    await importing(store, path);
    writeFileSync(path, `${TTL}${zoneText(6, 'www A 192.0.2.222', 'api A 192.0.2.333')}`);
    const { error } = await importing(store, path);
    expect(error).toEqual(failsWith('dns.bad_zone_file', /shop\.test\.zone:6: .*192\.0\.2\.333/));
    expect(recordsIn(store)).toContain('www.shop.test. 3600 A 192.0.2.2');
  });

  test('with the zone is told all at once, with the lines, and refuses it', async () => {
    const store = openTestStore();
    const bad = ['www CNAME a.test.', 'www A 192.0.2.2', 'b CNAME a.test.', 'b CNAME c.test.'];
    const path = files({ 'shop.test.zone': `${TTL}${zoneText(5, ...bad)}` });
    const { error, told } = await importing(store, path);
    expect(error).toEqual(failsWith('dns.bad_zone', /shop\.test\.zone makes no zone: .* \(and 1 more\)/));
    expect(error).toMatchObject({ details: { file: path, zone: 'shop.test.', errors: 2, warnings: 0 } });
    expect(told).toEqual([expect.stringMatching(/^error .* 7$/), expect.stringMatching(/^error .* 5$/)]);
    expect(store.zones.list()).toEqual([]);
  });

  test('with the zone is also told of a zone that is there, which stays', async () => {
    const store = openTestStore();
    const path = files({ 'shop.test.zone': `${TTL}${zoneText(5)}` });
    await importing(store, path);
    writeFileSync(path, `${TTL}${zoneText(6, 'www CNAME a.test.', 'www A 192.0.2.2')}`);
    expect((await importing(store, path)).error).toEqual(failsWith('dns.bad_zone'));
    expect(store.zones.get(origin)).toMatchObject({ serial: 5, records: 3 });
  });

  test('but can be put right is a warning', async () => {
    const store = openTestStore();
    const lines = ['www 60 A 192.0.2.2', 'www 30 A 192.0.2.3', 'www 30 A 192.0.2.3', 'www.other.test. A 192.0.2.4'];
    const path = files({ 'shop.test.zone': `${TTL}${zoneText(5, ...lines)}` });
    const { report, told } = await importing(store, path);
    expect(told).toEqual([
      'warning out_of_zone 8',
      expect.stringMatching(/^warning duplicate_records/),
      'warning mixed_ttls 5',
    ]);
    expect(report).toMatchObject({ warnings: 3, added: 5 });
    expect(recordsIn(store)).toContain('www.shop.test. 30 A 192.0.2.2');
  });

  test('is told a thousand times at most, and counted on', async () => {
    const store = openTestStore();
    const lines = Array.from({ length: 1500 }, (_, i) => `w${i}.other.test. A 192.0.2.4`);
    const path = files({ 'shop.test.zone': `${TTL}${zoneText(5, ...lines)}` });
    const { report, problems } = await importing(store, path);
    expect([report?.warnings, problems.length]).toEqual([1500, 1000]);
  });

  test('with the path is told', async () => {
    const store = openTestStore();
    const path = files({ 'shop.test.zone': '' });
    expect((await importing(store, `${path}.bak`)).error).toEqual(
      failsWith('dns.unreadable_zone_file', /there is no such file/),
    );
    expect((await importing(store, join(path, '..'))).error).toEqual(failsWith('dns.unreadable_zone_file', /folder/));
    expect((await importing(store, path)).error).toEqual(failsWith('dns.bad_zone', /has no SOA record/));
  });
});

describe('included files', () => {
  test('are read from the folder of the file, each told before it is opened', async () => {
    const store = openTestStore();
    const main = `${TTL}${zoneText(5)}$INCLUDE sub/hosts eu\n$INCLUDE sub/more\n`;
    const path = files({ 'shop.test.zone': main, 'sub/hosts': 'a A 192.0.2.2\n', 'sub/more': 'b A 192.0.2.3\n' });
    const opened = new Set<string>();
    await importing(store, path, { onFile: (file) => opened.add(file) });
    expect([...opened]).toEqual([path, join(path, '../sub/hosts'), join(path, '../sub/more')]);
    expect(recordsIn(store)).toEqual(
      expect.arrayContaining(['a.eu.shop.test. 3600 A 192.0.2.2', 'b.shop.test. 3600 A 192.0.2.3']),
    );
  });

  test('from elsewhere are refused', async () => {
    const store = openTestStore();
    const path = files({ 'zones/shop.test.zone': `${TTL}${zoneText(5)}$INCLUDE ../secret\n`, secret: 'a TXT x\n' });
    expect((await importing(store, path)).error).toEqual(failsWith('dns.include_outside', /shop\.test\.zone:5: /));
    symlinkSync('../secret', join(path, '../link'));
    writeFileSync(path, `${TTL}${zoneText(5)}$INCLUDE link\n`);
    expect((await importing(store, path)).error).toEqual(failsWith('dns.include_outside'));
  });
});

test('what comes from stdin is read to its end first, and has nothing to include from', async () => {
  const store = openTestStore();
  async function* stdin(text: string) {
    for (let at = 0; at < text.length; at += 10) yield Buffer.from(text.slice(at, at + 10));
  }
  const text = `$ORIGIN shop.test.\n${TTL}${zoneText(5, 'www CNAME a.test.', 'www A 192.0.2.2')}`;
  const refused = await importing(store, '-', { stdin: stdin(text) });
  expect(refused.problems).toMatchObject([{ file: 'stdin', line: 6 }]);
  const { report } = await importing(store, '-', { stdin: stdin(text.replace('www A', 'api A')) });
  expect(report).toMatchObject({ added: 5 });
  expect(store.zones.history(origin)).toMatchObject([{ source: 'stdin' }]);
  const including = await importing(store, '-', {
    stdin: stdin(`$ORIGIN shop.test.\n${TTL}${zoneText(6)}$INCLUDE x\n`),
  });
  expect(including.error).toEqual(failsWith('dns.include_outside'));
});

test('a large file lets the event loop turn, tells how far it is, and can be given up', async () => {
  const store = openTestStore();
  const lines = Array.from({ length: 5000 }, (_, i) => `w${i} A 192.0.2.4`);
  const path = files({ 'shop.test.zone': `${TTL}${zoneText(5, ...lines)}` });
  const progress: number[] = [];
  const stop = new AbortController();
  const { error } = await importing(store, path, {
    signal: stop.signal,
    onProgress: ({ records, octets, total }) => {
      progress.push(records);
      expect(octets).toBeGreaterThan(0);
      expect(octets).toBeLessThanOrEqual(total);
      if (records > 2000) stop.abort(new Error('enough'));
    },
  });
  expect(error).toEqual(new Error('enough'));
  expect(progress.at(-1)).toBeLessThan(2500);
  expect(store.zones.list()).toEqual([]);
  expect((await importing(store, path)).report).toMatchObject({ added: 5003 });
});

describe('a pipe with a name', () => {
  function pipe(): string {
    const path = join(temporaryFolder(), 'shop.test.zone');
    execFileSync('mkfifo', [path]);
    return path;
  }

  test('is waited for until somebody writes, while everything else goes on', async () => {
    const store = openTestStore();
    const path = pipe();
    const ended = importing(store, path, { origin });
    await writeFile(path, `${TTL}${zoneText(5)}`);
    expect((await ended).report).toMatchObject({ changed: true, added: 3, serial: 5 });
  });

  test('that nobody writes to is given up when that is wanted', async () => {
    const stop = new AbortController();
    const ended = importing(openTestStore(), pipe(), { signal: stop.signal });
    setImmediate(() => stop.abort(new Error('enough')));
    expect((await ended).error).toMatchObject({ message: 'enough' });
  });
});

test('a device, which may have no end, is no zone file', async () => {
  const { error } = await importing(openTestStore(), '/dev/zero', { origin });
  expect(error).toMatchObject({ code: 'dns.unreadable_zone_file', message: 'cannot read /dev/zero: it is no file' });
});
