/**
 * Keys as lines of NDJSON, whole and to the byte: what `ds kv export` writes and `ds kv import` reads.
 *
 *     {"key":"greeting","type":"string","value":"hello","expires_at":"2030-01-01T00:00:00.000Z"}
 *     {"key":"user:1","type":"hash","elements":[["name","ada"],["photo",{"base64":"/9j/4A=="}]]}
 *     {"key":"queue","type":"list","elements":["a","b"]}
 *     {"key":"queue","type":"list","elements":["c"],"continues":true}
 *     {"key":"board","type":"zset","elements":[["ada",3.5],["grace","inf"]]}
 *
 * A large collection takes several lines, the later ones with `continues`; each has the time of its key, so that lines of a key whose time
 * comes meanwhile are left out together.
 */
import type { ByteString } from '../bytes.js';
import type { ValueType } from '../entry.js';
import { kvErrors } from '../errors.js';
import { decodeBytes, type EncodedBytes, encodeBytes } from './encoded-bytes.js';

/** Of hashes: fields, each followed by its value; of sorted sets: members, each followed by its score as Redis writes it. */
export interface KeyRecord {
  readonly key: ByteString;
  readonly type: ValueType;
  /** Of a string one: its value. */
  readonly parts: readonly ByteString[];
  readonly expiresAt?: number;
  readonly continues: boolean;
}

const PAIRED: ReadonlySet<ValueType> = new Set(['hash', 'zset']);

export function encodeRecord({ key, type, parts, expiresAt, continues }: KeyRecord) {
  const content =
    type === 'string' ? { value: encodeBytes(parts[0] ?? '') } : { elements: encodeElements(type, parts) };
  return {
    key: encodeBytes(key),
    type,
    ...content,
    ...(expiresAt === undefined ? {} : { expires_at: new Date(Math.min(expiresAt, LAST_TIME)).toISOString() }),
    ...(continues ? { continues } : {}),
  };
}

/** The last millisecond that a Date can hold. */
const LAST_TIME = 8.64e15;

function encodeElements(type: ValueType, parts: readonly ByteString[]): unknown[] {
  if (!PAIRED.has(type)) return parts.map(encodeBytes);
  const pairs: (readonly [EncodedBytes, EncodedBytes | number])[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const second = parts[at + 1] ?? '';
    pairs.push([encodeBytes(parts[at] ?? ''), type === 'zset' ? encodeScore(second) : encodeBytes(second)]);
  }
  return pairs;
}

const encodeScore = (score: ByteString): number | string => (/inf/.test(score) ? score : Number(score));

/** Error: `kv.bad_record`, which names the line. */
export function decodeRecord(line: string, number: number): KeyRecord {
  const refuse = (why: string) =>
    kvErrors.error('kv.bad_record', `line ${number} is no record of a key: ${why}`, {
      hint: 'ds kv export --help tells how lines look',
      details: { line: number },
    });
  const record = parse(line);
  if (record === undefined) throw refuse('it is no object of JSON');
  const key = decodeBytes(record['key']);
  if (key === undefined) throw refuse('key is neither a text nor {"base64": …}');
  const type = TYPES.find((one) => one === record['type']);
  if (type === undefined) throw refuse('type is not string, list, set, zset or hash');
  const parts = decodeParts(type, record);
  if (parts === undefined) throw refuse(type === 'string' ? 'value cannot be read' : 'elements cannot be read');
  const expiresAt = decodeTime(record['expires_at']);
  if (expiresAt === 'bad') throw refuse('expires_at is no time in ISO 8601');
  return {
    key,
    type,
    parts,
    continues: record['continues'] === true,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

const TYPES: readonly ValueType[] = ['string', 'list', 'set', 'zset', 'hash'];

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function decodeTime(value: unknown): number | undefined | 'bad' {
  if (value === undefined) return undefined;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? 'bad' : time;
}

function decodeParts(type: ValueType, record: Readonly<Record<string, unknown>>): ByteString[] | undefined {
  if (type === 'string') return allOf([decodeBytes(record['value'])]);
  const { elements } = record;
  if (!Array.isArray(elements) || elements.length === 0) return undefined;
  if (!PAIRED.has(type)) return allOf(elements.map(decodeBytes));
  return allOf(elements.flatMap((pair: unknown) => decodePair(type, pair)));
}

function decodePair(type: ValueType, pair: unknown): (ByteString | undefined)[] {
  if (!Array.isArray(pair) || pair.length !== 2) return [undefined];
  const second: unknown = pair[1];
  return [decodeBytes(pair[0]), type === 'zset' ? decodeScore(second) : decodeBytes(second)];
}

function decodeScore(score: unknown): ByteString | undefined {
  if (typeof score === 'number') return String(score);
  return score === 'inf' || score === '-inf' ? score : undefined;
}

function allOf(parts: readonly (ByteString | undefined)[]): ByteString[] | undefined {
  return parts.includes(undefined) ? undefined : (parts as ByteString[]);
}
