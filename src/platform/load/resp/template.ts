/**
 * A command that is sent over and over, with another key each time. The digits of the key are the only thing that changes,
 * so the bytes are made once and copied:
 *
 *     *2␍␊$4␍␊INCR␍␊$21␍␊ds-bench:000000000042␍␊
 *                                  └─ digits ─┘
 */

/** Where the key goes among the arguments. */
export const KEY = Symbol('key');

const PREFIX = 'ds-bench:';
const DIGITS = 12;
const ZERO = 0x30;

/** The key of a number, as the template makes it: for who stores keys before they are asked for. */
export const benchKey = (number: number): string => PREFIX + String(number).padStart(DIGITS, '0');

/** What a load sends. */
export interface CommandSource {
  /** The next `count` commands. */
  make(count: number): Buffer;
}

/** Two kinds of commands, woven into each other evenly: of a hundred, `share` are of the first kind. */
export class CommandMix implements CommandSource {
  readonly #first: CommandSource;
  readonly #other: CommandSource;
  readonly #share: number;
  #owed = 0;

  constructor(first: CommandSource, other: CommandSource, share: number) {
    this.#first = first;
    this.#other = other;
    this.#share = share;
  }

  make(count: number): Buffer {
    const pieces: Buffer[] = [];
    let run = 0;
    let source = this.#other;
    for (let i = 0; i < count; i++) {
      this.#owed += this.#share;
      const next = this.#owed >= 100 ? this.#first : this.#other;
      if (next === this.#first) this.#owed -= 100;
      if (next !== source && run > 0) pieces.push(source.make(run));
      run = next === source ? run + 1 : 1;
      source = next;
    }
    if (run > 0) pieces.push(source.make(run));
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  }
}

export class CommandTemplate implements CommandSource {
  readonly #bytes: Buffer;
  /** Index of the last digit; -1 where the command has no key. */
  readonly #lastDigit: number;
  readonly #keys: number;
  #next = 0;

  /** The key takes each of `keys` values in turn. */
  constructor(args: readonly (string | typeof KEY)[], keys: number) {
    const texts = args.map((arg) => (arg === KEY ? PREFIX + '0'.repeat(DIGITS) : arg));
    const parts = texts.map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`);
    this.#bytes = Buffer.from(`*${args.length}\r\n${parts.join('')}`);
    const at = args.indexOf(KEY);
    const before = Buffer.byteLength(`*${args.length}\r\n${parts.slice(0, at + 1).join('')}`);
    this.#lastDigit = at === -1 ? -1 : before - '\r\n'.length - 1;
    this.#keys = keys;
  }

  /** The next `count` commands. */
  make(count: number): Buffer {
    const { length } = this.#bytes;
    const data = Buffer.allocUnsafe(length * count);
    for (let i = 0; i < count; i++) {
      data.set(this.#bytes, i * length);
      if (this.#lastDigit >= 0) this.#writeDigits(data, i * length + this.#lastDigit);
    }
    return data;
  }

  #writeDigits(data: Buffer, lastDigit: number): void {
    let rest = this.#next;
    for (let at = lastDigit; rest > 0; at--) {
      data[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#next = (this.#next + 1) % this.#keys;
  }
}
