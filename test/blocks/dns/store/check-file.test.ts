import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differenceFields } from '../../../../src/blocks/dns/record-fields.js';
import { checkZoneFile } from '../../../../src/blocks/dns/store/check-file.js';
import { compareZoneFile } from '../../../../src/blocks/dns/store/compare-file.js';
import { withScratchZones } from '../../../../src/blocks/dns/store/scratch.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { failsWith, importText, openTestStore, origin, recordsIn, zoneText } from './test-zones.js';

const clock = new ManualClock();

function fileOf(text: string): string {
  const path = join(temporaryFolder(), 'shop.test.zone');
  writeFileSync(path, `$TTL 3600\n${text}`);
  return path;
}

const check = (path: string) => withScratchZones(clock, (zones) => checkZoneFile(zones, path));

test('a file that makes a zone', async () => {
  const path = fileOf(zoneText(5, 'www 60 A 192.0.2.1', 'www 30 A 192.0.2.2'));
  expect(await check(path)).toEqual({
    file: path,
    ok: true,
    zone: 'shop.test.',
    serial: 5,
    records: 5,
    problems: [
      {
        ...{ severity: 'warning', code: 'mixed_ttls', name: 'www.shop.test.', file: path, line: 5 },
        message: expect.stringContaining('several TTLs'),
      },
    ],
  });
});

test('a text that cannot be read', async () => {
  const path = fileOf(zoneText(5, 'www A 192.0.2.333'));
  const message = expect.stringMatching(/^(?!.*shop\.test\.zone).*192\.0\.2\.333/);
  expect(await check(path)).toEqual({
    ...{ file: path, ok: false },
    problems: [{ severity: 'error', code: 'bad_zone_file', message, file: path, line: 5 }],
  });
});

test('records that make no zone', async () => {
  const path = fileOf(zoneText(5, 'www CNAME a.test.', 'www A 192.0.2.2'));
  const { ok, problems } = await check(path);
  expect(ok).toBe(false);
  expect(problems).toEqual([
    expect.objectContaining({ severity: 'error', name: 'www.shop.test.', file: path, line: 5 }),
  ]);
});

test('a file without a zone, and one that is not there', async () => {
  const path = fileOf('');
  expect(await check(path)).toMatchObject({ ok: false, problems: [{ code: 'bad_zone', file: path }] });
  await expect(check(`${path}.bak`)).rejects.toEqual(failsWith('dns.unreadable_zone_file'));
});

test('a file that includes what is not there, at its line', async () => {
  const path = fileOf(`${zoneText(5)}$INCLUDE missing\n`);
  expect(await check(path)).toMatchObject({ ok: false, problems: [{ code: 'unreadable_zone_file', line: 5 }] });
});

test('what an import of a file would change', async () => {
  const store = openTestStore();
  importText(store, zoneText(5, 'www 60 A 192.0.2.1'));
  const compare = (text: string) =>
    compareZoneFile(store.zones, origin, fileOf(text), { clock }, async (differences) => {
      return [...differences].map(differenceFields).map(({ op, name, data }) => `${op} ${name} ${data}`);
    });
  expect(await compare(zoneText(4, 'www 60 A 192.0.2.1'))).toEqual([]);
  expect(await compare(zoneText(4, 'www 60 A 192.0.2.2'))).toEqual([
    'removed www.shop.test. 192.0.2.1',
    'added www.shop.test. 192.0.2.2',
  ]);
  expect(recordsIn(store)).toContain('www.shop.test. 60 A 192.0.2.1');
  await expect(compare('')).rejects.toEqual(failsWith('dns.bad_zone'));
});
