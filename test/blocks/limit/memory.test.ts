import { beforeEach, describe, expect, test } from 'vitest';
import { Busiest } from '../../../src/blocks/limit/engine/busiest.js';
import { defineLimit } from '../../../src/blocks/limit/limit.js';
import { MemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { systemRandom } from '../../../src/platform/clock.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const minutely = defineLimit({ algorithm: 'fixed-window', count: 5, periodUs: 60_000_000 });
const demand = (key: string, limit = minutely, scope = '') => ({ scope, key, limit, cost: 1 });
const tooMany = expect.objectContaining({ code: 'limit.too_many_keys', kind: 'storage' });

describe('the limiter in memory', () => {
  let clock: ManualClock;
  let limiter: MemoryLimiter;

  beforeEach(() => {
    clock = new ManualClock();
    limiter = new MemoryLimiter({ clock, random: systemRandom, mostKeys: 10 });
  });

  const fill = (name: string) => {
    for (let i = 0; i < 10; i++) limiter.checkNow([demand(`${name} ${i}`)]);
  };

  test('forgets no key for a new one, and says so', () => {
    fill('user');
    expect(() => limiter.checkNow([demand('new')])).toThrow(tooMany);
    expect(limiter.turnedAway).toBe(1);
    expect(limiter.checkNow([demand('user 3')])).toMatchObject({ allowed: true, decisions: [{ remaining: 3 }] });
    expect(limiter.countsNow().keys).toBe(10);
  });

  test('counts none of several demands when one has no room', () => {
    for (let i = 0; i < 9; i++) limiter.checkNow([demand(`user ${i}`)]);
    expect(() => limiter.checkNow([demand('a'), demand('b'), demand('user 0')])).toThrow(tooMany);
    expect(limiter.inspectNow('a').reports).toEqual([]);
    expect(limiter.inspectNow('user 0').reports[0]?.decision.remaining).toBe(4);
  });

  test('makes room by what is as new again', () => {
    fill('user');
    clock.advance(120_000);
    fill('other');
    expect(limiter.countsNow().keys).toBe(10);
    expect(limiter.inspectNow('user 0').reports).toEqual([]);
  });

  test('keeps a key that is as new for `why`, while there is room', () => {
    limiter.checkNow([demand('user')]);
    clock.advance(61_000);
    limiter.checkNow([demand('other')]);
    expect(limiter.inspectNow('user').reports).toHaveLength(1);
    clock.advance(120_000);
    for (let i = 0; i < 4; i++) limiter.checkNow([demand(`new ${i}`)]);
    expect(limiter.inspectNow('user').reports).toEqual([]);
  });

  test('keeps scopes of a key apart when the first of them is reset', () => {
    for (const scope of ['a', 'b', 'c']) limiter.checkNow([demand('user', minutely, scope)]);
    expect(limiter.resetNow('user', 'a')).toBe(true);
    expect(
      limiter
        .inspectNow('user')
        .reports.map(({ scope }) => scope)
        .sort(),
    ).toEqual(['b', 'c']);
    expect(limiter.resetNow('user', 'c')).toBe(true);
    expect(limiter.inspectNow('user').reports.map(({ scope }) => scope)).toEqual(['b']);
  });
});

test('the busiest are found among many, in order', () => {
  const best = new Busiest<number>(5);
  for (let i = 0; i < 10_000; i++) best.offer((i * 7919) % 10_000, (i * 7919) % 10_000);
  expect(best.list()).toEqual([9999, 9998, 9997, 9996, 9995]);
  const none = new Busiest<number>(0);
  none.offer(1, 1);
  expect(none.list()).toEqual([]);
});
