/**
 * Patterns of KEYS, SCAN and CONFIG GET, as Redis's stringmatchlen reads them: `*`, `?`, `[a-z]`, `[^a]`, `\` before a character that is
 * meant as itself. A pattern is compiled once. Where it does not fit, only the last `*` takes one character more, since what an
 * earlier one could take instead would only leave less to match: at most |pattern| × |text| comparisons.
 */
import type { ByteString } from '../bytes.js';
import { refusal } from '../errors.js';

/** Stars with something behind them, beyond which Redis says of a pattern that nothing fits. */
const MOST_STARS = 1_000;

/** A code of one byte, a table of the 256 bytes that fit, any byte, or any number of bytes. */
type Token = number | Uint8Array | 'any' | 'many';

/** Each character of a set takes some 700 bytes of memory when it is read. */
const MOST_PATTERN_BYTES = 256 * 1024;

export class Glob {
  /** What each text that fits begins with. */
  readonly prefix: ByteString;
  readonly #pattern: ByteString;
  readonly #tokens: readonly Token[];
  /** The pattern has only its prefix and a `*`. */
  readonly #onlyPrefix: boolean;
  readonly #tooManyStars: boolean;

  /** Error: a pattern that is longer than any name. */
  constructor(pattern: ByteString) {
    if (pattern.length > MOST_PATTERN_BYTES) throw refusal('ERR', 'pattern is too long');
    this.#pattern = pattern;
    this.#tokens = compile(pattern);
    const inner = this.#tokens.filter((token, i) => token === 'many' && i + 1 < this.#tokens.length);
    this.#tooManyStars = inner.length > MOST_STARS;
    const literals = this.#tokens.findIndex((token) => typeof token !== 'number');
    const codes = (literals < 0 ? this.#tokens : this.#tokens.slice(0, literals)) as readonly number[];
    this.prefix = textOfCodes(codes);
    this.#onlyPrefix = this.#tokens.length === codes.length + 1 && this.#tokens.at(-1) === 'many';
  }

  matches(text: ByteString): boolean {
    // Redis looks at a pattern only while there is text, but for the pattern that is a mere star.
    if (text === '') return this.#pattern === '' || this.#pattern === '*';
    if (this.#tooManyStars) return false;
    if (this.#onlyPrefix) return text.startsWith(this.prefix);
    const tokens = this.#tokens;
    let token = 0;
    let at = 0;
    let afterMany = -1;
    let taken = 0;
    while (at < text.length) {
      const one = tokens[token];
      if (one === 'many') {
        afterMany = ++token;
        taken = at;
      } else if (one !== undefined && fits(one, text.charCodeAt(at))) {
        token++;
        at++;
      } else if (afterMany >= 0) {
        token = afterMany;
        at = ++taken;
      } else return false;
    }
    while (tokens[token] === 'many') token++;
    return token === tokens.length;
  }
}

function fits(token: Token, code: number): boolean {
  if (typeof token === 'number') return token === code;
  return token === 'any' || (token !== 'many' && token[code] === 1);
}

/** A long list of arguments would not fit on the stack. */
function textOfCodes(codes: readonly number[]): ByteString {
  return Buffer.from(codes).toString('latin1');
}

function compile(pattern: ByteString): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '*') {
      if (tokens.at(-1) !== 'many') tokens.push('many');
    } else if (character === '?') tokens.push('any');
    else if (character === '[') {
      const one = readClass(pattern, at + 1);
      tokens.push(one.table);
      at = one.end;
    } else {
      if (character === '\\' && at + 1 < pattern.length) at++;
      tokens.push(pattern.charCodeAt(at));
    }
  }
  return tokens;
}

/** From behind the `[`; `end` is the place of the `]`, or of the last character where there is none. */
function readClass(pattern: ByteString, start: number): { table: Uint8Array; end: number } {
  const not = pattern[start] === '^';
  const table = new Uint8Array(256);
  let at = not ? start + 1 : start;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\' && at + 1 < pattern.length) table[pattern.charCodeAt(++at)] = 1;
    else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      fill(table, signed(pattern.charCodeAt(at)), signed(pattern.charCodeAt(at + 2)));
      at += 2;
    } else table[pattern.charCodeAt(at)] = 1;
  }
  if (not) for (let code = 0; code < 256; code++) table[code] = 1 - (table[code] ?? 0);
  return { table, end: Math.min(at, pattern.length - 1) };
}

/** Redis compares the ends of a range as signed characters, and takes them in either order. */
const signed = (code: number): number => (code < 128 ? code : code - 256);

function fill(table: Uint8Array, one: number, other: number): void {
  for (let code = Math.min(one, other); code <= Math.max(one, other); code++) table[code & 255] = 1;
}
