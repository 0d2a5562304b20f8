/** Fields that are numbers, times and words that stand for numbers. */
import { parseDuration } from '../../../platform/units.js';
import { findType, typeName } from '../wire/mnemonics.js';
import { type OctetWriter, readUint16, readUint32 } from '../wire/octets.js';
import { badRecord, type Field, need, type Word } from './field.js';

type Width = 1 | 2 | 4;

function read(bytes: Uint8Array, offset: number, width: Width): number {
  if (width === 1) return bytes[offset] ?? 0;
  return width === 2 ? readUint16(bytes, offset) : readUint32(bytes, offset);
}

function write(out: OctetWriter, value: number, width: Width): void {
  if (width === 1) out.uint8(value);
  else if (width === 2) out.uint16(value);
  else out.uint32(value);
}

/** Error: `dns.bad_record`. */
export function parseNumber(text: string, most: number, what: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw badRecord(`${what} is "${text.slice(0, 40)}", not a number from 0 to ${most}`);
  return value;
}

export function uint(width: Width, what: string): Field {
  return {
    end: (_bytes, offset, end) => need(offset, width, end, what),
    print: (bytes, offset) => String(read(bytes, offset, width)),
    parse: (words, out) => write(out, parseNumber(words.next(what).text, 256 ** width - 1, what), width),
  };
}

/** A number that some call by a name: `RSASHA256`. Printed as a number unless `named`. */
export function mnemonic(width: Width, what: string, names: Readonly<Record<string, number>>, named = false): Field {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]));
  return {
    end: (_bytes, offset, end) => need(offset, width, end, what),
    print(bytes, offset) {
      const value = read(bytes, offset, width);
      return (named ? byNumber.get(value) : undefined) ?? String(value);
    },
    parse(words, out) {
      const { text } = words.next(what);
      const known = names[text.toUpperCase()];
      write(out, known ?? parseNumber(text, 256 ** width - 1, what), width);
    },
  };
}

/** TTLs and the like may be written `1h30m` (as BIND reads them); bounded by 2^31 - 1 (RFC 2181, section 8). */
export const HIGHEST_TTL = 2 ** 31 - 1;

/** Seconds. Error: `dns.bad_record`. */
export function parsePeriod(text: string, what: string): number {
  if (/^\d+$/.test(text)) return parseNumber(text, HIGHEST_TTL, what);
  const ms = /ms|\./i.test(text) ? undefined : parseDuration(text.toLowerCase());
  if (ms === undefined || ms > HIGHEST_TTL * 1000) {
    throw badRecord(`${what} is "${text.slice(0, 40)}", not seconds or a time such as 1h30m`);
  }
  return ms / 1000;
}

export function period(what: string): Field {
  return {
    ...uint(4, what),
    parse(words, out) {
      const { text } = words.next(what);
      // In data the upper half is no use, but it is there (RFC 1035, section 3.3.13).
      out.uint32(/^\d+$/.test(text) ? parseNumber(text, 2 ** 32 - 1, what) : parsePeriod(text, what));
    },
  };
}

/** A record type by its name. */
export const coveredType: Field = {
  end: (_bytes, offset, end) => need(offset, 2, end, 'type'),
  print: (bytes, offset) => typeName(readUint16(bytes, offset)),
  parse: (words, out) => out.uint16(wordAsType(words.next('type'))),
};

/** Error: `dns.bad_record`. */
export function wordAsType({ text }: Word): number {
  const type = findType(text);
  if (type === undefined) throw badRecord(`"${text.slice(0, 40)}" is no record type`);
  return type;
}

/** YYYYMMDDHHmmSS or seconds since the Unix epoch, modulo 2^32 (RFC 4034, section 3.2). */
export function instant(what: string): Field {
  return {
    end: (_bytes, offset, end) => need(offset, 4, end, what),
    print(bytes, offset) {
      const iso = new Date(readUint32(bytes, offset) * 1000).toISOString();
      return iso.slice(0, 19).replace(/[-:T]/g, '');
    },
    parse(words, out) {
      const { text } = words.next(what);
      const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
      if (match === null) return out.uint32(parseNumber(text, 0xffff_ffff, what));
      const [, year, month, day, hour, minute, second] = match.map(Number);
      const ms = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
      if (new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '') !== text) {
        throw badRecord(`${what} is "${text}", which is no time`);
      }
      out.uint32((ms / 1000) % 2 ** 32);
    },
  };
}

/** 48 bits of seconds (TSIG, RFC 8945, section 4.2). */
export const time48: Field = {
  end: (_bytes, offset, end) => need(offset, 6, end, 'time'),
  print: (bytes, offset) => String(readUint16(bytes, offset) * 2 ** 32 + readUint32(bytes, offset + 2)),
  parse(words, out) {
    const value = parseNumber(words.next('time').text, 2 ** 48 - 1, 'time');
    out.uint16(Math.floor(value / 2 ** 32));
    out.uint32(value % 2 ** 32);
  },
};
