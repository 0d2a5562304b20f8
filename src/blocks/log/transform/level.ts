/**
 * How serious a line is, in the words that Loki uses for `detected_level`, whatever words, letters or numbers the program has for it.
 *
 *     [error]  ERROR  E0102 15:04  level=warn  "level":50  "severity":"Warning"  <131>  emerg: …
 */
import { isDigit, isLetter } from './timestamp/fields.js';

export type Level = 'fatal' | 'critical' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

const WORDS: Readonly<Record<string, Level>> = {
  emerg: 'fatal',
  emergency: 'fatal',
  fatal: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal',
  alert: 'critical',
  crit: 'critical',
  critical: 'critical',
  severe: 'error',
  error: 'error',
  err: 'error',
  failure: 'error',
  warn: 'warn',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  informational: 'info',
  config: 'info',
  debug: 'debug',
  dbg: 'debug',
  fine: 'debug',
  trace: 'trace',
  trc: 'trace',
  finer: 'trace',
  finest: 'trace',
  verbose: 'trace',
};
const LEVELS = new Map<string, Level>(Object.entries(WORDS));
/** Of one letter: glog, klog and logcat. */
const LETTERS = new Map<string, Level>([
  ['f', 'fatal'],
  ['e', 'error'],
  ['w', 'warn'],
  ['i', 'info'],
  ['d', 'debug'],
  ['v', 'trace'],
  ['t', 'trace'],
]);

/**
 * The level of a word or number; undefined where it is none. Numbers below 8 are syslog's severities (0 to 7), those from 10 on pino's
 * and bunyan's (30 is info).
 */
export function normaliseLevel(text: string): Level | undefined {
  if (text.length > 16) return undefined;
  const word = text.trim().toLowerCase();
  return LEVELS.get(word) ?? LETTERS.get(word) ?? (/^\d{1,2}$/.test(word) ? levelOfNumber(Number(word)) : undefined);
}

const SYSLOG: readonly Level[] = ['fatal', 'critical', 'critical', 'error', 'warn', 'info', 'info', 'debug'];

function levelOfNumber(number: number): Level | undefined {
  if (number < 8) return SYSLOG[number];
  if (number < 10 || number > 60) return undefined;
  if (number >= 60) return 'fatal';
  if (number >= 50) return 'error';
  if (number >= 40) return 'warn';
  if (number >= 30) return 'info';
  return number >= 20 ? 'debug' : 'trace';
}

/** Bytes of a line in which a level is looked for, and words that may be one. */
const SEARCHED = 256;
const WORDS_SEARCHED = 24;
const LONGEST_WORD = 13;
/** Names of fields that hold a level: `level=warn`, `"severity": "ERROR"`, `"level":30`. */
const FIELDS = new Set(['level', 'lvl', 'severity', 'loglevel', 'log_level', 'levelname', 'severitytext']);

/**
 * The level that a line states at its beginning; undefined where it states none. A field that is called so counts first. Of bare words
 * only those count that stand as levels do: in capitals (`ERROR`), in brackets (`[error]`), or before a colon (`warning: …`): «error» in
 * the middle of a sentence is no level.
 */
export function levelOf(bytes: Uint8Array, start = 0, end = bytes.length): Level | undefined {
  const limit = Math.min(end, start + SEARCHED);
  const letter = levelOfKlog(bytes, start, end);
  if (letter !== undefined) return letter;
  let found: Level | undefined;
  let words = 0;
  for (let at = start; at < limit && words < WORDS_SEARCHED; ) {
    if (!isLetter(bytes[at])) {
      at++;
      continue;
    }
    let wordEnd = at;
    let hash = 0;
    for (; wordEnd < end && (isLetter(bytes[wordEnd]) || bytes[wordEnd] === 0x5f); wordEnd++) {
      hash = (Math.imul(hash, 31) + ((bytes[wordEnd] ?? 0) | 0x20)) | 0;
    }
    words++;
    if (wordEnd - at <= LONGEST_WORD && KNOWN_HASHES[hash & HASH_MASK] === 1) {
      const level = levelOfWord(bytes, start, at, wordEnd, end);
      if (level?.field) return level.level;
      found ??= level?.level;
    }
    at = wordEnd;
  }
  return found;
}

interface Found {
  readonly level: Level;
  /** It is the value of a field that is called so. */
  readonly field: boolean;
}

function levelOfWord(bytes: Uint8Array, start: number, at: number, wordEnd: number, end: number): Found | undefined {
  const word = latin(bytes, at, wordEnd);
  const lower = word.toLowerCase();
  if (FIELDS.has(lower)) {
    const level = fieldValue(bytes, wordEnd, end);
    return level && { level, field: true };
  }
  const level = LEVELS.get(lower);
  if (level === undefined || isPartOfName(bytes, start, at, wordEnd, end)) return undefined;
  const before = at > start ? bytes[at - 1] : undefined;
  const behind = wordEnd < end ? bytes[wordEnd] : undefined;
  const bracketed = (before === 0x5b && behind === 0x5d) || (before === 0x3c && behind === 0x3e);
  const capitals = word === word.toUpperCase();
  const labelled = behind === 0x3a && (before === undefined || before === 0x20 || before === 0x3a || before === 0x5b);
  return capitals || bracketed || labelled ? { level, field: false } : undefined;
}

/** Hashes of the words that mean something, so that hardly any other word becomes a string: a third of the time a line. */
const HASH_MASK = 8191;
const KNOWN_HASHES = new Uint8Array(HASH_MASK + 1);
for (const word of [...LEVELS.keys(), ...FIELDS]) {
  let hash = 0;
  for (const byte of Buffer.from(word)) hash = (Math.imul(hash, 31) + (byte | 0x20)) | 0;
  KNOWN_HASHES[hash & HASH_MASK] = 1;
}

/** `error.log`, `/error/`, `x-error`, `error404`: parts of longer names. */
function isPartOfName(bytes: Uint8Array, start: number, at: number, wordEnd: number, end: number): boolean {
  const before = at > start ? bytes[at - 1] : undefined;
  const behind = wordEnd < end ? bytes[wordEnd] : undefined;
  const beyond = wordEnd + 1 < end ? bytes[wordEnd + 1] : undefined;
  if (isDigit(before) || isDigit(behind) || before === 0x2e || before === 0x2d || before === 0x5f || before === 0x2f) {
    return true;
  }
  if (behind === 0x2d || behind === 0x2f || behind === 0x28 || behind === 0x3d) return true;
  return behind === 0x2e && isLetter(beyond);
}

/** The level behind `=` or `":`; undefined where it is none. */
function fieldValue(bytes: Uint8Array, from: number, end: number): Level | undefined {
  let at = from;
  if (bytes[at] === 0x22) at++;
  while (at < end && bytes[at] === 0x20) at++;
  if (at >= end || (bytes[at] !== 0x3d && bytes[at] !== 0x3a)) return undefined;
  at++;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x22)) at++;
  let valueEnd = at;
  while (valueEnd < end && valueEnd - at <= LONGEST_WORD && (isLetter(bytes[valueEnd]) || isDigit(bytes[valueEnd])))
    valueEnd++;
  return valueEnd > at ? normaliseLevel(latin(bytes, at, valueEnd)) : undefined;
}

/** `E0102 15:04:05`: the letter that glog and klog begin a line with. */
function levelOfKlog(bytes: Uint8Array, start: number, end: number): Level | undefined {
  if (end - start < 9 || !isLetter(bytes[start]) || bytes[start + 5] !== 0x20) return undefined;
  for (let i = 1; i <= 4; i++) if (!isDigit(bytes[start + i])) return undefined;
  if (bytes[start + 8] !== 0x3a) return undefined;
  return LETTERS.get(String.fromCharCode((bytes[start] ?? 0) | 0x20));
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
