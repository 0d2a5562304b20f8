import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { ZoneFiles } from '../../../../src/blocks/dns/server/zone-files.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { failsWith, openTestStore, origin, recordsIn, type TestStore, zoneText } from '../store/test-zones.js';

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [key: string]: unknown;
}

const WARN = 40;
const INFO = 30;

function logTo(lines: LogLine[]) {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return pino({ level: 'debug' }, stream);
}

interface Watched {
  readonly store: TestStore;
  readonly files: ZoneFiles;
  readonly log: LogLine[];
  /** One more look at the files, to its end. */
  look(): Promise<void>;
}

function watching(...paths: readonly string[]): Watched {
  const store = openTestStore();
  const log: LogLine[] = [];
  const files = new ZoneFiles({ paths, zones: store.zones, clock: store.clock, logger: logTo(log) });
  onTestFinished(() => files.close());
  const look = async () => {
    await waitFor(() => store.clock.sleeping === 1, { what: 'the watch to sleep' });
    store.clock.advance(1000);
    await waitFor(() => store.clock.sleeping === 1, { what: 'the look to end' });
  };
  return { store, files, log, look };
}

const text = (serial: number, ...lines: readonly string[]) => `$TTL 3600\n${zoneText(serial, ...lines)}`;

function zoneFile(contents: string): string {
  const path = join(temporaryFolder(), 'shop.test.zone');
  writeFileSync(path, contents);
  return path;
}

const addressOf = (store: TestStore) => recordsIn(store).find((line) => line.startsWith('www'));

test('a file is imported at the start, and again when it has changed and stayed so for a look', async () => {
  const path = zoneFile(text(1, 'www A 192.0.2.1'));
  const { store, files, log, look } = watching(path);
  await files.load();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.1');
  expect(log).toMatchObject([{ level: INFO, msg: 'zone file imported', zone: 'shop.test.', serial: 1, file: path }]);
  await look();
  writeFileSync(path, text(1, 'www A 192.0.2.22'));
  await look();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.1');
  await look();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.22');
  expect(log).toHaveLength(2);
  expect(log[1]).toMatchObject({ serial: 2, added: 1, removed: 1 });
  await look();
  expect(log).toHaveLength(2);
});

test('what is still being written is not read', async () => {
  const path = zoneFile(text(1));
  const { store, files, look } = watching(path);
  await files.load();
  for (let i = 1; i < 4; i++) {
    writeFileSync(path, text(1, ...Array.from({ length: i }, (_, n) => `www A 192.0.2.${n}`)));
    await look();
    expect(addressOf(store)).toBeUndefined();
  }
  await look();
  expect(store.zones.get(origin)?.records).toBe(6);
});

test('a file that is replaced by another of the same size and time is noticed', async () => {
  const path = zoneFile(text(1, 'www A 192.0.2.1'));
  const { store, files, look } = watching(path);
  await files.load();
  writeFileSync(`${path}.new`, text(1, 'www A 192.0.2.2'));
  renameSync(`${path}.new`, path);
  await look();
  await look();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.2');
});

test('a broken file is a warning with its line, once, and the zone stays until it is mended', async () => {
  const path = zoneFile(text(1, 'www A 192.0.2.1'));
  const { store, files, log, look } = watching(path);
  await files.load();
  writeFileSync(path, text(2, 'www A 192.0.2.256'));
  for (let i = 0; i < 4; i++) await look();
  expect(log.slice(1)).toMatchObject([
    { level: WARN, file: path, msg: expect.stringMatching(/shop\.test\.zone:5: .*192\.0\.2\.256.*stays as it was/) },
  ]);
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.1');
  writeFileSync(path, text(2, 'www A 192.0.2.3'));
  for (let i = 0; i < 2; i++) await look();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.3');
});

test('records that make no zone are told one by one', async () => {
  const path = zoneFile(text(1));
  const { files, log, look } = watching(path);
  await files.load();
  writeFileSync(path, text(2, 'www A 192.0.2.1', 'www CNAME a.test.'));
  for (let i = 0; i < 2; i++) await look();
  expect(log.slice(1)).toMatchObject([
    { level: WARN, file: path, line: 5, msg: expect.stringMatching(/^error: .*www\.shop\.test/) },
    { level: WARN, file: path, msg: expect.stringContaining('makes no zone') },
  ]);
});

test('a file that goes away is told once, and its zone stays', async () => {
  const path = zoneFile(text(1, 'www A 192.0.2.1'));
  const { store, files, log, look } = watching(path);
  await files.load();
  rmSync(path);
  for (let i = 0; i < 4; i++) await look();
  expect(log.slice(1)).toMatchObject([{ level: WARN, msg: expect.stringContaining('no such file') }]);
  expect(addressOf(store)).toBeDefined();
  writeFileSync(path, text(2, 'www A 192.0.2.2'));
  for (let i = 0; i < 2; i++) await look();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.2');
});

test('an included file is watched, too', async () => {
  const path = zoneFile(`${text(1)}$INCLUDE hosts\n`);
  const hosts = join(path, '../hosts');
  writeFileSync(hosts, 'www A 192.0.2.1\n');
  const { store, files, look } = watching(path);
  await files.load();
  writeFileSync(hosts, 'www A 192.0.2.2\n');
  for (let i = 0; i < 2; i++) await look();
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.2');
});

test('a broken file at the start is an error, unless its zone is known from it: then that is served', async () => {
  const path = zoneFile(text(1, 'www A 192.0.2.256'));
  const { store, files } = watching(path);
  await expect(files.load()).rejects.toEqual(failsWith('dns.bad_zone_file', /shop\.test\.zone:5: /));
  writeFileSync(path, text(1, 'www A 192.0.2.1'));
  await files.load();
  await files.close();

  writeFileSync(path, text(2, 'www A 192.0.2.256'));
  const log: LogLine[] = [];
  const again = new ZoneFiles({ paths: [path], zones: store.zones, clock: store.clock, logger: logTo(log) });
  await again.load();
  onTestFinished(() => again.close());
  expect(log).toMatchObject([{ level: WARN, msg: expect.stringMatching(/:5: .*imported last/) }]);
  expect(addressOf(store)).toBe('www.shop.test. 3600 A 192.0.2.1');
});

test('two files of one zone are refused; one file named twice is one', async () => {
  const path = zoneFile(text(1));
  const other = zoneFile(text(1));
  const both = watching(path, other);
  await expect(both.files.load()).rejects.toEqual(failsWith('dns.zone_exists', /are of the same zone/));
  const { files, log } = watching(path, join(path, '../x/../shop.test.zone'));
  await files.load();
  expect(log).toHaveLength(1);
});

test('close() ends the watch and is safe to call twice', async () => {
  const { store, files } = watching(zoneFile(text(1)));
  await files.load();
  await waitFor(() => store.clock.sleeping === 1);
  await files.close();
  await files.close();
  expect(store.clock.sleeping).toBe(0);
});

test('a pipe, which cannot be read again, is refused; one that takes the place of a file keeps nobody waiting', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(watching(pipe).files.load()).rejects.toEqual(failsWith('dns.unreadable_zone_file', /it is no file/));
  const path = zoneFile(text(5, 'www A 192.0.2.2'));
  const { store, files, log, look } = watching(path);
  await files.load();
  renameSync(pipe, path);
  await look();
  await look();
  expect(log.filter(({ level }) => level === WARN)).toMatchObject([{ msg: expect.stringContaining('it is no file') }]);
  expect(addressOf(store)).toBeDefined();
});
