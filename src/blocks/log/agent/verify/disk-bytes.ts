/** The bytes of a file from its start to its end, plain or decompressed, for who goes through them once. Counts lines on the way. */
import type { OpenFile } from '../sources/files/disk.js';

const PIECE_BYTES = 256 * 1024;
const LF = 10;

export class DiskBytes {
  readonly #pieces: AsyncIterator<Buffer>;
  #kept: Buffer = Buffer.alloc(0);
  /** Position of the first byte of what is kept. */
  #base = 0;
  #isAtEnd = false;

  constructor(file: OpenFile, compressed: boolean) {
    this.#pieces = (compressed ? file.inflate() : plainPieces(file))[Symbol.asyncIterator]();
  }

  /** Bytes of a range that begins no earlier than the one before; shorter where the file ends. */
  async range(from: number, to: number): Promise<Buffer> {
    while (this.#base + this.#kept.length < to && (await this.#more(from))) {}
    const start = Math.max(0, from - this.#base);
    return this.#kept.subarray(start, Math.max(start, to - this.#base));
  }

  /** Lines that begin in a range that begins no earlier than the one before. A last one without an end counts. */
  async lines(from: number, to: number): Promise<number> {
    let lines = 0;
    let isStart = from === 0 || (await this.range(from - 1, from))[0] === LF;
    for (let at = from; at < to; ) {
      const piece = await this.range(at, Math.min(to, at + PIECE_BYTES));
      if (piece.length === 0) break;
      if (isStart) lines++;
      for (let i = piece.indexOf(LF); i !== -1 && i + 1 < piece.length; i = piece.indexOf(LF, i + 1)) lines++;
      isStart = piece[piece.length - 1] === LF;
      at += piece.length;
    }
    return lines;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #more(from: number): Promise<boolean> {
    if (this.#isAtEnd) return false;
    const { value, done } = await this.#pieces.next();
    if (done === true) {
      this.#isAtEnd = true;
      return false;
    }
    const dropped = Math.min(this.#kept.length, Math.max(0, from - this.#base));
    const rest = this.#kept.subarray(dropped);
    this.#kept = rest.length === 0 ? value : Buffer.concat([rest, value]);
    this.#base += dropped;
    return true;
  }
}

async function* plainPieces(file: OpenFile): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const bytes = Buffer.allocUnsafe(PIECE_BYTES);
    const read = file.read(bytes, PIECE_BYTES, position);
    if (read === 0) return;
    position += read;
    yield bytes.subarray(0, read);
  }
}
