import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failures } from '../../../../src/blocks/dns/cache/failures.js';
import {
  aged,
  cappedTtl,
  defaultLimits,
  negativeTtl,
  prefetchAfterMs,
} from '../../../../src/blocks/dns/cache/lifetime.js';
import { Sieve, type SieveNode } from '../../../../src/blocks/dns/cache/sieve.js';
import { record } from '../client/fake-server.js';

const ttl = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('TTLs', () => {
  test('never grow with age, and are never negative', () => {
    fc.assert(
      fc.property(ttl, fc.nat(), fc.nat(), (original, age, more) => {
        const records = [{ ...record('a.test. 1 A 192.0.2.1'), ttl: original }];
        const [now] = aged(records, age);
        const [later] = aged(records, age + more);
        expect(now?.ttl).toBeLessThanOrEqual(original);
        expect(later?.ttl).toBeLessThanOrEqual(now?.ttl ?? 0);
        expect(later?.ttl).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('of negative answers never exceed those of the SOA record', () => {
    fc.assert(
      fc.property(ttl, ttl, (soa, minimum) => {
        expect(negativeTtl(soa, minimum, defaultLimits)).toBe(Math.min(soa, minimum, 10_800));
      }),
    );
  });

  test('are within the bounds, 0 aside', () => {
    fc.assert(
      fc.property(ttl, (given) => {
        const capped = cappedTtl(given, { minTtl: 10, maxTtl: 100 });
        expect(given === 0 ? capped === 0 : capped >= 10 && capped <= 100).toBe(true);
      }),
    );
  });

  test('the last tenth of a life is for asking anew, unless it is a short one', () => {
    expect(prefetchAfterMs(300_000)).toBe(270_000);
    expect(prefetchAfterMs(10_000)).toBe(9_000);
    expect(prefetchAfterMs(9_999)).toBeUndefined();
  });
});

describe('failures (RFC 9520)', () => {
  const errors = [{ code: 22, text: 'nobody' }];

  test('section 3.2: remembered for at least 1 s, longer with each in a row, 5 s at most', () => {
    const failures = new Failures();
    let now = 0;
    const lengths = Array.from({ length: 6 }, () => {
      const { until } = failures.note('key', errors, now);
      const length = until - now;
      expect(failures.find('key', until - 1)).toMatchObject({ extendedErrors: errors });
      expect(failures.find('key', until)).toBeUndefined();
      now = until;
      return length;
    });
    expect(lengths).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test('an answer, or a minute without another failure, begins anew', () => {
    const failures = new Failures();
    failures.note('a', errors, 0);
    failures.forget('a');
    expect(failures.note('a', errors, 0).count).toBe(1);
    expect(failures.note('a', errors, 60_999).count).toBe(2);
    expect(failures.note('a', errors, 60_999 + 62_000).count).toBe(1);
  });

  test('no more than ten thousand are known, whatever is asked for', () => {
    const failures = new Failures();
    for (let i = 0; i < 12_000; i++) failures.note(`key ${i}`, errors, 0);
    expect(failures.size).toBe(10_000);
    expect(failures.find('key 1999', 0)).toBeUndefined();
    expect(failures.find('key 2000', 0)).toBeDefined();
  });
});

interface Node extends SieveNode<Node> {
  readonly name: string;
}

describe('SIEVE', () => {
  const build = (names: string) => {
    const sieve = new Sieve<Node>();
    const nodes = [...names].map((name): Node => ({ name, visited: false, newer: undefined, older: undefined }));
    for (const node of nodes) sieve.add(node);
    const evict = () => {
      const victim = sieve.victim();
      if (victim !== undefined) sieve.remove(victim);
      return victim?.name;
    };
    const visit = (visited: string) => {
      for (const node of nodes) if (visited.includes(node.name)) node.visited = true;
    };
    return { sieve, nodes, evict, visit };
  };

  test('the oldest goes first that was not asked for; the hand goes on from there', () => {
    const { evict, visit } = build('abcdef');
    visit('abd');
    expect(evict()).toBe('c');
    expect(evict()).toBe('e');
    visit('d');
    expect(evict()).toBe('f');
    expect(evict()).toBe('a');
  });

  test('when all were asked for, the one that was passed first goes', () => {
    const { evict, visit } = build('abc');
    visit('abc');
    expect([evict(), evict(), evict(), evict()]).toEqual(['a', 'b', 'c', undefined]);
  });

  test('any of them may be removed, the one under the hand too', () => {
    const { sieve, nodes, evict, visit } = build('abcd');
    visit('a');
    expect(sieve.victim()?.name).toBe('b');
    const [, b, c] = nodes;
    if (b === undefined || c === undefined) throw new Error('no nodes');
    sieve.remove(b);
    sieve.remove(c);
    expect([evict(), evict(), evict()]).toEqual(['d', 'a', undefined]);
  });
});
