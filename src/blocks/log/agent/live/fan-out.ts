/**
 * Hands what cannot be read again to every pipeline. It waits for those that want it to (policy `block`), and for no other; one that has failed
 * is passed over, so that the others get what there is, and what it misses is counted.
 */
import type { Pipeline } from '../pipeline/pipeline.js';
import type { SourceChunk, TakeChunk } from '../source.js';

export class LiveInlet {
  readonly #pipeline: Pick<Pipeline, 'take'>;
  readonly #failed = new AbortController();
  #missed = 0;

  constructor(pipeline: Pick<Pipeline, 'take'>) {
    this.#pipeline = pipeline;
  }

  /** Entries that came when the pipeline had failed. */
  get missed(): number {
    return this.#missed;
  }

  /** Nothing will make room any more. */
  fail(reason: unknown): void {
    this.#failed.abort(reason);
  }

  async take(chunk: SourceChunk): Promise<void> {
    const { signal } = this.#failed;
    try {
      signal.throwIfAborted();
      await this.#pipeline.take(chunk, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#missed += chunk.entries.count;
    }
  }
}

export function takeForAll(inlets: readonly LiveInlet[]): TakeChunk {
  const [only] = inlets;
  if (only !== undefined && inlets.length === 1) return (chunk) => only.take(chunk);
  return async (chunk) => {
    await Promise.all(inlets.map((inlet) => inlet.take(chunk)));
  };
}
