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
      return typeof value === 'number' ? `%!s(${print(value)})` : print(value).slice(0, precision);
    case 'q':
      return quote(print(value));
    case 't':
      return typeof value === 'boolean' ? String(value) : `%!t(${print(value)})`;
    case 'd':
      return typeof value === 'number' ? `${sign}${toInteger(value)}` : `%!d(${print(value)})`;
    case 'c':
      return typeof value === 'number'
        ? String.fromCodePoint(Math.min(Math.max(toInteger(value), 0), 0x10ffff))
        : `%!c(${print(value)})`;
    case 'x':
    case 'X': {
      const hex = typeof value === 'number' ? toInteger(value).toString(16) : Buffer.from(print(value)).toString('hex');
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    case 'f':
    case 'F':
      return typeof value === 'number'
        ? `${sign}${value.toFixed(Math.min(precision ?? 6, 100))}`
        : `%!f(${print(value)})`;
    case 'e':
      return typeof value === 'number'
        ? `${sign}${value.toExponential(Math.min(precision ?? 6, 100))}`
        : `%!e(${print(value)})`;
    case 'g':
      return print(value);
    default:
      throw new TemplateError(`printf has no %${verb}`);
  }
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || !/^[+-]?\d/.test(text)) return text.padStart(width);
  const sign = /^[+-]/.test(text) ? text.slice(0, 1) : '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
