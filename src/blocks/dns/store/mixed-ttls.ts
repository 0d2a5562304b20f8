/**
 * The records of an RRset share a TTL; where they came with several, the smallest is everybody's (RFC 2181, section 5.2).
 * Signatures are left alone: each has the TTL of what it covers (RFC 4034, section 3).
 */
import type { Store } from '../../../platform/store/store.js';
import { Name } from '../name.js';
import { RRType } from '../wire/mnemonics.js';

export interface MixedTtls {
  readonly count: number;
  readonly examples: readonly { readonly name: Name; readonly type: number; readonly ttl: number }[];
}

/** Examples that a report tells. */
const EXAMPLES = 5;

/** `table` looks like record. One scan of the zone when there is nothing to do. Within a transaction. */
export function levelTtls(store: Store, table: string, zone: number): MixedTtls {
  const mixed = `SELECT owner, type, min(ttl) AS ttl FROM ${table} WHERE zone = @zone AND type <> ${RRType.RRSIG}
    GROUP BY owner, type HAVING min(ttl) <> max(ttl)`;
  const parameters = { zone };
  const row = store.statement<[object], { count: number }>(`SELECT count(*) AS count FROM (${mixed})`).get(parameters);
  const count = row?.count ?? 0;
  if (count === 0) return { count, examples: [] };
  const examples = store
    .statement<[object], { owner: Buffer; type: number; ttl: number }>(`${mixed} LIMIT ${EXAMPLES}`)
    .all(parameters)
    .map(({ owner, type, ttl }) => ({ name: Name.fromSortKey(owner), type, ttl }));
  store
    .statement<[object]>(
      `UPDATE ${table} AS r SET ttl = mixed.ttl FROM (${mixed}) AS mixed
         WHERE r.zone = @zone AND r.owner = mixed.owner AND r.type = mixed.type`,
    )
    .run(parameters);
  return { count, examples };
}
