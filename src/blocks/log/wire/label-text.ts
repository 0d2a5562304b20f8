/** Reads labels as Prometheus and Loki write them: `{app="shop", host="a"}`. Values are quoted as in Go, or stand between backticks. */
import { emptyLabels, type Labels } from '../labels.js';
import { badBody } from './bad-body.js';

const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const SPACE = /\s*/y;
/** Up to the next quote or backslash. */
const PLAIN = /[^"\\]*/y;

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};
/** Digits of each. */
const CODES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Error: `log.bad_body`. */
export function parseLabelText(text: string): Labels {
  const labels = emptyLabels();
  const reader = new LabelText(text);
  reader.expect('{');
  while (!reader.takes('}')) {
    const name = reader.name();
    reader.expect('=');
    labels[name] = reader.value();
    if (!reader.takes(',')) {
      reader.expect('}');
      break;
    }
  }
  reader.expectEnd();
  return labels;
}

class LabelText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  takes(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  expect(character: string): void {
    if (!this.takes(character)) throw this.#bad(`${character} is missing`);
  }

  expectEnd(): void {
    this.#match(SPACE);
    if (this.#at !== this.#text.length) throw this.#bad('something follows the }');
  }

  name(): string {
    this.#match(SPACE);
    const name = this.#match(NAME);
    if (name === '') throw this.#bad('the name of a label is missing');
    return name;
  }

  value(): string {
    if (this.takes('`')) return this.#raw();
    this.expect('"');
    let value = '';
    for (;;) {
      value += this.#match(PLAIN);
      const stop = this.#text[this.#at++];
      if (stop === '"') return value;
      if (stop === undefined) throw this.#bad('a value does not end');
      value += this.#escape();
    }
  }

  #raw(): string {
    const end = this.#text.indexOf('`', this.#at);
    if (end === -1) throw this.#bad('a value does not end');
    const value = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? '';
    const plain = ESCAPES[letter];
    if (plain !== undefined) return plain;
    const digits = CODES[letter];
    const code = this.#text.slice(this.#at, this.#at + (digits ?? 0));
    const point = Number.parseInt(code, 16);
    if (digits === undefined || code.length !== digits || !/^[\da-f]+$/i.test(code) || point > 0x10ffff) {
      throw this.#bad(`\\${letter} is no escape`);
    }
    this.#at += digits;
    return String.fromCodePoint(point);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #bad(what: string) {
    const shown = this.#text.length > 200 ? `${this.#text.slice(0, 200)}…` : this.#text;
    return badBody(`the labels ${JSON.stringify(shown)} cannot be read: ${what} at character ${this.#at + 1}`);
  }
}
