/**
 * Lines → entries of words (RFC 1035, section 5.1). An entry is a line, or several within parentheses:
 *
 *     example.  3600  SOA  ns  mailbox (        ; a comment
 *                     2024010101 7200           ; the entry goes on
 *                     3600 1209600 300 )
 *
 *     word      characters up to a space, a tab, ; ( ) or "          \X and \DDD stay as they are: what they mean depends
 *     "word"    characters up to the next ", not beyond the line     on the field
 */
import type { Word } from '../../rdata/index.js';
import { LineReader, LONGEST_ENTRY } from './lines.js';
import { badEntry } from './problems.js';

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

/** 1 for characters that end a word. */
const endsWord = new Uint8Array(256);
for (const code of [TAB, CR, SPACE, QUOTE, OPEN, CLOSE, SEMICOLON]) endsWord[code] = 1;

/** What some editors write in front of UTF-8, one character an octet. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

export interface FileWord extends Word {
  /** No space stands between it and the word before: `alpn="h2"` are two words. */
  readonly glued: boolean;
}

export interface Entry {
  readonly words: readonly FileWord[];
  /** It begins with a space or tab: its owner is that of the entry before. */
  readonly beginsBlank: boolean;
  /** Where it begins, from 1. */
  readonly line: number;
}

export class Lexer {
  readonly #lines: LineReader;
  /** Of the entry whose parenthesis is not closed. */
  #unclosed: number | undefined;
  #depth = 0;

  constructor(chunks: Iterable<string>) {
    this.#lines = new LineReader(chunks);
  }

  /** Errors of a source that cannot be opened. Need not be called. */
  open(): void {
    this.#lines.open();
  }

  /** Where to look when next() threw. */
  get line(): number {
    return this.#unclosed ?? this.#lines.number;
  }

  /** The next entry that has words; undefined after the last. Error: `dns.bad_zone_file`, without its place. */
  next(): Entry | undefined {
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      const words: FileWord[] = [];
      const first = line.charCodeAt(0);
      const start = this.#lines.number;
      this.#scan(line, words);
      if (this.#depth > 0) this.#finish(words, line.length, start);
      if (words.length > 0) return { words, beginsBlank: first === SPACE || first === TAB, line: start };
    }
    return undefined;
  }

  close(): void {
    this.#lines.close();
  }

  #nextLine(): string | undefined {
    const line = this.#lines.next();
    return this.#lines.number === 1 && line?.startsWith(BYTE_ORDER_MARK) ? line.slice(BYTE_ORDER_MARK.length) : line;
  }

  /** The lines up to the closing parenthesis. */
  #finish(words: FileWord[], firstLength: number, start: number): void {
    for (let length = firstLength; this.#depth > 0; ) {
      const line = this.#lines.next();
      if (line !== undefined) length += line.length;
      if (line === undefined || length > LONGEST_ENTRY) {
        this.#unclosed = start;
        throw badEntry('the parenthesis that opens here is not closed');
      }
      this.#scan(line, words);
    }
  }

  #scan(line: string, words: FileWord[]): void {
    // Where the last word ended: a word that begins there is glued to it.
    let wordEnd = -1;
    for (let at = 0; at < line.length; ) {
      const code = line.charCodeAt(at);
      if (code === SPACE || code === TAB || code === CR) at++;
      else if (code === SEMICOLON) return;
      else if (code === OPEN || code === CLOSE) {
        this.#parenthesis(code);
        at++;
      } else {
        const quoted = code === QUOTE;
        const end = quoted ? quoteEnd(line, at) : bareEnd(line, at);
        const text = quoted ? line.slice(at + 1, end - 1) : line.slice(at, end);
        words.push({ text, quoted, glued: at === wordEnd });
        at = wordEnd = end;
      }
    }
  }

  #parenthesis(code: number): void {
    this.#depth += code === OPEN ? 1 : -1;
    if (this.#depth < 0) throw badEntry('a parenthesis is closed that was not opened');
  }
}

/** The words of text that is one entry. Error: `dns.bad_zone_file`, without its place. */
export function wordsOf(text: string): FileWord[] {
  const words = new Lexer([text]).next()?.words;
  return words === undefined ? [] : [...words];
}

/** Behind the word that begins at `start`. */
function bareEnd(line: string, start: number): number {
  let at = start;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (endsWord[code] === 1) return at;
  }
  if (at > line.length) throw badEntry('the line ends in a backslash, which escapes nothing');
  return at;
}

/** Behind the closing quote of the string that begins at `start`. */
function quoteEnd(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at + 1;
  }
  throw badEntry('a quoted string does not end on its line', 'write a line end within a string as \\010');
}
