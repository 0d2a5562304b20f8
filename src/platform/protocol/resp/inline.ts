/**
 * Inline commands: a line of words, for people with telnet. Quoting as in Redis (`sdssplitargs` in sds.c):
 *
 *     SET greeting "hello\x20world\n" 'it\'s'
 *
 * Double quotes know `\xHH`, `\n`, `\r`, `\t`, `\b`, `\a` and `\<any>`; single quotes know `\'`. A closing quote ends
 * its word.
 */
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;

const ESCAPES = new Map<number, number>([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/** C's isspace(), and NUL, which ends the line in Redis. */
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0;

/** The words of a line without its line end, or undefined when its quotes are unbalanced. */
export function splitInline(line: Buffer): Buffer[] | undefined {
  const words: Buffer[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line[at] ?? 0)) at++;
    if (at >= line.length) return words;
    const word: number[] = [];
    const end = readWord(line, at, word);
    if (end === undefined) return undefined;
    words.push(Buffer.from(word));
    at = end;
  }
}

function readWord(line: Buffer, start: number, word: number[]): number | undefined {
  let at = start;
  while (at < line.length) {
    const byte = line[at] ?? 0;
    if (isSpace(byte)) return at;
    if (byte !== QUOTE && byte !== APOSTROPHE) {
      word.push(byte);
      at++;
      continue;
    }
    const closed = byte === QUOTE ? readQuoted(line, at + 1, word) : readApostrophed(line, at + 1, word);
    if (closed === undefined) return undefined;
    return closed === line.length || isSpace(line[closed] ?? 0) ? closed : undefined;
  }
  return at;
}

function readQuoted(line: Buffer, start: number, word: number[]): number | undefined {
  for (let at = start; at < line.length; at++) {
    const byte = line[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH || at + 1 >= line.length) {
      word.push(byte);
      continue;
    }
    const hex = line[at + 1] === 0x78 ? line.toString('latin1', at + 2, at + 4) : '';
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      word.push(Number.parseInt(hex, 16));
      at += 3;
    } else {
      const escaped = line[at + 1] ?? 0;
      word.push(ESCAPES.get(escaped) ?? escaped);
      at++;
    }
  }
  return undefined;
}

function readApostrophed(line: Buffer, start: number, word: number[]): number | undefined {
  for (let at = start; at < line.length; at++) {
    const byte = line[at] ?? 0;
    if (byte === APOSTROPHE) return at + 1;
    if (byte === BACKSLASH && line[at + 1] === APOSTROPHE) at++;
    word.push(line[at] ?? 0);
  }
  return undefined;
}
