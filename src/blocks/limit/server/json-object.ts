/** A JSON object from outside, read by fields. A field that nobody knows is refused: it was meant to do something. */
import { closest } from '../../../platform/closest.js';
import type { DsError } from '../../../platform/errors.js';
import { limitErrors } from '../errors.js';

/** Errors of all methods: `limit.bad_request`, with the field's name. */
export class JsonObject {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #what: string;

  constructor(value: unknown, what: string, known?: readonly string[]) {
    this.#what = what;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#bad('is not a JSON object');
    this.#fields = new Map(Object.entries(value));
    for (const key of this.#fields.keys()) {
      if (known !== undefined && !known.includes(key)) throw this.#unknown(key, known);
    }
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#fields.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#bad(`has a ${name} that is not a text`);
  }

  needText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#bad(`has no ${name}`);
    return value;
  }

  number(name: string): number | undefined {
    const value = this.#fields.get(name);
    if (value === undefined || typeof value === 'number') return value;
    throw this.#bad(`has a ${name} that is not a number`);
  }

  flag(name: string): boolean | undefined {
    const value = this.#fields.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#bad(`has a ${name} that is neither true nor false`);
  }

  object(name: string, known: readonly string[]): JsonObject | undefined {
    const value = this.#fields.get(name);
    return value === undefined ? undefined : new JsonObject(value, name, known);
  }

  objects(name: string, known: readonly string[]): JsonObject[] | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length === 0) throw this.#bad(`has ${name} that are not a list of objects`);
    return value.map((item: unknown) => new JsonObject(item, `one of the ${name}`, known));
  }

  /** An object of texts, by lower-case name; empty where there is none. */
  texts(name: string): ReadonlyMap<string, string> {
    const value = this.#fields.get(name);
    if (value === undefined) return new Map();
    const object = new JsonObject(value, name);
    return new Map([...object.#fields.keys()].map((key) => [key.toLowerCase(), object.needText(key)]));
  }

  #unknown(key: string, known: readonly string[]): DsError {
    const nearest = closest(key, known);
    const hint = nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean ${nearest}?`;
    return this.#bad(`has a ${JSON.stringify(key.slice(0, 64))} that nobody knows`, hint);
  }

  #bad(message: string, hint?: string): DsError {
    return limitErrors.error('limit.bad_request', `${this.#what} ${message}`, hint === undefined ? {} : { hint });
  }
}
