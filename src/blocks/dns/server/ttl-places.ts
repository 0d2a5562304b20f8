/** Where the TTLs of a finished message stand, so that they can be counted down without reading it again. */

import { readUint16 } from '../wire/octets.js';
import { HEADER_OCTETS, RRType } from '../wire.js';

/** Offsets of the TTL fields of all records but OPT. The message must be a valid one: ours. */
export function ttlPlaces(message: Uint8Array): Uint16Array {
  const places: number[] = [];
  let at = HEADER_OCTETS;
  for (let i = readUint16(message, 4); i > 0; i--) at = skipName(message, at) + 4;
  for (let i = readUint16(message, 6) + readUint16(message, 8) + readUint16(message, 10); i > 0; i--) {
    at = skipName(message, at);
    if (readUint16(message, at) !== RRType.OPT) places.push(at + 4);
    at += 10 + readUint16(message, at + 8);
  }
  return Uint16Array.from(places);
}

/** Where the question section of one question ends. */
export function questionEnd(message: Uint8Array): number {
  return skipName(message, HEADER_OCTETS) + 4;
}

function skipName(message: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const octet = message[at] ?? 0;
    if (octet === 0) return at + 1;
    if (octet >= 0xc0) return at + 2;
    at += octet + 1;
  }
}
