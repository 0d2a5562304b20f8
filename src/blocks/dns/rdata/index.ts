/** The data of resource records: checked, printed, read from text. */
import { DsError } from '../../../platform/errors.js';
import type { Name } from '../name.js';
import { RRClass } from '../wire/mnemonics.js';
import { OctetWriter } from '../wire/octets.js';
import { badRecord, tooLong, type Word, Words } from './field.js';
import { parseNumber } from './numbers.js';
import { encoded, parseHex } from './octet-text.js';
import { checkFields, hasData, layoutOf } from './schema.js';

export type { Word } from './field.js';
export { nameAt } from './name-field.js';
export { HIGHEST_TTL, parsePeriod } from './numbers.js';

const MOST_OCTETS = 0xffff;

/** Checks uncompressed data of a record. Error: `dns.malformed`. */
export function checkRdata(type: number, rdata: Uint8Array, rrClass: number = RRClass.IN): void {
  const layout = hasData(rdata.length, rrClass) ? layoutOf(type, rrClass) : undefined;
  if (layout !== undefined) checkFields(layout, rdata, 0, rdata.length);
}

/** The text of master files, in ASCII with everything else escaped: `10 mail.example.`, `\# 2 abcd` for an unknown type. */
export function printRdata(type: number, rdata: Uint8Array, rrClass: number = RRClass.IN): string {
  if (!hasData(rdata.length, rrClass)) return '';
  const fields = layoutOf(type, rrClass)?.fields;
  if (fields === undefined) return printUnknown(rdata);
  const words: string[] = [];
  let at = 0;
  for (const field of fields) {
    const end = field.end(rdata, at, rdata.length);
    const text = field.print(rdata, at, end);
    if (text !== '') words.push(text);
    at = end;
  }
  if (at !== rdata.length) throw tooLong(rdata.length - at);
  return words.join(' ');
}

/** RFC 3597, section 5. */
export function printUnknown(rdata: Uint8Array): string {
  if (rdata.length === 0) return '\\# 0';
  return `\\# ${rdata.length} ${encoded(rdata, 0, rdata.length, 'hex').toUpperCase()}`;
}

/** Words of a master file → uncompressed data, checked. Error: `dns.bad_record`, `dns.bad_name`. */
export function parseRdata(
  type: number,
  words: readonly Word[],
  origin: Name,
  rrClass: number = RRClass.IN,
): Uint8Array {
  if (words[0]?.text === '\\#' && !words[0].quoted) return parseUnknown(type, words.slice(1), rrClass);
  const fields = layoutOf(type, rrClass)?.fields;
  if (fields === undefined) throw badRecord('the data of this type is written \\# LENGTH HEX');
  const reader = new Words(words, origin);
  const out = new OctetWriter(64);
  for (const field of fields) field.parse(reader, out);
  if (reader.left > 0) throw badRecord(`"${reader.peek()?.text.slice(0, 40)}" is one word too many`);
  return checked(type, out.take(), rrClass);
}

function parseUnknown(type: number, words: readonly Word[], rrClass: number): Uint8Array {
  const [length, ...hex] = words.map(({ text }) => text);
  const octets = parseHex(hex.join(''), 'data');
  if (parseNumber(length ?? '', MOST_OCTETS, 'length') !== octets.length) {
    throw badRecord(`the data has ${octets.length} octets, not the ${length} it says`);
  }
  return checked(type, octets, rrClass);
}

function checked(type: number, rdata: Uint8Array, rrClass: number): Uint8Array {
  if (rdata.length > MOST_OCTETS) throw badRecord(`the data has ${rdata.length} octets, not at most ${MOST_OCTETS}`);
  try {
    checkRdata(type, rdata, rrClass);
  } catch (error) {
    throw error instanceof DsError ? badRecord(error.message) : error;
  }
  return rdata;
}
