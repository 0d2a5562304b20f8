/** JSON of a peer. V8 parses it without recursion, so that depth is no danger here; who walks through it later counts (limits.ts, DEEPEST). */
import { messageOf } from '../../../platform/errors.js';
import { badBody } from './bad-body.js';

/** Error: `log.bad_body`. Bytes that are no UTF-8 become U+FFFD. */
export function parseJson(bytes: Buffer, start = 0, end = bytes.length): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch (error) {
    throw badBody(`the body is not JSON: ${messageOf(error).slice(0, 200)}`);
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
