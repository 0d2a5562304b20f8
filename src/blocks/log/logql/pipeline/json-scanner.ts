/**
 * Reads JSON without making objects of it: values that nobody needs are stepped over, numbers stay as they were written (1.0 is not 1,
 * and 2^53 + 1 is not rounded), and a line that breaks off gives what it had before.
 *
 * It is lenient about what it steps over (only brackets and quotes must match), and strict about what it hands out.
 */
export class JsonError extends Error {}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** Deeper objects are an error of the line. */
export const MAX_JSON_DEPTH = 128;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export class JsonScanner {
  #text = '';
  #at = 0;

  begin(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#skipBlank();
  }

  /** What the value at hand is. */
  kind(): JsonKind {
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_BRACE:
        return 'object';
      case OPEN_BRACKET:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74:
      case 0x66:
        return 'boolean';
      case 0x6e:
        return 'null';
      default:
        return 'number';
    }
  }

  /** Steps into an object or an array; whether something is in it. */
  enter(): boolean {
    const close = this.#text.charCodeAt(this.#at) === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
    this.#at++;
    this.#skipBlank();
    if (this.#text.charCodeAt(this.#at) !== close) return true;
    this.#at++;
    return false;
  }

  /** After a value: whether another one follows in the object or array, which is left where none does. */
  more(close: '}' | ']'): boolean {
    this.#skipBlank();
    const code = this.#text.charCodeAt(this.#at);
    if (code !== COMMA && this.#text[this.#at] !== close) throw this.#error(`expected a comma or ${close}`);
    this.#at++;
    this.#skipBlank();
    return code === COMMA;
  }

  /** Key of a member, with the colon behind it. */
  key(): string {
    if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#error('expected a key');
    const key = this.string();
    this.#skipBlank();
    if (this.#text.charCodeAt(this.#at) !== COLON) throw this.#error('expected a colon');
    this.#at++;
    this.#skipBlank();
    return key;
  }

  string(): string {
    const begin = this.#at;
    this.#skipString();
    const raw = this.#text.slice(begin + 1, this.#at - 1);
    return clean(raw.includes('\\') ? unescapeJson(raw) : raw);
  }

  /** A number, true, false or null, as it is written. */
  word(): string {
    const begin = this.#at;
    this.#skipWord();
    const word = this.#text.slice(begin, this.#at);
    if (word === 'true' || word === 'false' || word === 'null' || NUMBER.test(word)) return word;
    this.#at = begin;
    throw this.#error('unknown value');
  }

  /** Steps over the value at hand; its text, where it is wanted. */
  skip(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) this.#skipString();
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#skipNested();
    else this.#skipWord();
  }

  /** The value at hand as it is written, stepping over it. */
  raw(): string {
    const begin = this.#at;
    this.skip();
    return this.#text.slice(begin, this.#at);
  }

  #skipString(): void {
    let end = this.#text.indexOf('"', this.#at + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end === -1) throw this.#error('a string does not end');
    this.#at = end + 1;
  }

  #isEscaped(quote: number): boolean {
    let before = quote - 1;
    while (this.#text.charCodeAt(before) === BACKSLASH) before--;
    return (quote - before) % 2 === 0;
  }

  #skipNested(): void {
    let depth = 0;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) {
        this.#skipString();
        continue;
      }
      if (Number.isNaN(code)) throw this.#error('an object or array does not end');
      this.#at++;
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        if (--depth === 0) return;
      }
    }
  }

  #skipWord(): void {
    const begin = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code) || code <= 0x20 || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) break;
      this.#at++;
    }
    if (this.#at === begin) throw this.#error('expected a value');
  }

  #skipBlank(): void {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
  }

  #error(what: string): JsonError {
    return new JsonError(`${what} at character ${this.#at + 1}`);
  }
}

/** What is no UTF-8 becomes a blank, as in Loki. */
function clean(text: string): string {
  return text.includes('\uFFFD') ? text.replaceAll('\uFFFD', ' ') : text;
}

function unescapeJson(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return '';
  }
}
