/** Names of keys in the order of their bytes, a page at a time, without what they hold: SCAN, KEYS, RANDOMKEY. */
import type { ByteString } from '../bytes.js';
import type { Database } from './database.js';
import type { Keyspace } from './keyspace.js';
import type { KeyName } from './tables.js';

export interface NamePage {
  /** In order; those whose time has come are left out. */
  readonly names: readonly KeyName[];
  /** From where the next page goes on, itself left out; undefined: this was the last. */
  readonly next: ByteString | undefined;
}

/** `type` undefined: there is no such key any more. */
type Seen = Omit<KeyName, 'type'> & { readonly type: KeyName['type'] | undefined };

/** Looks at up to `limit` keys behind `after` (undefined: from the first one on). Within a turn. */
export function namePage(
  keyspace: Keyspace,
  database: Database,
  after: ByteString | undefined,
  limit: number,
): NamePage {
  const { memory, tables, now } = keyspace;
  const rows = tables.names(database.space, after ?? '', after !== undefined, limit);
  const end = rows.length < limit ? undefined : rows.at(-1)?.key;
  const fresh = memory
    .unfoldedFrom({ database: database.number, after, end }, limit + 1)
    .map(({ key, entry }): Seen => ({ key, type: entry?.type, expires: entry?.expires }));
  const merged = merge<Seen>(rows, fresh);
  const page = merged.slice(0, limit);
  const cut = merged.length > limit || end !== undefined;
  return { names: page.filter((seen) => isThere(seen, now)), next: cut ? page.at(-1)?.key : undefined };
}

function isThere(seen: Seen, now: number): seen is KeyName {
  return seen.type !== undefined && (seen.expires === undefined || seen.expires > now);
}

/** Both are in order; where both have a key the second, fresh one counts. */
function merge<T extends { readonly key: ByteString }>(rows: readonly T[], fresh: readonly T[]): T[] {
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
