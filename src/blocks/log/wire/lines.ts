/** The lines of a body. */

const LF = 0x0a;
const CR = 0x0d;

/** Calls with where each line begins and ends, its line end not included; a last line without one counts, an empty one does not. */
export function eachLine(body: Buffer, use: (start: number, end: number) => void): void {
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(LF, start);
    const next = found === -1 ? body.length : found;
    const end = next > start && body[next - 1] === CR ? next - 1 : next;
    if (end > start) use(start, end);
    start = next + 1;
  }
}
