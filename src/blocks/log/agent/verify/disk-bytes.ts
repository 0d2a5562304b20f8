/** The bytes of a file from its start to its end, plain or decompressed, for who goes through them once. */
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

  /** Lines, and parts of lines, from `from` to the end; `from` is no earlier than the range before. */
  async linesAfter(from: number): Promise<number> {
    let lines = 0;
    let last = LF;
    for (let at = from; ; ) {
      const piece = await this.range(at, at + PIECE_BYTES);
      if (piece.length === 0) return last === LF ? lines : lines + 1;
      for (let i = piece.indexOf(LF); i !== -1; i = piece.indexOf(LF, i + 1)) lines++;
      last = piece[piece.length - 1] ?? LF;
      at += piece.length;
    }
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
