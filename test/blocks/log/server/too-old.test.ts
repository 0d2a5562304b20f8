import { expect, test } from 'vitest';
import { EntryBatchBuilder, lineText } from '../../../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { withoutTooOld } from '../../../../src/blocks/log/server/too-old.js';
import { Refusals } from '../../../../src/blocks/log/wire/refusals.js';

test('what retention would take at once is refused entry by entry', () => {
  const builder = new EntryBatchBuilder();
  for (const [app, second] of [
    ['a', 5n],
    ['b', 9n],
    ['a', 10n],
    ['b', 11n],
  ] as const) {
    builder.add({ timestamp: second * 1_000_000_000n, line: `${app}${second}`, stream: makeLabels([['app', app]]) });
  }
  const decoded = { batch: builder.build(), refusals: new Refusals() };
  expect(withoutTooOld(decoded, undefined)).toBe(decoded.batch);
  expect(withoutTooOld(decoded, 5_000_000_000n)).toBe(decoded.batch);
  const batch = withoutTooOld(decoded, 10_000_000_000n);
  expect(Array.from({ length: batch.count }, (_, i) => lineText(batch, i))).toEqual(['a10', 'b11']);
  expect([...decoded.refusals.byReason]).toEqual([['too_old', 2]]);
  expect(decoded.refusals.first).toBe(
    'an entry has timestamp too old: 1970-01-01T00:00:05.000Z, oldest acceptable timestamp is: 1970-01-01T00:00:10.000Z (--keep)',
  );
});
