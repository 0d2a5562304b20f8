/**
 * Structured data of RFC 5424, section 6.3.
 *
 *     [exampleSDID@32473 iut="3" eventSource="a \"b\" \]"][other@1 x="y"]  →  exampleSDID_32473_iut, exampleSDID_32473_eventSource, other_1_x
 */
import { cleanName } from '../transform/metadata.js';

/** Parameters that are kept; a message may have any number. */
const KEPT = 48;
const LONGEST_VALUE = 4096;

/** Adds the parameters to `into`. Where it ended; -1 where what stands there is no structured data. */
export function readStructuredData(text: Buffer, start: number, end: number, into: Record<string, string>): number {
  let at = start;
  let kept = 0;
  while (at < end && text[at] === 0x5b) {
    const idEnd = nameEnd(text, at + 1, end);
    if (idEnd === at + 1) return -1;
    const id = text.toString('latin1', at + 1, idEnd);
    at = idEnd;
    while (at < end && text[at] === 0x20) {
      while (at < end && text[at] === 0x20) at++;
      if (text[at] === 0x5d) break;
      const valueStart = readParameterName(text, at, end);
      const valueEnd = valueStart < 0 ? -1 : endOfValue(text, valueStart, end);
      if (valueEnd < 0) return -1;
      if (kept++ < KEPT) {
        const name = cleanName(`${id}_${text.toString('latin1', at, valueStart - 2)}`);
        into[name] = unescaped(text.toString('utf8', valueStart, Math.min(valueEnd, valueStart + LONGEST_VALUE)));
      }
      at = valueEnd + 1;
    }
    if (at >= end || text[at] !== 0x5d) return -1;
    at++;
  }
  return at > start ? at : -1;
}

/** Where the value begins behind `name="`; -1 where no parameter stands there. */
function readParameterName(text: Buffer, at: number, end: number): number {
  const found = nameEnd(text, at, end);
  return found > at && found + 1 < end && text[found] === 0x3d && text[found + 1] === 0x22 ? found + 2 : -1;
}

/** SD-NAME: printable ASCII but `=`, space, `]` and `"`; of a length that rsyslog's fields have room for. */
function nameEnd(text: Buffer, from: number, end: number): number {
  let at = from;
  const limit = Math.min(end, from + 128);
  for (; at < limit; at++) {
    const byte = text[at] ?? 0;
    if (byte <= 0x20 || byte >= 0x7f || byte === 0x3d || byte === 0x5d || byte === 0x22) break;
  }
  return at;
}

/** The quote that ends the value; -1 where none does. */
function endOfValue(text: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (text[at] === 0x5c) at++;
    else if (text[at] === 0x22) return at;
  }
  return -1;
}

/** `\"`, `\\` and `\]`; a backslash before anything else is one (RFC 5424, section 6.3.3). */
function unescaped(value: string): string {
  return value.includes('\\') ? value.replace(/\\(["\\\]])/g, '$1') : value;
}
