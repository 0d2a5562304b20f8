/** Reads a date that is written as one of Go's layouts says. */
import { compileRegex, type Regex } from '../../regex/index.js';
import { LAYOUT_ELEMENT, MONTHS } from './layout.js';
import { Moment } from './value.js';

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
  afternoon: boolean | undefined;
  offset: number | undefined;
}

type Read = readonly [pattern: string, set: (fields: Fields, text: string) => void];

const NUMBER = '(\\d{1,2})';
const ZONE = '(Z|[+-]\\d{2}(?::?\\d{2})?)';

const READERS: Readonly<Record<string, Read>> = {
  '2006': ['(\\d{4})', (fields, text) => setNumber(fields, 'year', text)],
  '06': ['(\\d{2})', (fields, text) => setNumber(fields, 'year', text < '69' ? `20${text}` : `19${text}`)],
  January: ['([A-Za-z]+)', (fields, text) => setMonth(fields, text)],
  Jan: ['([A-Za-z]{3})', (fields, text) => setMonth(fields, text)],
  '01': ['(\\d{2})', (fields, text) => setNumber(fields, 'month', text)],
  '1': [NUMBER, (fields, text) => setNumber(fields, 'month', text)],
  Monday: ['([A-Za-z]+)', () => undefined],
  Mon: ['([A-Za-z]{3})', () => undefined],
  '02': ['(\\d{2})', (fields, text) => setNumber(fields, 'day', text)],
  _2: ['\\s*(\\d{1,2})', (fields, text) => setNumber(fields, 'day', text)],
  '2': [NUMBER, (fields, text) => setNumber(fields, 'day', text)],
  '15': [NUMBER, (fields, text) => setNumber(fields, 'hour', text)],
  '03': ['(\\d{2})', (fields, text) => setNumber(fields, 'hour', text)],
  '3': [NUMBER, (fields, text) => setNumber(fields, 'hour', text)],
  '04': ['(\\d{2})', (fields, text) => setNumber(fields, 'minute', text)],
  '4': [NUMBER, (fields, text) => setNumber(fields, 'minute', text)],
  '05': ['(\\d{2}(?:[.,]\\d{1,9})?)', (fields, text) => setSeconds(fields, text)],
  '5': ['(\\d{1,2}(?:[.,]\\d{1,9})?)', (fields, text) => setSeconds(fields, text)],
  PM: ['([AP]M)', (fields, text) => setAfternoon(fields, text)],
  pm: ['([ap]m)', (fields, text) => setAfternoon(fields, text)],
  MST: ['([A-Z]{3,5})', (fields, text) => setOffset(fields, text === 'UTC' || text === 'GMT' ? 'Z' : '')],
};

function setNumber(fields: Fields, name: 'year' | 'month' | 'day' | 'hour' | 'minute', text: string): void {
  fields[name] = Number(text);
}

function setMonth(fields: Fields, text: string): void {
  fields.month = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase()) + 1;
}

/** Go takes a fraction behind the seconds whether the layout has one or not. */
function setSeconds(fields: Fields, text: string): void {
  const [seconds = '', fraction = ''] = text.split(/[.,]/);
  fields.second = Number(seconds);
  fields.nanos = Number(fraction.padEnd(9, '0'));
}

function setAfternoon(fields: Fields, text: string): void {
  fields.afternoon = text.toLowerCase() === 'pm';
}

function setOffset(fields: Fields, text: string): void {
  if (text === '') return;
  const digits = text.replace(/\D/g, '').padEnd(4, '0');
  fields.offset =
    text === 'Z' ? 0 : (text.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4)));
}

interface Layout {
  readonly regex: Regex;
  /** Of each group of the expression. */
  readonly setters: readonly Read[1][];
}

const MAX_LAYOUTS = 64;
const layouts = new Map<string, Layout>();

/** Undefined where the text is not as the layout says. `zone`: where the layout has none. */
export function parseLayout(layout: string, text: string, zone: string): Moment | undefined {
  let compiled = layouts.get(layout);
  if (compiled === undefined) {
    if (layouts.size === MAX_LAYOUTS) layouts.clear();
    compiled = compileLayout(layout);
    layouts.set(layout, compiled);
  }
  const match = compiled.regex.find(text);
  if (match === undefined) return undefined;
  const fields: Fields = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    afternoon: undefined,
    offset: undefined,
  };
  for (const [index, set] of compiled.setters.entries()) set(fields, match.groups[index + 1] ?? '');
  return momentOf(fields, zone);
}

function compileLayout(layout: string): Layout {
  const setters: Read[1][] = [];
  const pieces: string[] = [];
  let at = 0;
  for (const { 0: element, index } of layout.matchAll(LAYOUT_ELEMENT)) {
    pieces.push(escapePattern(layout.slice(at, index)));
    at = index + element.length;
    // A fraction is read with the seconds before it.
    if (/^[.,]/.test(element)) continue;
    const [pattern, set] = READERS[element] ?? ([ZONE, setOffset] as const);
    pieces.push(pattern);
    setters.push(set);
  }
  pieces.push(escapePattern(layout.slice(at)));
  return { regex: compileRegex(pieces.join(''), { anchored: true }), setters };
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function momentOf(fields: Fields, zone: string): Moment | undefined {
  const { year, month, day, minute, second, afternoon } = fields;
  const hour = afternoon === undefined ? fields.hour : (fields.hour % 12) + (afternoon ? 12 : 0);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const offset = fields.offset ?? offsetOf(zone, date.getTime());
  const nanos = BigInt(date.getTime() - offset * 60_000) * 1_000_000n + BigInt(fields.nanos);
  return new Moment(nanos, offset, fields.offset === undefined ? zone : fields.offset === 0 ? 'UTC' : '');
}

/** Minutes east of UTC that a zone is at a local time (milliseconds as if it were UTC); 0 where the zone is unknown, as in Loki. */
function offsetOf(zone: string, local: number): number {
  if (zone === 'UTC') return 0;
  try {
    const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    const at = (time: number) => {
      const name = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? '';
      const match = /([+-])(\d{2}):(\d{2})/.exec(name);
      return match === null ? 0 : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
    };
    // The offset at the moment that the first guess gives: right but for the hour that a change of summer time repeats.
    return at(local - at(local) * 60_000);
  } catch {
    return 0;
  }
}
