/** Arguments as a block's own commands carry them, decimal numbers and text, as everywhere in RESP; and their records. */
import type { DsError } from '../../errors.js';
import { map, type Reply } from './reply.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** Reads the arguments of one request from left to right. Every refusal is what `refuse` makes of it. */
export class Arguments {
  readonly #args: readonly Buffer[];
  readonly #refuse: (message: string) => DsError;
  #at = 0;

  constructor(args: readonly Buffer[], refuse: (message: string) => DsError) {
    this.#args = args;
    this.#refuse = refuse;
  }

  get left(): number {
    return this.#args.length - this.#at;
  }

  /** As it was sent. */
  bytes(what: string): Buffer {
    const arg = this.#args[this.#at++];
    if (arg === undefined) throw this.#refuse(`${what} is missing`);
    return arg;
  }

  text(what: string): string {
    const bytes = this.bytes(what);
    try {
      return strictUtf8.decode(bytes);
    } catch {
      throw this.#refuse(`${what} is not valid UTF-8`);
    }
  }

  /** A signed 64-bit integer. */
  bigint(what: string): bigint {
    const text = this.bytes(what).toString('latin1');
    const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
    if (value === undefined || value < LOWEST || value > HIGHEST) {
      throw this.#refuse(`${what} ${JSON.stringify(text.slice(0, 64))} is not a 64-bit integer`);
    }
    return value;
  }

  /** An integer within 2^53. Which ones make sense is the engine's to say: it has the better message. */
  number(what: string): number {
    return this.#parse(what, /^-?\d{1,16}$/, 'an integer within 2^53');
  }

  /** A decimal number, perhaps with a fraction. */
  decimal(what: string): number {
    return this.#parse(what, /^-?\d{1,16}(\.\d{1,9})?$/, 'a number within 2^53');
  }

  #parse(what: string, form: RegExp, expected: string): number {
    const text = this.bytes(what).toString('latin1');
    const value = form.test(text) ? Number(text) : Number.NaN;
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    throw this.#refuse(`${what} ${JSON.stringify(text.slice(0, 64))} is not ${expected}`);
  }

  /** Takes the word, in any case, when it is next. */
  keyword(word: string): boolean {
    if (this.#args[this.#at]?.toString('latin1').toUpperCase() !== word) return false;
    this.#at++;
    return true;
  }

  /** Refuses what is left over. */
  end(): void {
    const extra = this.#args[this.#at];
    if (extra === undefined) return;
    const shown = JSON.stringify(extra.toString('latin1', 0, 64));
    throw this.#refuse(`unexpected argument ${shown}`);
  }
}

/** Encodes a record; undefined values are left out. */
export function record(fields: Readonly<Record<string, Reply | undefined>>): Reply {
  const entries: [string, Reply][] = [];
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) entries.push([name, value]);
  return map(entries);
}
