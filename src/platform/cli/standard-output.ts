/**
 * stdout with backpressure, and quiet about a reader that has gone.
 *
 * A pipe's write is synchronous on Linux, yet its failure (EPIPE) is only told by an event of a later turn of the event
 * loop: a loop that never yields would go on writing into nothing. writeAll() therefore yields regularly.
 */

/** The reader of stdout has gone. Ends the command quietly with exit code 0. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** Longest time between two turns of the event loop while writing, in ms: bounds how late a signal or EPIPE is seen. */
const YIELD_AFTER_MS = 10;

let closed: ClosedPipe | undefined;
let listening = false;

function listen(): void {
  if (listening) return;
  listening = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed ??= new ClosedPipe('the reader of stdout has gone');
  });
}

export class StandardOutput {
  private yieldedAt = performance.now();

  /** Throws ClosedPipe once the reader is known to have gone. */
  write(text: string): void {
    listen();
    if (closed !== undefined) throw closed;
    process.stdout.write(text);
  }

  async writeAll(data: Uint8Array | string): Promise<void> {
    listen();
    if (closed !== undefined) throw closed;
    if (!process.stdout.write(data)) await drained();
    if (performance.now() - this.yieldedAt >= YIELD_AFTER_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.yieldedAt = performance.now();
    }
    if (closed !== undefined) throw closed;
  }
}

function drained(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'error', 'close']) process.stdout.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'error', 'close']) process.stdout.once(event, done);
  });
}
