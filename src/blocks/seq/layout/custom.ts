/**
 * One's own layout, as text:
 *
 *     ts:41@1ms,worker:10,seq:12;epoch=2020-01-01
 *     └┬┘└┬┘└┬┘ └───┬───┘ └─┬──┘ └──────┬───────┘
 *    time bits unit │       │           └ a date, an ISO 8601 instant or milliseconds since 1970 (default 1970-01-01)
 *                   │       └ the sequence within a tick (optional)
 *                   └ any other name: part of the worker number (none, one or several)
 *
 * Fields stand most significant first, in any order; together at most 64 bits. The unit is `<n>ms` or `<n>s`,
 * 1ms by default.
 */
import { seqErrors } from '../errors.js';
import { type FieldRole, type FieldSpec, type IntegerLayout, integerLayout } from './layout.js';

/** Every instant must stay an exact JavaScript number. */
const MAX_TIME_BITS = 52;
/** So that worker numbers and per-tick counts are exact numbers with room to spare. */
const MAX_OTHER_BITS = 32;
const MAX_FIELDS = 16;
/** A second process within a tick waits for the next one: longer ticks would look like a hang. */
const MAX_UNIT_MS = 60_000;
/** The latest instant that a JavaScript Date can name. */
const LAST_INSTANT = 8.64e15;

const roles: Readonly<Record<string, FieldRole>> = { ts: 'time', seq: 'sequence' };
const names: Readonly<Record<string, string>> = { ts: 'timestamp', seq: 'sequence' };

interface ParsedField extends FieldSpec {
  readonly unitMs: number | undefined;
}

/** True for text that is meant as a specification rather than a name. */
export function looksLikeSpecification(text: string): boolean {
  return /[:,;=@]/.test(text);
}

/** Reads a specification. Every mistake is `seq.unknown_layout` with what was wrong and an example. */
export function parseSpecification(text: string): IntegerLayout {
  const [fieldText = '', ...settings] = text.trim().split(';');
  const parsed = fieldText.split(',').map((part) => parseField(part.trim(), text));
  checkFields(parsed, text);
  const epoch = parseSettings(settings, text);
  const unitMs = parsed.find((field) => field.role === 'time')?.unitMs ?? 1;
  const specs = parsed.map(({ name, role, bits }) => ({ name, role, bits }));
  const name = canonicalText(specs, unitMs, epoch);
  const layout = integerLayout(name, name, epoch, unitMs, specs);
  if (layout.endsAt > LAST_INSTANT) throw bad(text, `the time field reaches past the year 275760`);
  return layout;
}

function parseField(part: string, text: string): ParsedField {
  const match = /^([a-z][a-z0-9_]{0,31}):(\d{1,3})(?:@(\d{1,9})(ms|s))?$/.exec(part);
  if (match === null) throw bad(text, `field "${part}" is not of the form name:bits`);
  const [, name = '', bitText = '', unitText, unitName] = match;
  const role = roles[name] ?? 'worker';
  const bits = Number(bitText);
  const most = role === 'time' ? MAX_TIME_BITS : MAX_OTHER_BITS;
  if (bits < 1 || bits > most) throw bad(text, `field ${name} has ${bits} bits; it takes 1 to ${most}`);
  if (unitText === undefined) return { name: names[name] ?? name, role, bits, unitMs: undefined };
  if (role !== 'time') throw bad(text, `only ts has a unit, not ${name}`);
  const unitMs = Number(unitText) * (unitName === 's' ? 1000 : 1);
  if (unitMs < 1 || unitMs > MAX_UNIT_MS) throw bad(text, `the unit ${unitText}${unitName} is not between 1ms and 60s`);
  return { name: names[name] ?? name, role, bits, unitMs };
}

function checkFields(fields: readonly ParsedField[], text: string): void {
  if (fields.length > MAX_FIELDS) throw bad(text, `${fields.length} fields are more than ${MAX_FIELDS}`);
  if (!fields.some((field) => field.role === 'time')) throw bad(text, 'the field ts is missing');
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name)) throw bad(text, `the field ${name} appears twice`);
    seen.add(name);
  }
  const total = fields.reduce((sum, field) => sum + field.bits, 0);
  if (total > 64) throw bad(text, `the fields take ${total} bits; an ID has 64`);
  const workerBits = fields.reduce((sum, field) => sum + (field.role === 'worker' ? field.bits : 0), 0);
  if (workerBits > MAX_OTHER_BITS)
    throw bad(text, `the worker fields take ${workerBits} bits; at most ${MAX_OTHER_BITS}`);
}

function parseSettings(settings: readonly string[], text: string): number {
  let epoch: number | undefined;
  for (const setting of settings) {
    const [key = '', value = ''] = setting.split('=', 2).map((part) => part.trim());
    if (key !== 'epoch') throw bad(text, `setting "${key}" is not known; there is only epoch`);
    if (epoch !== undefined) throw bad(text, 'epoch appears twice');
    epoch = parseEpoch(value, text);
  }
  return epoch ?? 0;
}

function parseEpoch(value: string, text: string): number {
  const date = /^\d{4}-\d{2}-\d{2}$/;
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
  let ms = Number.NaN;
  if (/^\d{1,16}$/.test(value) && !date.test(value)) ms = Number(value);
  else if (date.test(value) || instant.test(value)) ms = Date.parse(value);
  const rolledOver = date.test(value) && !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) !== value;
  if (Number.isNaN(ms) || rolledOver || Math.abs(ms) > LAST_INSTANT) {
    throw bad(text, `epoch "${value}" is neither a date, an ISO 8601 instant nor milliseconds since 1970`);
  }
  return ms;
}

function canonicalText(specs: readonly FieldSpec[], unitMs: number, epoch: number): string {
  const fields = specs.map(({ name, role, bits }) => {
    if (role === 'time') return `ts:${bits}@${unitMs}ms`;
    return `${role === 'sequence' ? 'seq' : name}:${bits}`;
  });
  return `${fields.join(',')};epoch=${new Date(epoch).toISOString()}`;
}

function bad(text: string, why: string) {
  return seqErrors.error('seq.unknown_layout', `layout "${text.slice(0, 200)}": ${why}`, {
    hint: "write it like 'ts:41@1ms,worker:10,seq:12;epoch=2020-01-01'",
    details: { layout: text.slice(0, 200) },
  });
}
