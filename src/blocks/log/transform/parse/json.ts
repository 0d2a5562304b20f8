/**
 * `parse=json`: the members of a line that is a JSON object; nested ones by their path (`http_status`), an array as its text.
 *
 * A reader of our own: JSON.parse() makes 12345678901234567000 of an ID 12345678901234567890. Numbers stay as they are written. Nesting is
 * followed to a depth, and what is deeper is kept as text.
 */
import type { Fields } from '../metadata.js';
import { textParser } from './parser.js';

/** Members deeper than this are text. */
const DEEPEST = 8;
/** Brackets within a value that is skipped; deeper text is no line of a program. */
const DEEPEST_SKIPPED = 1000;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** A string with its quotes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none in strings (RFC 8259, section 7)
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

export const jsonParser = textParser('json', (line, fields) => {
  const reader = new Reader(line, fields);
  return reader.object('', 1) && reader.atEnd();
});

class Reader {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly fields: Fields,
  ) {}

  atEnd(): boolean {
    this.#match(SPACE);
    return this.#at === this.text.length;
  }

  object(prefix: string, depth: number): boolean {
    if (!this.#takes('{')) return false;
    if (this.#takes('}')) return true;
    do {
      this.#match(SPACE);
      const name = this.#string();
      if (name === undefined || !this.#takes(':') || !this.#member(prefix === '' ? name : `${prefix}_${name}`, depth)) {
        return false;
      }
    } while (this.#takes(','));
    return this.#takes('}');
  }

  #member(name: string, depth: number): boolean {
    this.#match(SPACE);
    const first = this.text[this.#at];
    if (first === '{' && depth < DEEPEST) return this.object(name, depth + 1);
    if (first === '"') {
      const value = this.#string();
      return value !== undefined && this.#add(name, value);
    }
    if (first === '{' || first === '[') {
      const from = this.#at;
      return this.#skip() && this.#add(name, this.text.slice(from, this.#at));
    }
    const value = this.#match(NUMBER) ?? this.#match(WORD);
    return value !== undefined && (value === 'null' || this.#add(name, value));
  }

  /** What finds no room is left to the line. */
  #add(name: string, value: string): boolean {
    this.fields.set(name, value);
    return true;
  }

  #string(): string | undefined {
    const quoted = this.#match(STRING);
    if (quoted === undefined) return undefined;
    return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  }

  /** A value with brackets, whose text is of interest, not its form. */
  #skip(): boolean {
    const open: string[] = [];
    while (this.#at < this.text.length) {
      const character = this.text[this.#at];
      if (character === '"') {
        if (this.#match(STRING) === undefined) return false;
        continue;
      }
      this.#at++;
      if (character === '{' || character === '[') {
        open.push(character === '{' ? '}' : ']');
        if (open.length > DEEPEST_SKIPPED) return false;
      } else if (character === '}' || character === ']') {
        if (open.pop() !== character) return false;
        if (open.length === 0) return true;
      }
    }
    return false;
  }

  #takes(character: string): boolean {
    this.#match(SPACE);
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }
}
