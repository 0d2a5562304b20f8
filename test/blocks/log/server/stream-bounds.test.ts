import { expect, test } from 'vitest';
import type { Labels } from '../../../../src/blocks/log/labels.js';
import { StreamBounds } from '../../../../src/blocks/log/server/stream-bounds.js';
import { Refusals } from '../../../../src/blocks/log/wire/refusals.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { batchOf, labels } from '../store/samples.js';

test('pushes that come while a tenant is counted share its bound; what retention took away is room again', async () => {
  const clock = new ManualClock();
  let stored: Labels[] = [];
  let counts = 0;
  const bounds = new StreamBounds(async () => {
    counts++;
    return stored;
  }, clock);
  const grant = { tenant: 'a', mayRead: true, mayWrite: true, mostStreams: 3, rate: undefined };
  const push = async (number: number) => {
    const stream = labels({ app: `${'long '.repeat(30)}${number}` });
    const admitted = await bounds.admit(grant, { batch: batchOf(['x'], 0n, stream), refusals: new Refusals() });
    return admitted.batch.count;
  };
  expect(await Promise.all([1, 2, 3, 4, 5].map(push))).toEqual([1, 1, 1, 0, 0]);
  expect(await push(2)).toBe(1);
  expect(counts).toBe(1);
  clock.advance(11_000);
  stored = [labels({ app: 'other' })];
  expect([await push(6), await push(7), await push(8)]).toEqual([1, 1, 0]);
});
