/**
 * Rows of `member`: fields of hashes with their values, members of sets, members of sorted sets with their scores, in the order of their
 * bytes. Whoever changes rows puts the collection's head afterwards, with the count.
 */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';
import { cut, joined, TOGETHER } from './joined.js';

/** Rows read at once where many are looked at. */
const PAGE = 17 * TOGETHER;

/** Whether there was none with this name; the value of one that was is replaced. */
export function putField(store: Store, owner: number, field: ByteString, value: ByteString): boolean {
  const name = bytesOf(field);
  const content = bytesOf(value);
  const insert = 'INSERT INTO member (owner, member, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
  if (store.statement<[number, Buffer, Buffer]>(insert).run(owner, name, content).changes === 1) return true;
  const update = 'UPDATE member SET value = ? WHERE owner = ? AND member = ?';
  store.statement<[Buffer, number, Buffer]>(update).run(content, owner, name);
  return false;
}

export function fieldValue(store: Store, owner: number, field: ByteString): ByteString | undefined {
  const sql = 'SELECT value FROM member WHERE owner = ? AND member = ?';
  const row = store.statement<[number, Buffer], { value: Buffer }>(sql).get(owner, bytesOf(field));
  return row && byteStringOf(row.value);
}

export function hasMember(store: Store, owner: number, member: ByteString): boolean {
  const sql = 'SELECT 1 FROM member WHERE owner = ? AND member = ?';
  return store.statement<[number, Buffer]>(sql).get(owner, bytesOf(member)) !== undefined;
}

/** Whether it was not there. */
export function addMember(store: Store, owner: number, member: ByteString): boolean {
  const sql = 'INSERT INTO member (owner, member) VALUES (?, ?) ON CONFLICT DO NOTHING';
  return store.statement<[number, Buffer]>(sql).run(owner, bytesOf(member)).changes === 1;
}

/** Whether it was there. */
export function removeMember(store: Store, owner: number, member: ByteString): boolean {
  const sql = 'DELETE FROM member WHERE owner = ? AND member = ?';
  return store.statement<[number, Buffer]>(sql).run(owner, bytesOf(member)).changes === 1;
}

export interface Field {
  readonly member: ByteString;
  /** Empty for members of sets. */
  readonly value: ByteString;
}

/** An element of any collection, as its scan sees it. */
export interface ScannedField extends Field {
  /** Of a member of a sorted set; 0 elsewhere. */
  readonly score: number;
}

interface FieldRow {
  readonly member: Buffer;
  readonly value: Buffer | null;
}

const fieldOf = ({ member, value }: FieldRow): ScannedField => ({
  member: byteStringOf(member),
  value: value === null ? '' : byteStringOf(value),
  score: 0,
});

interface JoinedRow {
  readonly memberLengths: string | null;
  readonly memberJoined: Buffer | null;
  readonly valueLengths: string | null;
  readonly valueJoined: Buffer | null;
}

const JOINED = `SELECT ${joined('member')}, ${joined('value')}
  FROM (SELECT member, value FROM member WHERE owner = ? AND member >= ? ORDER BY member LIMIT ?)`;

/** Rows behind a member (undefined: from the first one on), in order. */
export function fieldsAfter(store: Store, owner: number, after: ByteString | undefined, limit: number): ScannedField[] {
  const fields: ScannedField[] = [];
  const page = store.statement<[number, Buffer, number], JoinedRow>(JOINED);
  for (let from = after === undefined ? '' : `${after}\0`; fields.length < limit; ) {
    const size = Math.min(TOGETHER, limit - fields.length);
    const row = page.get(owner, bytesOf(from), size);
    const members = cut(row?.memberJoined ?? null, row?.memberLengths ?? null);
    const values = cut(row?.valueJoined ?? null, row?.valueLengths ?? null);
    for (const [i, member] of members.entries()) fields.push({ member, value: values[i] ?? '', score: 0 });
    if (members.length < size) break;
    from = `${members.at(-1) ?? ''}\0`;
  }
  return fields;
}

/** Members of a sorted set behind one, by name, with their scores. */
export function scoresAfter(store: Store, owner: number, after: ByteString | undefined, limit: number): ScannedField[] {
  // Other statements than those of fields, whose values are bytes.
  const first = 'SELECT member, value AS score FROM member WHERE owner = ? ORDER BY member LIMIT ?';
  const next = 'SELECT member, value AS score FROM member WHERE owner = ? AND member > ? ORDER BY member LIMIT ?';
  const rows =
    after === undefined
      ? store.statement<[number, number], { member: Buffer; score: number }>(first).all(owner, limit)
      : store
          .statement<[number, Buffer, number], { member: Buffer; score: number }>(next)
          .all(owner, bytesOf(after), limit);
  return rows.map(({ member, score }) => ({ member: byteStringOf(member), value: '', score }));
}

/** All rows, in order, a page in memory at a time. Rows that were passed may be changed meanwhile. */
export function* allFields(store: Store, owner: number): Generator<Field> {
  for (let after: ByteString | undefined; ; ) {
    const page = fieldsAfter(store, owner, after, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.member;
  }
}

/** The row at a place in the order, from 0. Reads the keys of all before it. */
export function fieldAt(store: Store, owner: number, place: number): Field | undefined {
  const sql = 'SELECT member, value FROM member WHERE owner = ? ORDER BY member LIMIT 1 OFFSET ?';
  const row = store.statement<[number, number], FieldRow>(sql).get(owner, place);
  return row && fieldOf(row);
}
