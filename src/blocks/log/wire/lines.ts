/** The lines of a body. */

import { checkEntries } from './bad-body.js';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Calls with where each line begins and ends, its line end not included, and its number, from 1 on; a last line without one counts, an empty one
 * is passed by. Error: `log.too_large`, before the first call, for more lines than a request may have entries (or twice as many, where an entry
 * has two).
 */
export function eachLine(
  body: Buffer,
  use: (start: number, end: number, number: number) => void,
  linesOfEntry: 1 | 2 = 1,
): void {
  checkLines(body, linesOfEntry);
  for (let start = 0, number = 1; start < body.length; number++) {
    // A search costs more than 16 million line ends may.
    const found = body[start] === LF ? start : body.indexOf(LF, start);
    const next = found === -1 ? body.length : found;
    const end = next > start && body[next - 1] === CR ? next - 1 : next;
    if (end > start) use(start, end, number);
    start = next + 1;
  }
}

function checkLines(body: Buffer, linesOfEntry: number): void {
  let lines = 0;
  for (let start = 0; start < body.length; ) {
    if (body[start] === LF) {
      start++;
      continue;
    }
    checkEntries(Math.floor(lines++ / linesOfEntry) + 1);
    const found = body.indexOf(LF, start);
    start = found === -1 ? body.length : found + 1;
  }
}
