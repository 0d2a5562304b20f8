import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterPrefix, compareKeys } from '../../../../src/blocks/blob/rules/key-order.js';
import { rangeOfPage, rollUpPage } from '../../../../src/blocks/blob/rules/rollup.js';

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
/** Around every border of the order: NUL, the last before the surrogates, the first after them, the last of all. */
const letters = fc.constantFrom('a', 'b', '/', '-', '\0', 'é', '\ud7ff', '\ue000', '\u{10000}', '\u{10ffff}');
const words = fc.array(letters, { maxLength: 5 }).map((list) => list.join(''));

describe('the order of keys', () => {
  test('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(byBytes(a, b)));
      }),
    );
  });

  test('has one text right after all that begin with a prefix', () => {
    fc.assert(
      fc.property(words, words, (prefix, other) => {
        const after = afterPrefix(prefix);
        if (after === undefined) {
          expect(prefix.replaceAll('\u{10ffff}', '')).toBe('');
          return;
        }
        expect(byBytes(`${prefix}\u{10ffff}\u{10ffff}`, after)).toBeLessThan(0);
        if (byBytes(other, prefix) >= 0 && byBytes(other, after) < 0) expect(other.startsWith(prefix)).toBe(true);
      }),
    );
    expect(afterPrefix('a\ud7ff')).toBe('a\ue000');
    expect(afterPrefix('a\u{10ffff}\u{10ffff}')).toBe('b');
  });
});

describe('a page that rolls up', () => {
  interface Query {
    readonly prefix: string;
    readonly delimiter: string;
    readonly limit: number;
  }

  /** All entries, by the definition: every key above, one after the other. */
  function entriesOf(keys: readonly string[], { prefix, delimiter }: Query): string[] {
    const entries = keys
      .filter((key) => key.startsWith(prefix))
      .map((key) => {
        const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
        return at < 0 ? key : key.slice(0, at + delimiter.length);
      });
    return [...new Set(entries)];
  }

  function page(keys: readonly string[], query: Query, after: string | undefined) {
    const range = rangeOfPage(query, after);
    if (range === undefined) return { entries: [], next: undefined, looked: 0 };
    let looked = 0;
    const found = rollUpPage(query, range.from, function* (from) {
      for (const key of keys) {
        if (compareKeys(key, from) < 0 || (range.before !== undefined && compareKeys(key, range.before) >= 0)) continue;
        looked++;
        yield { key };
      }
    });
    const { last } = found;
    return {
      entries: [...found.rows.map(({ key }) => key), ...found.prefixes].sort(compareKeys),
      next: last && ('row' in last ? last.row.key : last.prefix),
      looked,
    };
  }

  const queries = fc.record({
    prefix: fc.oneof(fc.constant(''), words),
    delimiter: fc.oneof(fc.constant('/'), words),
    limit: fc.integer({ min: 1, max: 5 }),
  });

  test('gives, page after page, each entry once and in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(words, { maxLength: 40 }), queries, (unsorted, query) => {
        const keys = unsorted.filter((key) => key !== '').sort(compareKeys);
        const entries: string[] = [];
        for (let after: string | undefined; ; ) {
          const { entries: more, next } = page(keys, query, after);
          expect(more.length).toBeLessThanOrEqual(query.limit);
          entries.push(...more);
          if (next === undefined) break;
          expect(more.at(-1)).toBe(next);
          after = next;
        }
        expect(entries).toEqual(entriesOf(keys, query));
      }),
    );
  });

  test('begins after any text, be it within a common prefix', () => {
    fc.assert(
      fc.property(fc.uniqueArray(words, { maxLength: 30 }), queries, words, (unsorted, query, after) => {
        const keys = unsorted.filter((key) => key !== '').sort(compareKeys);
        const expected = entriesOf(keys, query).filter((entry) => compareKeys(entry, after) > 0);
        expect(page(keys, { ...query, limit: 100 }, after).entries).toEqual(expected);
      }),
    );
  });

  test('looks at few rows below a prefix', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `${Math.floor(index / 1000)}/${index}`).sort(compareKeys);
    const { entries, looked } = page(keys, { prefix: '', delimiter: '/', limit: 1000 }, undefined);
    expect(entries).toHaveLength(20);
    expect(looked).toBeLessThan(80);
  });
});
