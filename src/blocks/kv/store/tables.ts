/** The statements on entries, spaces and garbage. */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';
import type { Entry } from '../entry.js';
import { codeOfType, decodeEntry, encodeHead, typeOfCode } from './records.js';

const sweepOf = (table: string, columns: string) =>
  `DELETE FROM ${table} WHERE (owner, ${columns}) IN (SELECT owner, ${columns} FROM ${table} WHERE owner = ? LIMIT ?)`;
const SWEEPS = [
  sweepOf('member', 'member'),
  sweepOf('ranked', 'score, member'),
  sweepOf('item', 'position'),
  sweepOf('span', 'level, place, member'),
];

const STRING = codeOfType('string');

interface EntryRow {
  readonly type: number;
  readonly expires: number | null;
  readonly revision: number;
  readonly value: Buffer;
}

interface KeyedRow extends EntryRow {
  readonly key: Buffer;
}

type NameRow = Pick<KeyedRow, 'key' | 'type' | 'expires'>;

/** A key, and what is known of it without its value. */
export interface KeyName {
  readonly key: ByteString;
  readonly type: Entry['type'];
  readonly expires: number | undefined;
}

export class Tables {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  find(space: number, key: ByteString): Entry | undefined {
    const sql = 'SELECT type, expires, revision, value FROM entry WHERE space = ? AND key = ?';
    const row = this.#store.statement<[number, Buffer], EntryRow>(sql).get(space, bytesOf(key));
    return row && decodeEntry(row.type, row.value, row.expires, row.revision);
  }

  write(space: number, key: ByteString, entry: Entry): void {
    const sql = `INSERT INTO entry (space, key, type, expires, revision, value) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET type = excluded.type, expires = excluded.expires, revision = excluded.revision, value = excluded.value`;
    const value = bytesOf(entry.type === 'string' ? entry.value : encodeHead(entry));
    this.#store
      .statement<[number, Buffer, number, number | null, number, Buffer]>(sql)
      .run(space, bytesOf(key), codeOfType(entry.type), entry.expires ?? null, entry.revision, value);
  }

  remove(space: number, key: ByteString): void {
    this.#store.statement<[number, Buffer]>('DELETE FROM entry WHERE space = ? AND key = ?').run(space, bytesOf(key));
  }

  /** As {@link page}, without reading what the keys hold. */
  names(space: number, from: ByteString, after: boolean, limit: number): KeyName[] {
    const sql = `SELECT key, type, expires FROM entry WHERE space = ? AND key ${after ? '>' : '>='} ? ORDER BY key LIMIT ?`;
    return this.#store
      .statement<[number, Buffer, number], NameRow>(sql)
      .all(space, bytesOf(from), limit)
      .map(({ key, type, expires }) => ({
        key: byteStringOf(key),
        type: typeOfCode(type),
        expires: expires ?? undefined,
      }));
  }

  /** Keys whose time has come. */
  expired(now: number, limit: number): { space: number; key: ByteString }[] {
    const sql = 'SELECT space, key FROM entry WHERE expires <= ? ORDER BY expires LIMIT ?';
    return this.#store
      .statement<[number, number], { space: number; key: Buffer }>(sql)
      .all(now, limit)
      .map(({ space, key }) => ({ space, key: byteStringOf(key) }));
  }

  hasAny(space: number): boolean {
    return this.#store.statement<[number]>('SELECT 1 FROM entry WHERE space = ? LIMIT 1').get(space) !== undefined;
  }

  spaces(): { number: number; space: number }[] {
    return this.#store.statement<[], { number: number; space: number }>('SELECT number, space FROM space').all();
  }

  setSpace(number: number, space: number): void {
    this.#store.statement<[number, number]>('UPDATE space SET space = ? WHERE number = ?').run(space, number);
  }

  /** Keys of each database as of the last row of the journal, or as kept beside it. */
  sizes(): number[] {
    const sql = 'SELECT sizes FROM journal ORDER BY revision DESC LIMIT 1';
    const row = this.#store.statement<[], { sizes: string }>(sql).get();
    return row === undefined ? [] : row.sizes.split(' ').map(Number);
  }

  addGarbage(kind: 'owner' | 'space', id: number): void {
    this.#store.statement<[string, number]>('INSERT OR IGNORE INTO garbage (kind, id) VALUES (?, ?)').run(kind, id);
  }

  garbage(): { kind: string; id: number } | undefined {
    return this.#store.statement<[], { kind: string; id: number }>('SELECT kind, id FROM garbage LIMIT 1').get();
  }

  /** Removes up to `limit` rows of an owner or a space. Returns how many there were. Owners that a space held become garbage, too. */
  sweep(kind: string, id: number, limit: number): number {
    if (kind === 'space') return this.#sweepSpace(id, limit);
    let left = limit;
    for (const sql of SWEEPS) {
      left -= this.#store.statement<[number, number]>(sql).run(id, left).changes;
      if (left <= 0) break;
    }
    return limit - left;
  }

  #sweepSpace(space: number, limit: number): number {
    const sql = 'SELECT key, type FROM entry WHERE space = ? LIMIT ?';
    const rows = this.#store.statement<[number, number], { key: Buffer; type: number }>(sql).all(space, limit);
    for (const row of rows) {
      const key = byteStringOf(row.key);
      // Values of strings, which may be large, are not read.
      const entry = row.type === STRING ? undefined : this.find(space, key);
      if (entry !== undefined && entry.type !== 'string') this.addGarbage('owner', entry.owner);
      this.remove(space, key);
    }
    return rows.length;
  }

  dropGarbage(kind: string, id: number): void {
    this.#store.statement<[string, number]>('DELETE FROM garbage WHERE kind = ? AND id = ?').run(kind, id);
  }
}
