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

export class CommandTemplate {
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
