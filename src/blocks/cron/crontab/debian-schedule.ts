/** Which schedules Debian's cron reads, and reads as ds does: five fields of numbers, names, ranges, lists and steps. */
import { nicknames } from './lines.js';

interface FieldRule {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const rules: readonly FieldRule[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 7, names: WEEKDAYS },
];

export function isDebianSchedule(expression: string): boolean {
  if (nicknames.includes(expression)) return true;
  const fields = expression.trim().split(/[ \t]+/);
  return fields.length === rules.length && fields.every((field, index) => isField(field, rules[index]));
}

function isField(field: string, rule: FieldRule | undefined): boolean {
  return rule !== undefined && field.split(',').every((part) => isPart(part, rule));
}

/** `*`, `*\/5`, `3`, `mon-fri`, `10-20/2`. A step after a single number is an error to cron; a range that wraps, too. */
function isPart(part: string, rule: FieldRule): boolean {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/.exec(part);
  if (match === null) return false;
  const [, first, last, step] = match;
  if (step !== undefined && (Number(step) === 0 || Number(step) > rule.most)) return false;
  if (first === undefined) return true;
  if (step !== undefined && last === undefined) return false;
  const from = numberOf(first, rule);
  const to = last === undefined ? from : numberOf(last, rule);
  return rule.least <= from && from <= to && to <= rule.most;
}

function numberOf(word: string, { least, names }: FieldRule): number {
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const index = names.indexOf(word.toLowerCase());
  return index < 0 ? Number.NaN : index + least;
}
