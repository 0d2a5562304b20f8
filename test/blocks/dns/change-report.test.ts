import { expect, test } from 'vitest';
import {
  changeLine,
  foreseeChange,
  importLine,
  reportChange,
  reportImport,
  sayChange,
  sayImport,
} from '../../../src/blocks/dns/change-report.js';
import type { EditResult, ImportReport } from '../../../src/blocks/dns/store/zone-store.js';
import { importText, openTestStore, origin, record, zoneText } from './store/test-zones.js';

function edited(...lines: readonly string[]): EditResult {
  const store = openTestStore();
  importText(store, zoneText(10, 'www 60 A 192.0.2.1'));
  return store.zones.edit(
    origin,
    lines.map((line) => ({ op: 'add', record: record(line) })),
  );
}

test('an edit, with the records that changed and without the serial that always does', () => {
  const { report, differences } = reportChange(origin, edited('www 60 A 192.0.2.2'), 10);
  expect(report).toEqual({ zone: 'shop.test.', changed: true, serial: 11, serial_before: 10, removed: 0, added: 1 });
  expect(differences).toEqual([{ op: 'added', name: 'www.shop.test.', ttl: 60, type: 'A', data: '192.0.2.2' }]);
  expect(changeLine(report)).toBe('shop.test.\t10\t11\t0\t1');
  expect(sayChange(report)).toBe('shop.test. is at serial 11, was 10');
});

test('an edit that changed nothing', () => {
  const { report, differences } = reportChange(origin, edited('www 60 A 192.0.2.1'), 10);
  expect([report.changed, report.serial, differences]).toEqual([false, 10, []]);
  expect(changeLine(report)).toBe('shop.test.\t10\t10\t0\t0');
  expect(sayChange(report)).toBe('nothing to change: shop.test. stays at serial 10');
});

test('a change that is only foreseen', () => {
  const store = openTestStore();
  importText(store, zoneText(10));
  store.zones.edit(origin, [{ op: 'add', record: record('www 60 A 192.0.2.2') }]);
  const { report, differences } = foreseeChange(origin, [...store.zones.diff(origin, 11, 10)], 11);
  expect(report).toEqual({ zone: 'shop.test.', changed: false, serial: 11, serial_before: 11, removed: 1, added: 0 });
  expect(differences).toHaveLength(1);
});

const counts = { removed: 1, added: 1234, unchanged: 2, duplicates: 0, mixedTtls: 0, mixedTtlExamples: [] };

test.each<[Partial<ImportReport>, boolean, string, string]>([
  [
    { changed: true, serialBefore: 10, serial: 11 },
    false,
    'shop.test. is at serial 11, was 10: 1 removed, 1,234 added, 2 unchanged',
    'shop.test.\t10\t11\t1\t1234\t2',
  ],
  [
    { changed: true, serialBefore: 10, serial: 11 },
    true,
    'shop.test. would be at serial 11, is 10: 1 removed, 1,234 added, 2 unchanged',
    'shop.test.\t10\t11\t1\t1234\t2',
  ],
  [
    { changed: true, serialBefore: undefined, serial: 5, removed: 0, unchanged: 0 },
    false,
    'shop.test. is a new zone of 1,234 records, at serial 5',
    'shop.test.\t\t5\t0\t1234\t0',
  ],
  [
    { changed: false, serialBefore: 10, serial: 10, removed: 0, added: 0, unchanged: 3 },
    false,
    'nothing to change: shop.test. stays at serial 10, 3 records',
    'shop.test.\t10\t10\t0\t0\t3',
  ],
])('an import %j, only foreseen: %j', (more, dryRun, said, line) => {
  const done = { origin, changed: true, serial: 1, serialBefore: undefined, serialGiven: 1, ...counts, ...more };
  const report = reportImport(done, dryRun);
  expect([sayImport(report), importLine(report)]).toEqual([said, line]);
});

test('of a set of records what is removed comes before what is added, whichever sorts first', () => {
  const change = (op: 'removed' | 'added', text: string) => ({ op, record: record(text) });
  const { differences } = foreseeChange(
    origin,
    [
      change('added', 'www 60 A 10.0.0.1'),
      change('removed', 'www 60 A 10.0.0.2'),
      change('added', 'www 60 TXT a'),
      change('removed', 'www 60 TXT b'),
    ],
    1,
  );
  expect(differences.map(({ op, data }) => `${op} ${data}`)).toEqual([
    'removed 10.0.0.2',
    'added 10.0.0.1',
    'removed "b"',
    'added "a"',
  ]);
});
