/**
 * The parameters of SVCB and HTTPS (RFC 9460, sections 2.1 and 2.2), to the end of the data:
 *
 *     key 2 │ length 2 │ value        keys rise, each at most once
 */
import { OctetWriter, readUint16 } from '../wire/octets.js';
import { ipv4Text, ipv6Text, writeIpv4, writeIpv6 } from './addresses.js';
import { badRecord, type Field, malformed, need, type Word } from './field.js';
import { parseNumber } from './numbers.js';
import { encoded, parseBase64, quote, wordOctets } from './octet-text.js';

const Key = {
  mandatory: 0,
  alpn: 1,
  noDefaultAlpn: 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
  ohttp: 8,
} as const;

/** RFC 9460, section 14.3.2. */
const INVALID_KEY = 0xffff;

const keyNames: Readonly<Record<number, string>> = {
  0: 'mandatory',
  1: 'alpn',
  2: 'no-default-alpn',
  3: 'port',
  4: 'ipv4hint',
  5: 'ech',
  6: 'ipv6hint',
  7: 'dohpath',
  8: 'ohttp',
};

const keyText = (key: number) => keyNames[key] ?? `key${key}`;

function findKey(name: string): number {
  const known = Object.entries(keyNames).find(([, text]) => text === name)?.[0];
  const number = /^key(0|[1-9]\d{0,4})$/.exec(name)?.[1];
  const key = Number(known ?? number);
  if (!(key < INVALID_KEY)) throw badRecord(`"${name.slice(0, 40)}" is no service parameter`);
  return key;
}

export const serviceParameters: Field = {
  takesRest: true,
  end(bytes, offset, end) {
    const keys = new Set<number>();
    let last = -1;
    let at = offset;
    while (at < end) {
      const value = need(at, 4, end, 'service parameter');
      const key = readUint16(bytes, at);
      if (key <= last) throw malformed('service parameters do not rise');
      if (key === INVALID_KEY) throw malformed(`service parameter ${keyText(key)} is none`);
      at = need(value, readUint16(bytes, at + 2), end, 'service parameter');
      checkValue(key, bytes, value, at);
      keys.add(key);
      last = key;
    }
    checkMandatory(bytes, offset, keys);
    return at;
  },
  print(bytes, offset, end) {
    const items: string[] = [];
    for (let at = offset; at < end; ) {
      const valueEnd = at + 4 + readUint16(bytes, at + 2);
      items.push(parameterText(readUint16(bytes, at), bytes, at + 4, valueEnd));
      at = valueEnd;
    }
    return items.join(' ');
  },
  parse(words, out) {
    const values = new Map<number, Uint8Array>();
    for (const word of words.rest()) {
      const [key, value] = parseParameter(word);
      if (values.has(key)) throw badRecord(`service parameter ${keyText(key)} stands twice`);
      values.set(key, value);
    }
    // RFC 9460, section 7.1.1.
    if (values.has(Key.noDefaultAlpn) && !values.has(Key.alpn))
      throw badRecord('service parameter no-default-alpn says nothing without alpn');
    for (const key of [...values.keys()].sort((a, b) => a - b)) {
      const value = values.get(key) ?? new Uint8Array();
      out.uint16(key);
      out.uint16(value.length);
      out.octets(value);
    }
  },
};

function checkValue(key: number, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  const wrong = () => malformed(`service parameter ${keyText(key)} has a value of ${length} octets`);
  if (key === Key.mandatory) {
    if (length === 0 || length % 2 !== 0) throw wrong();
  } else if (key === Key.alpn) {
    if (length === 0) throw wrong();
    for (let at = start; at < end; ) {
      const octets = bytes[at] ?? 0;
      if (octets === 0) throw malformed('a protocol identifier is empty');
      at = need(at + 1, octets, end, 'protocol identifier');
    }
  } else if (key === Key.noDefaultAlpn || key === Key.ohttp) {
    if (length !== 0) throw wrong();
  } else if (key === Key.port) {
    if (length !== 2) throw wrong();
  } else if (key === Key.ipv4hint || key === Key.ipv6hint) {
    if (length === 0 || length % (key === Key.ipv4hint ? 4 : 16) !== 0) throw wrong();
  }
}

/** Every mandatory key is there, none twice, and not itself (RFC 9460, section 8). */
function checkMandatory(bytes: Uint8Array, offset: number, keys: ReadonlySet<number>): void {
  if (!keys.has(Key.mandatory)) return;
  let last = 0;
  for (let at = offset + 4; at < offset + 4 + readUint16(bytes, offset + 2); at += 2) {
    const key = readUint16(bytes, at);
    if (key <= last || !keys.has(key))
      throw malformed(`mandatory names ${keyText(key)}, which is not there, or in no order`);
    last = key;
  }
}

function parameterText(key: number, bytes: Uint8Array, start: number, end: number): string {
  const name = keyText(key);
  if (start === end) return name;
  return `${name}=${valueText(key, bytes, start, end)}`;
}

function valueText(key: number, bytes: Uint8Array, start: number, end: number): string {
  const list = (step: number, text: (at: number) => string) => {
    return Array.from({ length: (end - start) / step }, (_, index) => text(start + index * step)).join(',');
  };
  switch (key) {
    case Key.mandatory:
      return list(2, (at) => keyText(readUint16(bytes, at)));
    case Key.alpn:
      return protocolsText(bytes, start, end);
    case Key.port:
      return String(readUint16(bytes, start));
    case Key.ipv4hint:
      return list(4, (at) => ipv4Text(bytes, at));
    case Key.ipv6hint:
      return list(16, (at) => ipv6Text(bytes, at));
    case Key.ech:
      return encoded(bytes, start, end, 'base64');
    default:
      return quote(bytes, start, end);
  }
}

/** Commas and backslashes within an identifier are escaped for the list, then for the word (RFC 9460, appendix A.1). */
function protocolsText(bytes: Uint8Array, start: number, end: number): string {
  const items: number[] = [];
  for (let at = start; at < end; at += 1 + (bytes[at] ?? 0)) {
    if (at > start) items.push(0x2c);
    for (let i = at + 1; i <= at + (bytes[at] ?? 0); i++) {
      const octet = bytes[i] ?? 0;
      if (octet === 0x2c || octet === 0x5c) items.push(0x5c);
      items.push(octet);
    }
  }
  return quote(Uint8Array.from(items), 0, items.length);
}

/** `key`, `key=value` or `key="value"`. */
function parseParameter(word: Word): readonly [number, Uint8Array] {
  const match = /^([a-z0-9-]{1,63})(?:=([\s\S]*))?$/.exec(word.text);
  if (match === null) throw badRecord(`"${word.text.slice(0, 40)}" is no service parameter`);
  const [, name = '', value] = match;
  const key = findKey(name);
  const octets = wordOctets({ text: value ?? '', quoted: word.quoted }, name);
  const out = new OctetWriter();
  writeValue(key, name, encoded(octets, 0, octets.length, 'latin1'), out);
  const written = out.take();
  try {
    checkValue(key, written, 0, written.length);
  } catch {
    throw badRecord(`service parameter ${name} cannot be "${(value ?? '').slice(0, 40)}"`);
  }
  return [key, written];
}

function writeValue(key: number, name: string, value: string, out: OctetWriter): void {
  const items = value === '' ? [] : value.split(',');
  switch (key) {
    case Key.mandatory:
      for (const item of items.map(findKey).sort((a, b) => a - b)) out.uint16(item);
      return;
    case Key.alpn:
      for (const item of splitList(value)) {
        if (item.length > 255) throw badRecord('a protocol identifier has more than 255 octets');
        out.uint8(item.length);
        out.octets(Buffer.from(item, 'latin1'));
      }
      return;
    case Key.port:
      out.uint16(parseNumber(value, 0xffff, name));
      return;
    case Key.ipv4hint:
      for (const item of items) writeIpv4(item, out);
      return;
    case Key.ipv6hint:
      for (const item of items) writeIpv6(item, out);
      return;
    case Key.ech:
      out.octets(parseBase64(value, name));
      return;
    default:
      out.octets(Buffer.from(value, 'latin1'));
  }
}

/** Splits at commas that no backslash escapes. */
function splitList(value: string): string[] {
  const items = [''];
  for (let i = 0; i < value.length; i++) {
    const character = value.charAt(i);
    if (character === ',') items.push('');
    else if (character !== '\\') items[items.length - 1] += character;
    else if (++i < value.length) items[items.length - 1] += value.charAt(i);
    else throw badRecord(`the list "${value.slice(0, 40)}" ends in a backslash, which escapes nothing`);
  }
  return value === '' ? [] : items;
}
