/** Go's printf, for what templates have: %s %q %v %d %x %t %f %e %g %c with flags, width and precision. */
import { quote } from '../syntax/quote.js';
import { TemplateError } from './ast.js';
import { print, toInteger, type Value } from './value.js';

const VERB = /%([-+0 #]*)(\d{1,4})?(?:\.(\d{1,3}))?([a-zA-Z%])/g;

export function formatPrintf(format: string, values: readonly Value[]): string {
  let next = 0;
  const text = format.replace(
    VERB,
    (_all, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = values[next++];
      return pad(
        formatVerb(verb, value, flags, precision === undefined ? undefined : Number(precision)),
        flags,
        Number(width ?? 0),
      );
    },
  );
  const extra = values.slice(next).map(print);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatVerb(verb: string, value: Value, flags: string, precision: number | undefined): string {
  const sign = flags.includes('+') && typeof value === 'number' && value >= 0 ? '+' : '';
  switch (verb) {
    case 'v':
      return print(value);
    case 's':
      return typeof value === 'number' ? badVerb(verb, value) : print(value).slice(0, precision);
    case 'q':
      return quote(print(value));
    case 't':
      return typeof value === 'boolean' ? String(value) : badVerb(verb, value);
    case 'd':
      return typeof value === 'number' ? `${sign}${toInteger(value)}` : badVerb(verb, value);
    case 'c':
      return typeof value === 'number'
        ? String.fromCodePoint(Math.min(Math.max(toInteger(value), 0), 0x10ffff))
        : badVerb(verb, value);
    case 'x':
    case 'X': {
      const hex = typeof value === 'number' ? toInteger(value).toString(16) : Buffer.from(print(value)).toString('hex');
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    case 'f':
    case 'F':
      return typeof value === 'number'
        ? `${sign}${value.toFixed(Math.min(precision ?? 6, 100))}`
        : badVerb(verb, value);
    case 'e':
      return typeof value === 'number'
        ? `${sign}${exponential(value, Math.min(precision ?? 6, 100))}`
        : badVerb(verb, value);
    case 'g':
      return print(value);
    default:
      throw new TemplateError(`printf has no %${verb}`);
  }
}

/** As Go tells of a value that a verb cannot write: `%!d(string=x)`. */
function badVerb(verb: string, value: Value): string {
  return value === undefined ? `%!${verb}(<nil>)` : `%!${verb}(${typeOf(value)}${print(value)})`;
}

function typeOf(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int=' : 'float64=';
  if (typeof value === 'boolean') return 'bool=';
  return typeof value === 'string' ? 'string=' : '';
}

/** Go's exponents have two digits. */
function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || !/^[+-]?\d/.test(text)) return text.padStart(width);
  const sign = /^[+-]/.test(text) ? text.slice(0, 1) : '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
