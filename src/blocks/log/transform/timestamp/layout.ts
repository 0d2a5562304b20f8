/**
 * Where in the lines of a stream the timestamp stands, and in which form. Found once, in a line of unknown kind, and tried first on those
 * that follow.
 *
 *     place   so many words in front (a space or a tab ends one), then so many bytes: [10/Oct/2000…] is one byte into the fourth word
 *     key     of a line that is a JSON object: the value behind "time":
 *
 * In text the first timestamp of the line is the line's own. In JSON only what is called so is: a message may speak of other times.
 */
import { Byte, isDigit, isLetter, type TimeFields } from './fields.js';
import { FORMS, type Form } from './forms.js';

/** Bytes of a line that are searched for a timestamp. */
const SEARCHED = 256;
/** Bytes of a JSON line that are searched for a key. */
const JSON_SEARCHED = 16 * 1024;

const NAMES = [
  'time',
  'timestamp',
  'ts',
  '@timestamp',
  '@t',
  't',
  'datetime',
  'date',
  'asctime',
  'eventTime',
  'timeUnixNano',
  '__REALTIME_TIMESTAMP',
];
const KEYS = NAMES.map((name) => Buffer.from(`"${name}"`));

export interface Layout {
  readonly form: Form;
  read(line: Buffer, start: number, end: number, into: TimeFields): boolean;
}

class Place implements Layout {
  constructor(
    readonly form: Form,
    private readonly words: number,
    private readonly skip: number,
  ) {}

  read(line: Buffer, start: number, end: number, into: TimeFields): boolean {
    let at = start;
    const limit = Math.min(end, start + SEARCHED);
    for (let word = 0; word < this.words; at++) {
      if (at >= limit) return false;
      const byte = line[at];
      if (byte === Byte.space || byte === Byte.tab) word++;
    }
    at += this.skip;
    if (at >= end || (at > start && continuesWord(line[at - 1]))) return false;
    into.start = at;
    return this.form.read(line, at, end, into);
  }
}

class Key implements Layout {
  constructor(
    readonly form: Form,
    private readonly key: Buffer,
  ) {}

  read(line: Buffer, start: number, end: number, into: TimeFields): boolean {
    const at = valueOfKey(line, start, end, this.key);
    into.start = at;
    return at >= 0 && this.form.read(line, at, end, into);
  }
}

/** The layout of a line of unknown kind, its timestamp read into `into`; undefined where none is found. */
export function findLayout(
  line: Buffer,
  start: number,
  end: number,
  into: TimeFields,
  forms: readonly Form[] = FORMS,
): Layout | undefined {
  if (line[start] === 0x7b) return findKey(line, start, end, into, forms);
  return findPlace(line, start, end, into, forms);
}

function findPlace(
  line: Buffer,
  start: number,
  end: number,
  into: TimeFields,
  forms: readonly Form[],
): Layout | undefined {
  const limit = Math.min(end, start + SEARCHED);
  let words = 0;
  let wordStart = start;
  let inWord = false;
  for (let at = start; at < limit; at++) {
    const byte = line[at];
    if (byte === Byte.space || byte === Byte.tab) {
      words++;
      wordStart = at + 1;
      inWord = false;
      continue;
    }
    if (!inWord && (isDigit(byte) || isLetter(byte))) {
      const form = formAt(line, at, end, into, forms, words);
      if (form !== undefined) return new Place(form, words, at - wordStart);
    }
    inWord = continuesWord(byte);
  }
  return undefined;
}

function formAt(
  line: Buffer,
  at: number,
  end: number,
  into: TimeFields,
  forms: readonly Form[],
  words: number,
): Form | undefined {
  into.start = at;
  for (const form of forms) if (words <= form.wordsBefore && form.read(line, at, end, into)) return form;
  return undefined;
}

/** Whether what follows the byte is within a word: no timestamp begins behind a letter, a digit, a dot. */
function continuesWord(byte: number | undefined): boolean {
  return (
    isDigit(byte) ||
    isLetter(byte) ||
    byte === Byte.dot ||
    byte === Byte.minus ||
    byte === Byte.slash ||
    byte === Byte.colon ||
    byte === Byte.plus ||
    byte === 0x5f
  );
}

function findKey(line: Buffer, start: number, end: number, into: TimeFields, forms: readonly Form[]) {
  for (const key of KEYS) {
    const at = valueOfKey(line, start, end, key);
    const form = at < 0 ? undefined : formAt(line, at, end, into, forms, 0);
    if (form !== undefined) return new Key(form, key);
  }
  return undefined;
}

/**
 * Where the value of a key begins, behind a quote that opens it; -1 where the line has no such key. Not by Buffer.indexOf(), which would
 * search the lines behind this one, too.
 */
function valueOfKey(line: Buffer, start: number, end: number, key: Buffer): number {
  const limit = Math.min(end, start + JSON_SEARCHED) - key.length;
  for (let at = start + 1; at < limit; at++) {
    if (line[at] !== Byte.quote || !hasBytes(line, at, key)) continue;
    const before = line[at - 1];
    // Behind a backslash it is text within a string, and what no colon follows is a value.
    if (before !== 0x7b && before !== Byte.comma && before !== Byte.space) continue;
    let value = skipSpaces(line, at + key.length, end);
    if (value >= end || line[value] !== Byte.colon) continue;
    value = skipSpaces(line, value + 1, end);
    return value < end && line[value] === Byte.quote ? value + 1 : value;
  }
  return -1;
}

function hasBytes(line: Buffer, at: number, bytes: Buffer): boolean {
  for (let i = 1; i < bytes.length; i++) if (line[at + i] !== bytes[i]) return false;
  return true;
}

function skipSpaces(line: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (line[at] === Byte.space || line[at] === Byte.tab)) at++;
  return at;
}
