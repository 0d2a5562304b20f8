/** A line as its words, in redis-cli's way: `"…"` with `\n \r \t \b \a \\ \" \xHH`, `'…'` with `\'`, blanks between. */
import type { ByteString } from '../bytes.js';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
/** Of ASCII alone: 0xa0, which is a blank to \s, is half of an à. */
const BLANK = /[ \t\n\v\f\r]/;

/** undefined: a quote is not closed, or something stands right behind one. */
export function wordsOf(text: ByteString): ByteString[] | undefined {
  const words: ByteString[] = [];
  for (let at = 0; at < text.length; ) {
    if (BLANK.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const quote = text[at] === '"' || text[at] === "'" ? text[at] : undefined;
    const word = quote === undefined ? plainWord(text, at) : quotedWord(text, at + 1, quote);
    if (word === undefined) return undefined;
    words.push(word.word);
    at = word.end;
  }
  return words;
}

interface Word {
  readonly word: ByteString;
  /** Behind it. */
  readonly end: number;
}

function plainWord(text: ByteString, start: number): Word {
  let end = start;
  while (end < text.length && !BLANK.test(text[end] ?? '')) end++;
  return { word: text.slice(start, end), end };
}

function quotedWord(text: ByteString, start: number, quote: string): Word | undefined {
  let word = '';
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === quote) {
      const next = text[at + 1];
      return next === undefined || BLANK.test(next) ? { word, end: at + 1 } : undefined;
    }
    if (character !== '\\' || at + 1 >= text.length) {
      word += character;
      continue;
    }
    const escaped = quote === '"' ? doubleEscape(text, at + 1) : singleEscape(text, at + 1);
    word += escaped.word;
    at = escaped.end - 1;
  }
  return undefined;
}

function doubleEscape(text: ByteString, at: number): Word {
  const digits = /^x([0-9a-f]{2})/i.exec(text.slice(at, at + 3))?.[1];
  if (digits !== undefined) return { word: String.fromCharCode(Number.parseInt(digits, 16)), end: at + 3 };
  const character = text[at] ?? '';
  return { word: ESCAPES[character] ?? character, end: at + 1 };
}

const singleEscape = (text: ByteString, at: number): Word =>
  text[at] === "'" ? { word: "'", end: at + 1 } : { word: '\\', end: at };
