/**
 * Takes IDs apart. Without a layout, a number says little about where it comes from, so every layout that could have
 * made it is listed, ranked by how plausible its time and fields are under that layout.
 */
import { idToString } from './batch.js';
import { wordsToInteger } from './encoding/digits.js';
import { badId, type Reading, readId, readingsOf, refusalOf, type TextFormat } from './encoding/parse.js';
import { layoutNames, resolveLayout } from './layout/index.js';
import { type ByteLayout, fieldOf, type IntegerLayout, type Layout, tickStart } from './layout/layout.js';
import { plausibility } from './plausibility.js';

export interface DecodedId {
  /** The ID in its canonical text. */
  readonly id: string;
  readonly layout: string;
  /** How the text was read. */
  readonly format: TextFormat;
  /** Milliseconds since the Unix epoch, as exact as the layout keeps it. */
  readonly time: number;
  /** By the system's own names, in snake_case. Numbers, or hex for the random parts. */
  readonly fields: Readonly<Record<string, number | string>>;
  /** 0 … 1; only the order means anything. 1 where the layout was given. */
  readonly score: number;
  /** Why the score is what it is, in a few words. */
  readonly why: string;
}

/** A second way to read the same text is this much less likely than the first. */
const SECOND_READING = 0.3;

/**
 * The ID under the given layout, or under each that could have made it, the likeliest first. Never empty: error
 * `seq.bad_id` when the text is none.
 */
export function decodeId(text: string, layout: Layout | undefined, now: number): DecodedId[] {
  const trimmed = text.trim().replace(/^urn:uuid:/i, '');
  if (layout !== undefined) {
    const decoded = decodeAs(trimmed, layout, now);
    return decoded.map((candidate) => ({ ...candidate, score: 1, why: 'layout given' }));
  }
  const found: DecodedId[] = [];
  let refusal: unknown;
  for (const name of layoutNames) {
    try {
      found.push(...decodeAs(trimmed, resolveLayout(name), now, true));
    } catch (error) {
      refusal = isUuid(trimmed) && name === 'uuid7' ? error : refusal;
    }
  }
  if (found.length === 0) throw refusal ?? badId(trimmed, undefined);
  return found.sort((a, b) => b.score - a.score);
}

/** @param detect only readings that tell of the layout by themselves: a plain number is no ULID */
function decodeAs(text: string, layout: Layout, now: number, detect = false): DecodedId[] {
  const readings = readingsOf(text, layout).filter((reading) => !detect || isTelling(reading, layout));
  const found: DecodedId[] = [];
  const seen = new Set<bigint>();
  let why: string | undefined;
  for (const reading of readings) {
    const value = read(text, reading, layout);
    const refusal = value === undefined ? undefined : refusalOf(layout, value);
    why ??= refusal;
    if (value === undefined || refusal !== undefined || seen.has(value)) continue;
    seen.add(value);
    const decoded = takeApart(layout, value);
    const { score, why: reason } = plausibility(layout, decoded.time, decoded.fields, now);
    const weight = found.length === 0 ? 1 : SECOND_READING;
    found.push({
      id: idToString(layout, value, 'canonical'),
      layout: layout.name,
      format: reading.format,
      ...decoded,
      score: score * weight,
      why: reason,
    });
  }
  if (found.length === 0) throw badId(text, layout, why);
  return found;
}

function isTelling(reading: Reading, layout: Layout): boolean {
  if (layout.family === 'integer') return true;
  return reading.format === 'canonical' || (reading.format === 'hex' && reading.length !== undefined);
}

function read(text: string, reading: Reading, layout: Layout): bigint | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const words = new Uint32Array(layout.byteLength / 4);
  return readId(bytes, 0, bytes.length, reading, words) ? wordsToInteger(words) : undefined;
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-/i.test(text);
}

type Parts = Pick<DecodedId, 'time' | 'fields'>;

function takeApart(layout: Layout, value: bigint): Parts {
  return layout.family === 'integer' ? takeIntegerApart(layout, value) : takeBytesApart(layout, value);
}

function takeIntegerApart(layout: IntegerLayout, value: bigint): Parts {
  const fields: Record<string, number> = {};
  for (const field of layout.fields) fields[field.name] = fieldOf(value, field);
  return { time: tickStart(layout, fieldOf(value, layout.time)), fields };
}

function takeBytesApart(layout: ByteLayout, value: bigint): Parts {
  const slice = (shift: number, bits: number) => (value >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n);
  const number = (shift: number, bits: number) => Number(slice(shift, bits));
  const hex = (shift: number, bits: number) =>
    slice(shift, bits)
      .toString(16)
      .padStart(bits / 4, '0');
  switch (layout.name) {
    case 'uuid7':
      return {
        time: number(80, 48),
        fields: {
          timestamp: number(80, 48),
          version: number(76, 4),
          rand_a: hex(64, 12),
          variant: number(62, 2),
          rand_b: slice(0, 62).toString(16).padStart(16, '0'),
        },
      };
    case 'ulid':
      return { time: number(80, 48), fields: { timestamp: number(80, 48), randomness: hex(0, 80) } };
    case 'ksuid': {
      const timestamp = number(128, 32);
      return { time: tickStart(layout, timestamp), fields: { timestamp, payload: hex(0, 128) } };
    }
    case 'xid': {
      const timestamp = number(64, 32);
      const fields = { timestamp, machine: hex(40, 24), pid: number(24, 16), counter: number(0, 24) };
      return { time: tickStart(layout, timestamp), fields };
    }
  }
}
