/**
 * One page of a list in which keys that share a prefix up to a delimiter are rolled up into that prefix. It reads only what
 * it returns: below a rolled-up prefix it looks at some rows, and then seeks to the first key after it.
 *
 *     prefix "", delimiter "/":   a   b/1 b/2 b/3 … b/999999   c
 *                                 │   └─▶ "b/"  ── seek "b0" ──▶ │
 */
import { afterPrefix, compareKeys, keyAfter } from './key-order.js';

/**
 * Rows below a rolled-up prefix that are passed over before a seek, which costs about as much as some rows. Halved at each seek and
 * doubled where the prefix ended before, since prefixes of a page are mostly alike.
 */
const MOST_PASSED_OVER = 8;

export interface RollUp {
  readonly prefix: string;
  /** Empty: nothing is rolled up. */
  readonly delimiter: string;
  /** Most entries. */
  readonly limit: number;
}

export interface RolledUpPage<Row> {
  readonly rows: Row[];
  readonly prefixes: string[];
  /** There is more; absent: this was all. The last entry of the page, a row or a prefix. */
  readonly last?: { readonly row: Row } | { readonly prefix: string };
}

/** What a key is rolled up into; undefined: it stands for itself. */
export function commonPrefixOf(key: string, { prefix, delimiter }: Omit<RollUp, 'limit'>): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/**
 * The first key that can be of the page after `after`, and before which one all of them are. Undefined: none can be.
 * Where `after` is a common prefix or below one, nothing of that prefix comes again.
 */
export function rangeOfPage(query: Omit<RollUp, 'limit'>, after: string | undefined): KeyRange | undefined {
  const before = afterPrefix(query.prefix);
  if (after === undefined || after === '') return range(query.prefix, before);
  if (!after.startsWith(query.prefix))
    return compareKeys(after, query.prefix) < 0 ? range(query.prefix, before) : undefined;
  const rolled = commonPrefixOf(after, query);
  const from = rolled === undefined ? keyAfter(after) : afterPrefix(rolled);
  return from === undefined ? undefined : range(from, before);
}

export interface KeyRange {
  readonly from: string;
  /** Excluded. */
  readonly before?: string;
}

/** `read`: rows in order from a key on. It is read no further than needed, and several times. */
export function rollUpPage<Row extends { readonly key: string }>(
  query: RollUp,
  from: string,
  read: (from: string) => Iterable<Row>,
): RolledUpPage<Row> {
  const page: RolledUpPage<Row> = { rows: [], prefixes: [] };
  if (query.limit <= 0) return page;
  let last: RolledUpPage<Row>['last'];
  let start: string | undefined = from;
  let patience = MOST_PASSED_OVER;
  while (start !== undefined) {
    let passed = 0;
    let next: string | undefined;
    for (const row of read(start)) {
      const rolled = commonPrefixOf(row.key, query);
      if (rolled !== undefined && last !== undefined && 'prefix' in last && last.prefix === rolled) {
        if (++passed < patience) continue;
        patience = Math.max(1, patience / 2);
        next = afterPrefix(rolled);
        break;
      }
      if (page.rows.length + page.prefixes.length === query.limit) return last === undefined ? page : { ...page, last };
      if (passed > 0) patience = Math.min(MOST_PASSED_OVER, patience * 2);
      passed = 0;
      if (rolled === undefined) {
        page.rows.push(row);
        last = { row };
      } else {
        page.prefixes.push(rolled);
        last = { prefix: rolled };
      }
    }
    start = next;
  }
  return page;
}

function range(from: string, before: string | undefined): KeyRange {
  return before === undefined ? { from } : { from, before };
}
