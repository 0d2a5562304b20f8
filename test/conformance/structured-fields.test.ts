/** The HTTP working group's own cases for structured fields (RFC 9651), read and written. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type BareItem,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeItem,
  serializeList,
  Token,
} from '../../src/platform/protocol/structured-fields.js';

const DATA = fileURLToPath(new URL('../../../shared/data/structured-fields.ndjson.gz', import.meta.url));

interface Case {
  readonly name: string;
  readonly file: string;
  readonly header_type: 'item' | 'list' | 'dictionary';
  readonly raw?: readonly string[];
  readonly expected?: unknown;
  readonly canonical?: readonly string[];
  readonly must_fail?: boolean;
  readonly can_fail?: boolean;
}

/**
 * What the library is known to get wrong, each with its reason; whatever is listed must fail, so that the list stays
 * true. Rate limit fields have neither decimals nor dates.
 */
const KNOWN: readonly (readonly [RegExp, why: string])[] = [
  [
    /^number-generated\.json: \d+ digit, \d fractional 0 decimal$/,
    'a decimal that is whole is a number, and is written as an integer',
  ],
  [/^param-dict\.json: (?:single|list) item parameterised dict/, 'the same, of q=1.0'],
  [
    /^param-list\.json: (?:single item|missing (?:terminal )?parameter value) parameterised list$/,
    'the same, of q=1.0',
  ],
  [
    /^serialisation-tests\/number\.json: (?:round (?:positive|negative) even|decimal round up)/,
    'rounding of a fourth decimal place',
  ],
  [/^date\.json: syntactic (?:max|min) date/, 'a date beyond the years that Date has'],
];

const cases = existsSync(DATA)
  ? gunzipSync(readFileSync(DATA))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Case => JSON.parse(line))
  : [];

const parsers = { item: parseItem, list: parseList, dictionary: parseDictionary } as const;

/** What was parsed, in the cases' own form. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, member]) => [key, plain(member)]);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Token) return { __type: 'token', value: value.toString() };
  if (value instanceof ArrayBuffer) return { __type: 'binary', value: base32(Buffer.from(value)) };
  if (value instanceof Date) return { __type: 'date', value: value.getTime() / 1000 };
  if (typeof value === 'object' && value !== null) return { __type: 'displaystring', value: String(value) };
  // Structured fields know no negative zero.
  return value === 0 ? 0 : value;
}

/** RFC 4648, section 6. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = bits
    .match(/.{1,5}/g)
    ?.map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)]);
  const text = digits?.join('') ?? '';
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}

function serialize(type: Case['header_type'], raw: string): string {
  if (type === 'item') return serializeItem(parseItem(raw));
  return type === 'list' ? serializeList(parseList(raw)) : serializeDictionary(parseDictionary(raw));
}

describe.skipIf(cases.length === 0)('structured fields', () => {
  const parsed = cases.filter((one) => one.raw !== undefined);

  test('there are cases of every kind', () => {
    expect(parsed).toHaveLength(1_591);
    expect(cases).toHaveLength(2_135);
  });

  test.each(cases.map((one) => [`${one.file}: ${one.name}`, one] as const))('%s', (name, one) => {
    const check = () => (one.raw === undefined ? writes(one) : reads(one, one.raw.join(', ')));
    if (KNOWN.some(([pattern]) => pattern.test(name))) expect(check).toThrow();
    else check();
  });
});

/** A case that begins with the text: it is read, and written in its canonical form. */
function reads({ header_type, must_fail, can_fail, expected, canonical }: Case, raw: string): void {
  const parse = () => plain(parsers[header_type](raw));
  if (must_fail === true) return void expect(parse).toThrow();
  let value: unknown;
  try {
    value = parse();
  } catch (error) {
    if (can_fail === true) return;
    throw error;
  }
  expect(value).toEqual(expected);
  expect(serialize(header_type, raw)).toBe(canonical?.join(', ') ?? raw);
}

/** A case that begins with the value. */
function writes({ header_type, expected, canonical, must_fail }: Case): void {
  const write = () => {
    if (header_type === 'item') return serializeItem(itemOf(expected));
    if (header_type === 'list') return serializeList(listOf(expected).map(itemOf));
    return serializeDictionary(
      new Map(listOf(expected).map((entry) => [String(listOf(entry)[0]), itemOf(listOf(entry)[1])])),
    );
  };
  if (must_fail === true) expect(write).toThrow();
  else expect(write()).toBe(canonical?.join(', '));
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${JSON.stringify(value)} is not a list`);
  return value;
}

type AnyItem = Parameters<typeof serializeItem>[0];

function itemOf(value: unknown): AnyItem {
  const [bare, parameters] = listOf(value);
  const map = new Map(listOf(parameters).map((entry) => [String(listOf(entry)[0]), bareOf(listOf(entry)[1])]));
  return [Array.isArray(bare) ? (bare.map(itemOf) as never) : bareOf(bare), map];
}

function bareOf(value: unknown): BareItem {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'object' && value !== null && '__type' in value && 'value' in value) {
    if (value.__type === 'token') return new Token(String(value.value));
    if (value.__type === 'date') return new Date(Number(value.value) * 1000);
  }
  throw new TypeError(`no bare item: ${JSON.stringify(value)}`);
}
