/**
 * Reads a schedule as it is typed: cron fields, @daily and its like, `@every 90s`, `@reboot`, `at TIME`, `in DURATION`.
 */
import { closest } from '../../../platform/closest.js';
import { parseDuration } from '../../../platform/units.js';
import { cronErrors } from '../errors.js';
import { type Field, parseField, shown } from './field.js';
import { type FieldName, fieldRules } from './fields.js';
import { type LocalTime, parseTime } from './local-time.js';

export interface CronFields {
  readonly kind: 'cron';
  /** As they were written, the first is field 1. Fields that were not written: second 0, every year. */
  readonly fields: ReadonlyMap<FieldName, Field>;
}

export type Expression =
  | CronFields
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'boot' }
  | { readonly kind: 'at'; readonly time: LocalTime }
  | { readonly kind: 'in'; readonly afterMs: number };

const LONGEST = 1_000;
/** Shorter ones are no schedule but a load. */
const SHORTEST_EVERY_MS = 1_000;
const LONGEST_DURATION_MS = 100 * 366 * 86_400_000;

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** `seed` is the job's name, for H and ~. */
export function parseExpression(text: string, seed: string): Expression {
  if (text.length > LONGEST) fail(text, `is ${text.length} characters long, and ${LONGEST} are enough`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) fail(text, 'has a control character in it');
  const words = text.split(/[ \t]+/).filter((word) => word !== '');
  const [first = '', ...rest] = words;
  const verb = first.toLowerCase();
  if (first === '') fail(text, 'is empty', '*/5 * * * *');
  if (verb === '@every') return { kind: 'every', everyMs: readEvery(text, rest) };
  if (verb === 'at') return { kind: 'at', time: readAt(text, rest) };
  if (verb === 'in') return { kind: 'in', afterMs: readDuration(text, rest, 'in 10m') };
  if (verb.startsWith('@')) {
    if (rest.length > 0) fail(text, `has something after ${shown(first)}`, first);
    if (verb === '@reboot') return { kind: 'boot' };
    const macro = MACROS[verb];
    const known = [...Object.keys(MACROS), '@every', '@reboot'];
    if (macro === undefined) {
      fail(text, 'is none of the names that begin with @', closest(verb, known) ?? known.join(' '));
    }
    return readFields(macro, macro.split(' '), seed);
  }
  return readFields(text, words, seed);
}

function readFields(text: string, words: readonly string[], seed: string): CronFields {
  const rules = fieldRules[words.length];
  if (rules === undefined) {
    const what = words.length === 1 ? '1 field' : `${words.length} fields`;
    fail(text, `has ${what}, not 5, 6 (second first) or 7 (second first, year last)`, '30 2 * * MON-FRI');
  }
  const fields = new Map<FieldName, Field>();
  rules.forEach((rule, index) => {
    fields.set(rule.name, parseField(rule, words[index] ?? '', { position: index + 1, seed }));
  });
  return { kind: 'cron', fields };
}

function readEvery(text: string, words: readonly string[]): number {
  const everyMs = readDuration(text, words, '@every 90s');
  if (everyMs < SHORTEST_EVERY_MS) fail(text, 'is more often than once a second', '@every 1s');
  return everyMs;
}

function readDuration(text: string, words: readonly string[], example: string): number {
  const ms = words.length === 1 ? parseDuration(words[0] ?? '') : undefined;
  if (ms === undefined) fail(text, 'needs one duration', example);
  if (ms > LONGEST_DURATION_MS) fail(text, 'is longer than 100 years', example);
  return ms;
}

function readAt(text: string, words: readonly string[]): LocalTime {
  const time = parseTime(words.join(' '));
  if (time === undefined) fail(text, 'needs a time in ISO 8601', 'at 2027-01-31T08:00');
  return time;
}

function fail(text: string, why: string, hint?: string): never {
  throw cronErrors.error('cron.bad_expression', `schedule ${shown(text)} ${why}`, hint === undefined ? {} : { hint });
}
