/** Keys in the order of their bytes, a page at a time, whether folded or not. */
import type { ByteString } from '../bytes.js';
import type { Entry } from '../entry.js';
import type { Database } from './database.js';
import type { Keyspace } from './keyspace.js';

export interface KeyPage {
  /** In order; those whose time has come are left out, so that there may be fewer than asked for. */
  readonly keys: readonly { readonly key: ByteString; readonly entry: Entry }[];
  /** From where the next page goes on, itself left out; undefined: this was the last. */
  readonly next: ByteString | undefined;
}

type Seen = { readonly key: ByteString; readonly entry: Entry | undefined };

/** Looks at about `limit` keys behind `after` (undefined: from the first one on). Within a turn. */
export function keyPage(keyspace: Keyspace, database: Database, after: ByteString | undefined, limit: number): KeyPage {
  const { memory, tables, now } = keyspace;
  const rows = tables.page(database.space, after ?? '', after !== undefined, limit);
  const end = rows.length < limit ? undefined : rows.at(-1)?.key;
  const fresh = memory.unfoldedFrom({ database: database.number, after, end }, limit + 1);
  const merged = merge<Seen>(rows, fresh);
  const page = merged.slice(0, limit);
  const keys = page.flatMap(({ key, entry }) =>
    entry === undefined || (entry.expires !== undefined && entry.expires <= now) ? [] : [{ key, entry }],
  );
  const cut = merged.length > limit || end !== undefined;
  return { keys, next: cut ? page.at(-1)?.key : undefined };
}

/** Both are in order; where both have a key the second, fresh one counts. */
export function merge<T extends { readonly key: ByteString }>(rows: readonly T[], fresh: readonly T[]): T[] {
  if (fresh.length === 0) return [...rows];
  const merged: T[] = [];
  let at = 0;
  for (const one of fresh) {
    for (let row = rows[at]; row !== undefined && row.key < one.key; row = rows[++at]) merged.push(row);
    if (rows[at]?.key === one.key) at++;
    merged.push(one);
  }
  return merged.concat(rows.slice(at));
}
