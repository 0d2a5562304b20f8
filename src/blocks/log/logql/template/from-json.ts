import { TemplateError } from './ast.js';
import type { Value } from './value.js';

const MAX_DEPTH = 128;

/**
 * JSON as values of a template; objects become maps, so that no key of a line means anything to JavaScript. A text that is none is nothing,
 * as in Loki: lines that lack what others have are no errors.
 */
export function fromJson(text: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return toValue(value, 0);
}

function toValue(value: unknown, depth: number): Value {
  if (depth > MAX_DEPTH) throw new TemplateError(`fromJson: it nests deeper than ${MAX_DEPTH}`);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((element) => toValue(element, depth + 1));
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value).map(([key, member]) => [key, toValue(member, depth + 1)]));
}
