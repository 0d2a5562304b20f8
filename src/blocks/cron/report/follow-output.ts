/** What a run writes, piece by piece, and on until it has ended. */
import type { Clock } from '../../../platform/clock.js';
import type { CronBook } from '../book.js';
import { isFinal, type OutputChunk, type Run } from '../run.js';

/** Between two looks, milliseconds. */
const LOOK_MS = 250;

export interface FollowOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type OutputPiece =
  | { readonly kind: 'chunk'; readonly chunk: OutputChunk }
  /** The last one: how the run stands. */
  | { readonly kind: 'end'; readonly run: Run };

/** Ends when the run has, or, without `follow`, with what is there. The signal's reason is thrown. */
export async function* followOutput(
  book: CronBook,
  id: number,
  follow: FollowOptions | undefined,
): AsyncGenerator<OutputPiece> {
  let after = 0;
  for (;;) {
    // Looked at first: what it wrote before it ended is there by then.
    const run = await book.run(id);
    for (;;) {
      const chunks = await book.output(id, after);
      if (chunks.length === 0) break;
      for (const chunk of chunks) yield { kind: 'chunk', chunk };
      after = chunks.at(-1)?.sequence ?? after;
    }
    if (follow === undefined || isFinal(run)) return yield { kind: 'end', run };
    await follow.clock.sleep(LOOK_MS, follow.signal);
  }
}
