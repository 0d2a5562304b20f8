/** The lines of a body. */

const LF = 0x0a;
const CR = 0x0d;

/**
 * Calls with where each line begins and ends, its line end not included, and its number, from 1 on; a last line without one counts, an empty one
 * is passed by.
 */
export function eachLine(body: Buffer, use: (start: number, end: number, number: number) => void): void {
  for (let start = 0, number = 1; start < body.length; number++) {
    const found = body.indexOf(LF, start);
    const next = found === -1 ? body.length : found;
    const end = next > start && body[next - 1] === CR ? next - 1 : next;
    if (end > start) use(start, end, number);
    start = next + 1;
  }
}
