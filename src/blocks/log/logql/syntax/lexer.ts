/** Cuts a query into tokens. Words are not told apart here: `json` may be a parser or a label, which only the parser knows. */

import { queryError } from './query-error.js';
import { unquote } from './quote.js';
import { parseBytes, parseDuration } from './units.js';

export type TokenKind = 'word' | 'number' | 'duration' | 'bytes' | 'text' | 'range' | 'flag' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written. */
  readonly raw: string;
  /** Of a text: what the quotes hold. */
  readonly text: string;
  /** Of numbers; of durations and ranges nanoseconds; of sizes bytes. */
  readonly value: number;
  readonly line: number;
  readonly column: number;
}

/** Characters; Loki's limit. */
const MAX_QUERY_LENGTH = 131_072;
/** The tree of a query may be as deep as it has tokens (`1+1+1…`), and trees are walked by recursion. */
const MAX_TOKENS = 4000;

const BLANK = /(?:\s+|#[^\n]*)+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const DURATION = /-?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|[smhdwy]))+(?![A-Za-z_0-9])/y;
const BYTES = /(?:\d+\.?\d*|\.\d+)(?:[kKMGTP]i?B?|B)(?![A-Za-z_0-9])/y;
const FLAG = /--[A-Za-z-]+/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y;
const RANGE = /\[([^\]]*)\]/y;
const SYMBOL = /\|[=~>]|![=~>]|=[=~]|[<>]=|[{}(),=|<>+\-*/%^]/y;

export function tokenize(query: string): Token[] {
  if (query.length > MAX_QUERY_LENGTH) {
    throw queryError(`the query is too long: ${query.length} characters, more than ${MAX_QUERY_LENGTH}`);
  }
  return new Lexer(query).tokens();
}

class Lexer {
  readonly #query: string;
  #at = 0;
  #line = 1;
  #lineBegin = 0;

  constructor(query: string) {
    this.#query = query;
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#query.length) break;
      if (tokens.length === MAX_TOKENS) throw queryError(`the query has more than ${MAX_TOKENS} words and symbols`);
      tokens.push(this.#next());
    }
    tokens.push(this.#token('end', ''));
    return tokens;
  }

  #next(): Token {
    const quoted = this.#match(QUOTED);
    if (quoted !== undefined) return this.#quoted(quoted[0]);
    const range = this.#match(RANGE);
    if (range !== undefined) return this.#range(range[0], range[1] ?? '');
    const duration = this.#match(DURATION)?.[0];
    if (duration !== undefined) return this.#number('duration', duration, parseDuration(duration));
    const bytes = this.#match(BYTES)?.[0];
    if (bytes !== undefined) return this.#number('bytes', bytes, parseBytes(bytes));
    const number = this.#match(NUMBER)?.[0];
    if (number !== undefined) return this.#number('number', number, Number(number));
    const word = this.#match(WORD)?.[0];
    if (word !== undefined) return this.#token('word', word);
    const flag = this.#match(FLAG)?.[0];
    if (flag !== undefined) return this.#token('flag', flag);
    const symbol = this.#match(SYMBOL)?.[0];
    if (symbol !== undefined) return this.#token('symbol', symbol);
    throw queryError(this.#strange(), this.#place());
  }

  #quoted(raw: string): Token {
    const text = unquote(raw);
    if (text === undefined) throw queryError(`invalid escape in ${raw}`, this.#place());
    return this.#token('text', raw, text);
  }

  #range(raw: string, inner: string): Token {
    const value = parseDuration(inner.trim());
    if (value === undefined || value <= 0)
      throw queryError(`not a valid duration: ${JSON.stringify(inner)}`, this.#place());
    return this.#token('range', raw, raw, value);
  }

  #number(kind: TokenKind, raw: string, value: number | undefined): Token {
    if (value === undefined || !Number.isFinite(value)) throw queryError(`${raw} is out of range`, this.#place());
    return this.#token(kind, raw, raw, value);
  }

  #token(kind: TokenKind, raw: string, text = raw, value = Number.NaN): Token {
    const token = { kind, raw, text, value, ...this.#place() };
    this.#advance(raw);
    return token;
  }

  #place() {
    return { line: this.#line, column: this.#at - this.#lineBegin + 1 };
  }

  #strange(): string {
    const character = String.fromCodePoint(this.#query.codePointAt(this.#at) ?? 0);
    if (character === '"' || character === '`') return 'literal not terminated';
    if (character === '[') return "missing closing ']' in duration";
    return `unexpected character ${JSON.stringify(character)}`;
  }

  #skipBlank(): void {
    const blank = this.#match(BLANK)?.[0];
    if (blank !== undefined) this.#advance(blank);
  }

  #advance(text: string): void {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.#line++;
      this.#lineBegin = this.#at + at + 1;
    }
    this.#at += text.length;
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    return expression.exec(this.#query) ?? undefined;
  }
}
