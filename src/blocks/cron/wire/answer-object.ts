/** What a daemon answers, taken apart key by key: nothing of it is known before it is looked at. */
import type { DsError } from '../../../platform/errors.js';
import { cronErrors } from '../errors.js';

/** The fields of an object of which nothing is known yet. Errors: `cron.daemon_unreachable`, naming what is wrong. */
export class AnswerObject {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(`${what} is no object`);
    this.#values = { ...value };
    this.#what = what;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, 'a text');
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined || typeof value === 'string' ? value : this.#refuse(name, 'a text');
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#refuse(name, 'a number');
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#values[name];
    return value === undefined || typeof value === 'number' ? value : this.#refuse(name, 'a number');
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  instant(name: string): number {
    return this.optionalInstant(name) ?? this.#refuse(name, 'a time');
  }

  optionalInstant(name: string): number | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    const instant = Date.parse(text);
    return Number.isNaN(instant) ? this.#refuse(name, 'a time') : instant;
  }

  object(name: string): AnswerObject {
    return new AnswerObject(this.#values[name], `${name} of ${this.#what}`);
  }

  optional<Item>(name: string, read: (item: unknown) => Item): Item | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : read(value);
  }

  list<Item>(name: string, read: (item: unknown) => Item): readonly Item[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(read) : this.#refuse(name, 'a list');
  }

  /** As they came. */
  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  #refuse(name: string, wanted: string): never {
    throw unexpected(`${name} of ${this.#what} is not ${wanted}`);
  }
}

/** Makes `cron.daemon_unreachable`. */
export function unexpected(problem: string, hint = 'is there a ds cron serve behind the URL?'): DsError {
  return cronErrors.error('cron.daemon_unreachable', `the answer cannot be read: ${problem}`, { hint });
}
