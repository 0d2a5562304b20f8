/**
 * JSON of a peer. V8 parses it without recursion, and all the same it can be kept busy: 8 MB of opening brackets take seconds, 12 MB of `{},`
 * half a gigabyte. So long bodies are looked through first; that costs a push of 1,000 lines 0.1 ms.
 */
import { messageOf } from '../../../platform/errors.js';
import { badBody } from './bad-body.js';

/** Bytes; shorter bodies can do no harm. */
const HARMLESS = 64 * 1024;
/** Objects and lists within each other; those of an AnyValue of OTLP are three for each level. */
const DEEPEST_JSON = 128;
/** Objects and lists of one body: a push has one for each line. */
const MOST_OBJECTS = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Error: `log.bad_body`, of `what`. Bytes that are no UTF-8 become U+FFFD. */
export function parseJson(
  bytes: Buffer,
  start = 0,
  end = bytes.length,
  mostObjects = MOST_OBJECTS,
  what = 'the body',
): unknown {
  if (end - start > HARMLESS) checkShape(bytes.subarray(start, end), mostObjects, what);
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch (error) {
    throw badBody(`${what} is not JSON: ${messageOf(error).slice(0, 200)}`);
  }
}

/** Error: `log.bad_body` for what is too deep, or too many. */
function checkShape(bytes: Buffer, mostObjects: number, what: string): void {
  let depth = 0;
  let objects = 0;
  for (let at = 0; at < bytes.length; ) {
    const quote = bytes.indexOf(QUOTE, at);
    const end = quote === -1 ? bytes.length : quote;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        if (++depth > DEEPEST_JSON) throw badBody(`${what} is nested more than ${DEEPEST_JSON} deep`);
        if (++objects > mostObjects) throw badBody(`${what} has more than ${mostObjects} objects and lists`);
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    }
    at = quote === -1 ? end : endOfText(bytes, quote + 1);
  }
}

/** Behind the quote that ends the text; the end of the bytes where none does. */
function endOfText(bytes: Buffer, start: number): number {
  for (let from = start; ; ) {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote === -1) return bytes.length;
    let before = quote;
    while (before > start && bytes[before - 1] === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property, whatever the object inherits. */
export function property(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A property that has to be a list; absent it is an empty one. Error: `log.bad_body`. */
export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = property(object, name) ?? [];
  if (!Array.isArray(value)) throw badBody(`${name} is not a list`);
  return value;
}
