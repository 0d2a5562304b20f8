/** Which schedules Debian's cron reads, and reads as ds does: five fields of numbers, names, ranges, lists and steps. */
import { type FieldRule, fieldRules } from '../schedule/fields.js';
import { nicknames } from './lines.js';

const rules = fieldRules[5] ?? [];

export function isDebianSchedule(expression: string): boolean {
  if (nicknames.includes(expression)) return true;
  const fields = expression.trim().split(/[ \t]+/);
  return fields.length === rules.length && rules.every((rule, index) => isField(fields[index] ?? '', rule));
}

function isField(field: string, rule: FieldRule): boolean {
  return field.split(',').every((part) => isPart(part, rule));
}

/** `*`, `*\/5`, `3`, `mon-fri`, `10-20/2`. A step after a single number is an error to cron; a range that wraps, too. */
function isPart(part: string, rule: FieldRule): boolean {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/.exec(part);
  if (match === null) return false;
  const [, first, last, step] = match;
  if (step !== undefined && (Number(step) === 0 || Number(step) > rule.highest)) return false;
  if (first === undefined) return true;
  if (step !== undefined && last === undefined) return false;
  const from = numberOf(first, rule);
  const to = last === undefined ? from : numberOf(last, rule);
  return rule.lowest <= from && from <= to && to <= rule.highest;
}

function numberOf(word: string, { names = [], firstName = 0 }: FieldRule): number {
  if (/^\d{1,2}$/.test(word)) return Number(word);
  const index = names.indexOf(word.toLowerCase());
  return index < 0 ? Number.NaN : index + firstName;
}
