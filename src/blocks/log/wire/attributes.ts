/**
 * Nested attributes and documents made flat, as Loki's OTLP endpoint does it: objects by their path (`http.request.method` →
 * `http_request_method`), lists as JSON. Depth is bounded; what is deeper is written as JSON, too.
 */
import { badBody } from './bad-body.js';
import { cleanName } from './clean.js';
import { isObject } from './json.js';
import { DEEPEST } from './limits.js';

/**
 * Scalars become text; null and undefined are left out. `into` gets paths as names, by `put`: over what is there, unless told otherwise.
 * Error: `log.bad_body`.
 */
export function flatten(
  into: Record<string, string>,
  path: string,
  value: unknown,
  put: (into: Record<string, string>, name: string, value: string) => void = putOver,
  depth = 0,
): void {
  if (value === null || value === undefined) return;
  if (isObject(value) && depth < DEEPEST) {
    for (const name of Object.keys(value)) {
      flatten(into, path === '' ? name : `${path}_${name}`, value[name], put, depth + 1);
    }
    return;
  }
  const text = textOf(value);
  if (text !== '') put(into, path, text);
}

function putOver(into: Record<string, string>, name: string, value: string): void {
  into[cleanName(name)] = value;
}

/** Of any JSON value: texts as they are. Error: `log.bad_body` for one that is nested so deep that it cannot be written. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    throw badBody('a value is nested too deep');
  }
}
