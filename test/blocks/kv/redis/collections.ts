/** Collections written as rows, for tests of commands that take them as they are. */
import { bytesOf } from '../../../../src/blocks/kv/bytes.js';
import { CollectionEntry } from '../../../../src/blocks/kv/entry.js';
import type { CommandHost } from '../command-host.js';

type Rows = readonly (readonly [member: string, value: string | number | null])[];

const MEMBER = 'INSERT INTO member (owner, member, value) VALUES (?, ?, ?)';
const RANKED = 'INSERT INTO ranked (owner, score, member) VALUES (?, ?, ?)';

function addMembers({ keyspace, selected }: CommandHost, key: string, type: 'hash' | 'set' | 'zset', rows: Rows): void {
  keyspace.turn('write', () => {
    const { owner } = keyspace.newCollection(type);
    for (const [member, value] of rows) {
      const stored = typeof value === 'string' ? bytesOf(value) : value;
      keyspace.store.statement<[number, Buffer, Buffer | number | null]>(MEMBER).run(owner, bytesOf(member), stored);
      if (typeof value !== 'number') continue;
      keyspace.store.statement<[number, number, Buffer]>(RANKED).run(owner, value, bytesOf(member));
    }
    const head = new CollectionEntry(type, owner, rows.length, false, 0, undefined, 0);
    keyspace.database(selected).setCollection(key, head);
  });
}

export function addHash(host: CommandHost, key: string, fields: Readonly<Record<string, string>>): void {
  addMembers(host, key, 'hash', Object.entries(fields));
}

export function addSet(host: CommandHost, key: string, members: readonly string[]): void {
  addMembers(
    host,
    key,
    'set',
    members.map((member) => [member, null]),
  );
}

export function addSortedSet(host: CommandHost, key: string, scores: Readonly<Record<string, number>>): void {
  addMembers(host, key, 'zset', Object.entries(scores));
}

/** Rows of all collections that the file has, by their owner. */
export function rowsOf({ keyspace }: CommandHost, owner: number): number {
  const sql = `SELECT (SELECT count(*) FROM member WHERE owner = @owner) + (SELECT count(*) FROM ranked WHERE owner = @owner)
    + (SELECT count(*) FROM item WHERE owner = @owner) AS count`;
  return keyspace.store.statement<[{ owner: number }], { count: number }>(sql).get({ owner })?.count ?? 0;
}
