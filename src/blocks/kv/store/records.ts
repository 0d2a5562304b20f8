/**
 * Records of the journal, one behind another:
 *
 *     kind │ database │ length, key │ length, body        numbers as varints: seven bits a byte, the lowest first
 *
 *     kind  body
 *     s     expires, value
 *     l s z h   expires, owner, count, counted, first (zigzag)
 *     d x   deleted; expired
 *     f     the database (or with 255 all) was emptied; no key
 */
import type { ByteString } from '../bytes.js';
import { CollectionEntry, type CollectionType, type Entry, StringEntry } from '../entry.js';

/** Code of a type, in records and in the table. */
const CODES = { string: 's', list: 'l', set: 'e', zset: 'z', hash: 'h' } as const;
const TYPES: Readonly<Record<string, CollectionType>> = { l: 'list', e: 'set', z: 'zset', h: 'hash' };

export const codeOfType = (type: Entry['type']): number => CODES[type].charCodeAt(0);

export const typeOfCode = (code: number): Entry['type'] => TYPES[String.fromCharCode(code)] ?? 'string';

type RecordKind = 'put' | 'delete' | 'expire' | 'flush';

export interface JournalRecord {
  readonly kind: RecordKind;
  /** Of `flush`: undefined where all were emptied. */
  readonly database: number | undefined;
  readonly key: ByteString;
  /** Of `put`. */
  readonly entry: Entry | undefined;
  readonly revision: number;
}

const SMALL = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i));

/** A whole number from 0 to 2^53. */
function varint(value: number): string {
  if (value < 128) return SMALL[value] ?? '';
  let text = '';
  let rest = value;
  while (rest >= 128) {
    text += String.fromCharCode(128 + (rest % 128));
    rest = Math.floor(rest / 128);
  }
  return text + SMALL[rest];
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2);

export function putRecord(database: number, key: ByteString, entry: Entry): string {
  const expires = varint(entry.expires ?? 0);
  const start = CODES[entry.type] + SMALL[database] + varint(key.length) + key;
  if (entry.type === 'string') return start + varint(expires.length + entry.value.length) + expires + entry.value;
  const body = expires + encodeHead(entry);
  return start + varint(body.length) + body;
}

export const deleteRecord = (database: number, key: ByteString, expired: boolean): string =>
  `${expired ? 'x' : 'd'}${SMALL[database]}${varint(key.length)}${key}\0`;

/** `database` undefined: all of them. */
export const flushRecord = (database: number | undefined): string => `f${String.fromCharCode(database ?? 255)}\0\0`;

/** What a collection's row in the table holds as its value. */
export const encodeHead = (entry: CollectionEntry): string =>
  varint(entry.owner) + varint(entry.count) + (entry.counted ? '\x01' : '\0') + varint(zigzag(entry.first));

class Reader {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  slice(length: number): ByteString {
    const text = this.bytes.toString('latin1', this.at, this.at + length);
    this.at += length;
    return text;
  }

  entry(type: string, end: number, expires: number | undefined, revision: number): Entry {
    const collection = TYPES[type];
    if (collection === undefined) return new StringEntry(this.slice(end - this.at), expires, revision);
    const owner = this.varint();
    const count = this.varint();
    const counted = this.byte() === 1;
    return new CollectionEntry(collection, owner, count, counted, unzigzag(this.varint()), expires, revision);
  }
}

/** The entry of a row of the table. */
export function decodeEntry(type: number, value: Buffer, expires: number | null, revision: number): Entry {
  return new Reader(value).entry(String.fromCharCode(type), value.length, expires ?? undefined, revision);
}

/** The records of a row, whose last one has `lastRevision`. */
export function decodeRecords(bytes: Buffer, lastRevision: number): JournalRecord[] {
  const reader = new Reader(bytes);
  const records: (Omit<JournalRecord, 'revision'> & { entryAt: number; end: number; code: string })[] = [];
  while (reader.at < bytes.length) {
    const code = String.fromCharCode(reader.byte());
    const database = reader.byte();
    const key = reader.slice(reader.varint());
    const length = reader.varint();
    const entryAt = reader.at;
    reader.at += length;
    const kind = code === 'd' ? 'delete' : code === 'x' ? 'expire' : code === 'f' ? 'flush' : 'put';
    records.push({
      kind,
      database: database === 255 ? undefined : database,
      key,
      entry: undefined,
      entryAt,
      end: reader.at,
      code,
    });
  }
  const first = lastRevision - records.length + 1;
  return records.map(({ kind, database, key, entryAt, end, code }, i) => {
    const revision = first + i;
    if (kind !== 'put') return { kind, database, key, entry: undefined, revision };
    reader.at = entryAt;
    const expires = reader.varint();
    return {
      kind,
      database,
      key,
      revision,
      entry: reader.entry(code, end, expires === 0 ? undefined : expires, revision),
    };
  });
}
