/** The functions that templates may call: Go's own, Loki's, and those of sprig that Loki lets in. */
import { TemplateError } from './ast.js';
import type { FunctionContext, TemplateFunction } from './function.js';
import { MATH_FUNCTIONS } from './functions-math.js';
import { TEXT_FUNCTIONS } from './functions-text.js';
import { TIME_FUNCTIONS } from './functions-time.js';
import { formatPrintf } from './printf.js';
import { compare, isEqual, isTrue, Moment, print, toText, type Value } from './value.js';

/** Characters that a call is given, or gives. */
const MAX_TEXT = 2 * 1024 * 1024;

const GO_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  __line__: { least: 0, most: 0, call: (_values, { line }) => line },
  __timestamp__: { least: 0, most: 0, call: (_values, { timestamp }) => new Moment(timestamp) },
  and: { least: 1, call: (values) => values.find((value) => !isTrue(value)) ?? values[values.length - 1] },
  or: { least: 1, call: (values) => values.find((value) => isTrue(value)) ?? values[values.length - 1] },
  not: { least: 1, most: 1, call: ([value]) => !isTrue(value) },
  eq: { least: 2, call: ([first, ...others]) => others.some((other) => isEqual(first, other)) },
  ne: { least: 2, most: 2, call: ([left, right]) => !isEqual(left, right) },
  lt: { least: 2, most: 2, call: ([left, right]) => compare(left, right) < 0 },
  le: { least: 2, most: 2, call: ([left, right]) => compare(left, right) <= 0 },
  gt: { least: 2, most: 2, call: ([left, right]) => compare(left, right) > 0 },
  ge: { least: 2, most: 2, call: ([left, right]) => compare(left, right) >= 0 },
  len: { least: 1, most: 1, call: ([value]) => lengthOf(value) },
  index: { least: 1, call: ([value, ...keys]) => keys.reduce(elementOf, value) },
  print: { least: 0, call: (values) => values.map(print).join(' ') },
  println: { least: 0, call: (values) => `${values.map(print).join(' ')}\n` },
  printf: { least: 1, call: ([format, ...values]) => formatPrintf(toText(format), values) },
  html: { least: 1, call: (values) => escapeHtml(values.map(toText).join('')) },
  urlquery: { least: 1, call: (values) => encodeURIComponent(values.map(toText).join('')).replaceAll('%20', '+') },
  default: { least: 1, most: 2, call: ([fallback, value]) => (isTrue(value) ? value : fallback) },
};

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [GO_FUNCTIONS, TEXT_FUNCTIONS, MATH_FUNCTIONS, TIME_FUNCTIONS].flatMap((table) => Object.entries(table)),
);

export function isFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** Throws {@link TemplateError}. */
export function callFunction(name: string, values: readonly Value[], context: FunctionContext): Value {
  const definition = FUNCTIONS.get(name);
  if (definition === undefined) throw new TemplateError(`function ${JSON.stringify(name)} not defined`);
  const { least, most = Number.POSITIVE_INFINITY } = definition;
  if (values.length < least || values.length > most) {
    throw new TemplateError(
      `wrong number of args for ${name}: want ${least === most ? '' : 'at least '}${least} got ${values.length}`,
    );
  }
  checkLength(values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0));
  const result = definition.call(values, context);
  if (typeof result === 'string') checkLength(result.length);
  return result;
}

/** Texts grow by being given to functions again and again: `$x = print $x $x`. */
function checkLength(length: number): void {
  if (length > MAX_TEXT) throw new TemplateError(`a text is longer than ${MAX_TEXT} characters`);
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  throw new TemplateError(`len of ${print(value)}`);
}

function elementOf(value: Value, key: Value): Value {
  if (value instanceof Map) return value.get(toText(key));
  if (Array.isArray(value) && typeof key === 'number' && key >= 0 && key < value.length) return value[key];
  throw new TemplateError(`index out of range: ${print(key)}`);
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => HTML[character] ?? character);
}
