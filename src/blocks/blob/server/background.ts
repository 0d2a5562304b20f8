/** What the daemon does by itself, again and again. What goes wrong is logged and never ends it: the next turn may go well. */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';

export interface Chore {
  /** For the log: `gc`. */
  readonly name: string;
  /** From the end of one turn to the next one, milliseconds; 0: never. */
  readonly everyMs: number;
  /** Ends early by the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Until the signal. */
export async function doChore(chore: Chore, clock: Clock, logger: Logger, signal: AbortSignal): Promise<void> {
  if (chore.everyMs === 0) return;
  while (!signal.aborted) {
    await clock.sleep(chore.everyMs, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      await chore.run(signal);
    } catch (err) {
      if (!signal.aborted) logger.error({ err }, `${chore.name} met a problem; it tries again in time`);
    }
  }
}
