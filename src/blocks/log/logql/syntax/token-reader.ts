/** Walks over the tokens of a query, and says what it expected where it found something else. */
import { type Token, type TokenKind, tokenize } from './lexer.js';
import { partError, queryError } from './query-error.js';

/** Parentheses within parentheses, and powers of powers. */
const MAX_DEPTH = 100;

const KIND_NAMES: Readonly<Record<TokenKind, string>> = {
  word: 'a name',
  number: 'a number',
  duration: 'a duration',
  bytes: 'a size',
  text: 'a string',
  range: 'a range such as [5m]',
  flag: 'a flag',
  symbol: 'a symbol',
  end: 'the end of the query',
};

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(query: string) {
    this.#tokens = tokenize(query);
  }

  get token(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError('a query has at least the token of its end');
    return token;
  }

  next(): Token {
    const token = this.token;
    this.#at++;
    return token;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.raw === symbol;
  }

  /** Keywords are of any case, as in Loki. */
  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.raw.toLowerCase() === word;
  }

  takeSymbol(symbol: string): boolean {
    const taken = this.isSymbol(symbol);
    if (taken) this.#at++;
    return taken;
  }

  takeWord(word: string): boolean {
    const taken = this.isWord(word);
    if (taken) this.#at++;
    return taken;
  }

  expectSymbol(symbol: string): Token {
    if (!this.isSymbol(symbol)) throw this.unexpected(`"${symbol}"`);
    return this.next();
  }

  expect(kind: TokenKind): Token {
    if (this.token.kind !== kind) throw this.unexpected(KIND_NAMES[kind]);
    return this.next();
  }

  /** Something in parentheses, `open` already taken or not needed. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw queryError(`it nests deeper than ${MAX_DEPTH}`, this.token);
    const result = read();
    this.#depth--;
    return result;
  }

  /** Names in parentheses: `(a, b)`, `()`. */
  names(): string[] {
    this.expectSymbol('(');
    const names: string[] = [];
    if (this.takeSymbol(')')) return names;
    do names.push(this.expect('word').raw);
    while (this.takeSymbol(','));
    this.expectSymbol(')');
    return names;
  }

  /** Makes (does not throw) the error that the token at hand is not what it should be. */
  unexpected(expected: string) {
    const { kind, raw } = this.token;
    const found = kind === 'end' ? 'end of query' : kind === 'word' ? `identifier ${raw}` : raw;
    return queryError(`syntax error: unexpected ${found}, expecting ${expected}`, this.token);
  }

  /** Runs the compiler of a part, and gives its error the place of the token. */
  check<T>(part: string, token: Token, compile: () => T): T {
    try {
      return compile();
    } catch (error) {
      throw partError(part, error, token);
    }
  }
}
