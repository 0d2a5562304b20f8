/**
 * A stream, read by hand: the iterator of a stream throws away what Node has read already when it is destroyed or fails.
 *
 *     reading ──end, failure, signal──▶ over: read() gives what is left at once
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../../../platform/clock.js';

export class StreamReader {
  readonly #input: Readable;
  readonly #signal: AbortSignal;
  #news = new AbortController();
  #isOver = false;
  failure: Error | undefined;

  constructor(input: Readable, signal: AbortSignal) {
    this.#input = input;
    this.#signal = signal;
    input.on('readable', this.#tell);
    input.on('error', this.#fail);
    for (const end of ['end', 'close']) input.on(end, this.#finish);
    signal.addEventListener('abort', this.#finish, { once: true });
    if (signal.aborted || input.readableEnded || input.destroyed) this.#isOver = true;
  }

  /** Nothing more is waited for. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** All that is there; undefined: nothing. When it is over, this is the last of it: nothing is read in between. */
  read(): Buffer | undefined {
    const { readableLength } = this.#input;
    const piece = readableLength === 0 && !this.#isOver ? this.#input.read() : this.#input.read(readableLength);
    if (this.#isOver) this.close();
    return (piece as Buffer | null) ?? undefined;
  }

  /** Until there is more, or it is over. True where that takes longer than so many milliseconds. */
  async wait(ms: number | undefined, clock: Clock): Promise<boolean> {
    const { signal } = this.#news;
    try {
      if (ms !== undefined) {
        await clock.sleep(ms, signal);
        return true;
      }
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.#news = new AbortController();
    return false;
  }

  close(): void {
    this.#input.off('readable', this.#tell);
    for (const end of ['end', 'close']) this.#input.off(end, this.#finish);
    this.#signal.removeEventListener('abort', this.#finish);
    // Its errors are of no interest any more; that listener stays.
    this.#input.destroy();
  }

  readonly #tell = () => this.#news.abort();

  readonly #finish = () => {
    this.#isOver = true;
    this.#tell();
  };

  readonly #fail = (error: Error) => {
    this.failure ??= error;
    this.#finish();
  };
}
