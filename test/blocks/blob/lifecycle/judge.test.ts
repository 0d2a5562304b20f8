import { describe, expect, test } from 'vitest';
import { DAY_MS, matchesFilter, midnightAfter } from '../../../../src/blocks/blob/lifecycle/due.js';
import { type JudgedVersion, LifecycleJudge } from '../../../../src/blocks/blob/lifecycle/judge.js';
import type { LifecycleRule } from '../../../../src/blocks/blob/lifecycle/rule.js';

const NOW = Date.UTC(2026, 0, 20, 12);
const daysAgo = (days: number) => NOW - days * DAY_MS;
const rule = (changes: Partial<LifecycleRule>): LifecycleRule => ({ id: 'r', enabled: true, filter: {}, ...changes });

function version(key: string, age: number, changes: Partial<JudgedVersion> = {}): JudgedVersion {
  return { key, isMarker: false, size: 10, modifiedAt: daysAgo(age), tags: {}, ...changes };
}

/** What is done to the versions, newest first of a key, by their place in the list. */
function judge(rules: readonly LifecycleRule[], versions: readonly JudgedVersion[], now = NOW): string[] {
  const judge = new LifecycleJudge(rules, now);
  return [...versions.flatMap((one) => judge.judge(one)), ...judge.end()].map(
    ({ action, version: found }) => `${action} ${versions.indexOf(found)}`,
  );
}

describe('a lifecycle', () => {
  test('counts days to the midnight UTC that follows', () => {
    expect(midnightAfter(Date.UTC(2014, 0, 15, 10, 30), 3)).toBe(Date.UTC(2014, 0, 19));
    expect(midnightAfter(Date.UTC(2014, 0, 15), 3)).toBe(Date.UTC(2014, 0, 18));
  });

  test('expires the current version by its age, or from a date on', () => {
    const byDays = rule({ expiration: { days: 3 } });
    expect(judge([byDays], [version('a', 3), version('b', 3.6), version('c', 9)])).toEqual(['expire 1', 'expire 2']);
    expect(judge([rule({ expiration: { date: NOW } })], [version('a', 0)])).toEqual(['expire 0']);
    expect(judge([rule({ expiration: { date: NOW + 1 } })], [version('a', 99)])).toEqual([]);
    expect(judge([rule({ expiration: { days: 3 }, enabled: false })], [version('a', 9)])).toEqual([]);
  });

  test('expires nothing early where a clock was set back', () => {
    expect(judge([rule({ expiration: { days: 1 } })], [version('a', -5)])).toEqual([]);
    // The newer version has the earlier time: the older one is counted from its own.
    const noncurrent = rule({ noncurrentExpiration: { days: 3 } });
    expect(judge([noncurrent], [version('a', 9), version('a', 1)])).toEqual([]);
  });

  test('expires noncurrent versions by when the next newer one came, and keeps some', () => {
    const versions = [version('a', 1), version('a', 2), version('a', 8), version('a', 20), version('a', 30)];
    expect(judge([rule({ noncurrentExpiration: { days: 5 } })], versions)).toEqual([
      'expire_noncurrent 3',
      'expire_noncurrent 4',
    ]);
    const keeping = rule({ noncurrentExpiration: { days: 1, newerVersionsKept: 3 } });
    expect(judge([keeping], versions)).toEqual(['expire_noncurrent 4']);
    const ofTwoKeys = [...versions, version('b', 9), version('b', 9)];
    expect(judge([keeping], ofTwoKeys)).toEqual(['expire_noncurrent 4']);
  });

  test('expires delete markers like other noncurrent versions, and not when they are the newest', () => {
    const marker = { isMarker: true, size: 0 };
    const versions = [version('a', 9), version('a', 9, marker), version('b', 9, marker), version('b', 9)];
    expect(judge([rule({ expiration: { days: 1 } })], versions)).toEqual(['expire 0']);
    expect(judge([rule({ noncurrentExpiration: { days: 1 } })], versions)).toEqual([
      'expire_noncurrent 1',
      'expire_noncurrent 3',
    ]);
  });

  test('removes a delete marker that has nothing under it', () => {
    const marker = { isMarker: true, size: 0 };
    const versions = [version('a', 1, marker), version('b', 1, marker), version('b', 9), version('c', 9, marker)];
    const byRule = rule({ expiration: { expiredObjectDeleteMarker: true } });
    expect(judge([byRule], versions)).toEqual(['remove_marker 0', 'remove_marker 3']);
    expect(judge([rule({ expiration: { expiredObjectDeleteMarker: false } })], versions)).toEqual([]);
    // S3 does it by age, too, where a rule expires by age.
    expect(judge([rule({ expiration: { days: 5 } })], versions)).toEqual(['remove_marker 3']);
  });

  test('is about what its filter matches', () => {
    const thing = { key: 'logs/a', size: 100, tags: { state: 'old', other: 'x' } };
    const matches = (filter: LifecycleRule['filter']) => matchesFilter(filter, thing);
    expect(
      [{}, { prefix: 'logs/' }, { tags: { state: 'old' } }, { sizeGreaterThan: 99 }, { sizeLessThan: 101 }].map(
        matches,
      ),
    ).toEqual([true, true, true, true, true]);
    expect(
      [
        { prefix: 'log/' },
        { tags: { state: 'new' } },
        { tags: { none: '' } },
        { sizeGreaterThan: 100 },
        { sizeLessThan: 100 },
      ].map(matches),
    ).toEqual([false, false, false, false, false]);
    // Neither an upload nor a delete marker has tags or a size.
    expect(matchesFilter({ sizeLessThan: 5 }, { key: 'a' })).toBe(false);
    expect(matchesFilter({ tags: { a: 'b' } }, { key: 'a' })).toBe(false);
    const two = [
      rule({ filter: { prefix: 'x' }, expiration: { days: 1 } }),
      rule({ id: 'second', expiration: { days: 1 } }),
    ];
    expect(new LifecycleJudge(two, NOW).judge(version('a', 9))).toMatchObject([{ ruleId: 'second' }]);
  });
});
