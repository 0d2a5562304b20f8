/** Lines of a piece of a file, in columns; all of them, or only those that have a text. */

/** Lines by where they begin and end in the bytes of the piece, line ends not included. */
export interface LineColumns {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Bytes of a line, as a first guess of how many there are. */
const USUAL_LINE = 64;
const FEW_LINES = 64;

export function allLines(bytes: Buffer): LineColumns {
  const lines = new Lines(bytes, Math.max(FEW_LINES, Math.ceil(bytes.length / USUAL_LINE)));
  for (let start = 0; start < bytes.length; ) {
    const at = bytes.indexOf(LINE_FEED, start);
    const end = at < 0 ? bytes.length : at;
    lines.add(start, end);
    start = end + 1;
  }
  return lines;
}

/**
 * The lines that have `text`. What lies between them is only searched, not cut: 2 to 4 GB/s where hits are rare, against 0.4 GB/s when every
 * line is cut.
 */
export function linesWith(bytes: Buffer, text: Uint8Array): LineColumns {
  const lines = new Lines(bytes, FEW_LINES);
  for (let hit = bytes.indexOf(text); hit >= 0; ) {
    const start = hit === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, hit - 1) + 1;
    const at = bytes.indexOf(LINE_FEED, hit + text.length);
    const end = at < 0 ? bytes.length : at;
    lines.add(start, end);
    if (end >= bytes.length) break;
    hit = bytes.indexOf(text, end + 1);
  }
  return lines;
}

class Lines implements LineColumns {
  count = 0;
  starts: Uint32Array;
  ends: Uint32Array;

  constructor(
    private readonly bytes: Buffer,
    guess: number,
  ) {
    this.starts = new Uint32Array(guess);
    this.ends = new Uint32Array(guess);
  }

  add(start: number, end: number): void {
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end > start && this.bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    this.count++;
  }

  #grow(): void {
    const starts = new Uint32Array(this.starts.length * 2);
    starts.set(this.starts);
    const ends = new Uint32Array(starts.length);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}
