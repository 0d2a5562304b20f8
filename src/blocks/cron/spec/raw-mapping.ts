/** A mapping that nobody has checked yet, taken apart by key; each error names the key. */
import { closest } from '../../../platform/closest.js';
import type { DsError } from '../../../platform/errors.js';
import { parseCount, parseDuration, parseInstant, parseSize } from '../../../platform/units.js';
import { cronErrors } from '../errors.js';
import { bounds } from './defaults.js';

export interface TextBounds {
  readonly mostBytes: number;
  /** What it must look like, and what that is called: `an absolute path`. */
  readonly pattern?: RegExp;
  readonly wanted?: string;
  readonly mayBeEmpty?: boolean;
}

/**
 * What is asked for by its key is undefined where it is absent; `check…` is given a value. Both throw `cron.bad_job` for what cannot
 * be meant (details: key).
 */
export class RawMapping {
  readonly #values: Readonly<Record<string, unknown>>;

  /**
   * @param where for the front of messages: `jobs.yaml: jobs[2]`
   * @param key of the mapping itself: `http`; empty for the job
   * @param known keys that it may have; absent: any
   */
  constructor(
    raw: unknown,
    readonly where: string,
    readonly key: string,
    known?: readonly string[],
  ) {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      throw badJob(where, key, `${key === '' ? 'a job' : key} is ${shown(raw)}, not a mapping of keys to values`);
    }
    this.#values = raw as Readonly<Record<string, unknown>>;
    if (known === undefined) return;
    for (const name of Object.keys(this.#values)) if (!known.includes(name)) throw this.#unknown(name, known);
  }

  keys(): string[] {
    return Object.keys(this.#values);
  }

  /** Undefined for what is absent, and for a key without a value. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** The mapping of that key. */
  nested(name: string, known?: readonly string[]): RawMapping {
    return new RawMapping(this.raw(name), this.where, this.path(name), known);
  }

  text(name: string, limits: TextBounds): string | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : this.checkText(name, value, limits);
  }

  checkText(name: string, value: unknown, limits: TextBounds): string {
    const { mostBytes, pattern, wanted = 'a text', mayBeEmpty = false } = limits;
    if (typeof value !== 'string') {
      const hint = isPlain(value) ? `write it in quotes: ${JSON.stringify(String(value))}` : undefined;
      throw this.refuse(name, value, wanted, hint);
    }
    if (value === '' && !mayBeEmpty) throw this.refuse(name, value, wanted);
    if (value.includes('\0')) throw this.fail(name, 'has a NUL character');
    if (/\p{Surrogate}/u.test(value)) throw this.fail(name, 'has half a surrogate pair, which is no character');
    if (Buffer.byteLength(value) > mostBytes) throw this.fail(name, `is longer than ${mostBytes} bytes`);
    if (pattern !== undefined && !pattern.test(value)) throw this.refuse(name, value, wanted);
    return value;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : this.checkChoice(name, value, choices);
  }

  checkChoice<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
    const choice = choices.find((known) => known === value);
    if (choice !== undefined) return choice;
    const nearest = typeof value === 'string' && value.length < 64 ? closest(value, choices) : undefined;
    const hint = nearest === undefined ? undefined : `did you mean ${nearest}?`;
    throw this.refuse(name, value, `one of ${choices.join(', ')}`, hint);
  }

  /** `90s`, or milliseconds. */
  duration(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const ms = typeof value === 'string' && value.length < 100 ? parseDuration(value) : value;
    if (!isWhole(ms)) throw this.refuse(name, value, 'a duration such as 90s');
    if (ms > bounds.durationMs) throw this.refuse(name, value, 'at most 3660d');
    return ms;
  }

  count(name: string, least: number, most: number): number | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : this.checkCount(name, value, least, most);
  }

  checkCount(name: string, value: unknown, least: number, most: number): number {
    const count = typeof value === 'string' && value.length < 100 ? parseCount(value) : value;
    if (isWhole(count) && count >= least && count <= most) return count;
    throw this.refuse(name, value, `a whole number from ${least} to ${most}`);
  }

  /** From 0 to 1. */
  share(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const share = typeof value === 'string' && /^\d(?:\.\d{1,17})?$/.test(value) ? Number(value) : value;
    if (typeof share === 'number' && share >= 0 && share <= 1) return Math.abs(share);
    throw this.refuse(name, value, 'a number from 0 to 1');
  }

  /** `64KB`, `1 MiB`, or bytes. */
  size(name: string, most: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const bytes = typeof value === 'string' && value.length < 100 ? parseSize(value) : value;
    if (isWhole(bytes) && bytes <= most) return bytes;
    throw this.refuse(name, value, `a size such as 64KiB, at most ${most} bytes`);
  }

  /** ISO 8601, in UTC unless it has an offset, or milliseconds since the epoch. */
  instant(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const isAbsolute = typeof value === 'string' && value.length < 100 && /^\d{4}-/.test(value);
    const instant = isAbsolute ? parseInstant(value, Number.NaN) : value;
    if (isWhole(instant) && instant <= bounds.lastInstant) return instant;
    throw this.refuse(name, value, 'an instant such as 2026-12-24T00:00:00Z');
  }

  /** The members of a list; a single value is a list of one. */
  list(name: string, most: number): readonly unknown[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length > most) throw this.fail(name, `has ${list.length} members, at most ${most} can be`);
    return list;
  }

  /** Makes the error for a value that cannot be meant. */
  refuse(name: string, value: unknown, wanted: string, hint?: string): DsError {
    return this.fail(name, `is ${shown(value)}, not ${wanted}`, hint);
  }

  /** Makes `cron.bad_job` (details: key) of what follows the key. */
  fail(name: string, problem: string, hint?: string): DsError {
    const path = this.path(name);
    return badJob(this.where, path, `${path} ${problem}`, hint);
  }

  path(name: string): string {
    if (this.key === '') return name;
    if (name === '') return this.key;
    return `${this.key}.${name.slice(0, 64)}`;
  }

  #unknown(name: string, known: readonly string[]): DsError {
    const nearest = name.length < 64 ? closest(name, known) : undefined;
    const owner = this.key === '' ? 'a job' : this.key;
    const hint = nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean ${nearest}?`;
    return badJob(this.where, this.path(name), `${owner} has no key ${shown(name)}`, hint);
  }
}

function badJob(where: string, key: string, problem: string, hint?: string): DsError {
  return cronErrors.error('cron.bad_job', where === '' ? problem : `${where}: ${problem}`, {
    ...(hint !== undefined && { hint }),
    details: { key: key.slice(0, 128) },
  });
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** Of an untrusted value as much as tells it from others. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = JSON.stringify(typeof value === 'bigint' ? String(value) : value) ?? 'nothing';
  return text.length <= 64 ? text : `${text.slice(0, 63)}…`;
}
