/** Copies of entries. The rows of a collection are copied within the file, none of them is read here. */
import { CollectionEntry, type Entry } from '../../entry.js';
import type { Keyspace } from '../../store/keyspace.js';

const copying = (table: string, columns: string) =>
  `INSERT INTO ${table} (owner, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE owner = ?`;

const MEMBERS = copying('member', 'member, value');
const RANKED = copying('ranked', 'score, member');
const ITEMS = copying('item', 'position, value');
const SPANS = copying('span', 'level, place, member, count');

const TABLES = { hash: [MEMBERS], set: [MEMBERS], zset: [MEMBERS, RANKED], list: [ITEMS] } as const;

/** An entry with the same content, whose rows are its own. */
export function copyOf(keyspace: Keyspace, entry: Entry): Entry {
  if (entry.type === 'string') return entry;
  const owner = keyspace.newOwner();
  for (const sql of TABLES[entry.type]) keyspace.store.statement<[number, number]>(sql).run(owner, entry.owner);
  if (entry.counted) keyspace.store.statement<[number, number]>(SPANS).run(owner, entry.owner);
  const { type, count, counted, first, expires } = entry;
  return new CollectionEntry(type, owner, count, counted, first, expires, 0);
}
