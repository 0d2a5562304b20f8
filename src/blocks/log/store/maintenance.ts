/** What a daemon does beside: small blocks are merged, old entries removed, retired blocks deleted; again and again. */
import { nanosOf } from '../nanos.js';
import { compact } from './compactor.js';
import type { EntryStore } from './entry-store.js';
import { applyRetention, purge, type Removed, type Retention } from './retention.js';
import { RetentionTime } from './retention-time.js';
import { SteadyClock } from './steady-clock.js';

/** Milliseconds between the end of one round and the next. */
const ROUND_MS = 15_000;

export interface MaintenanceOptions extends Omit<Retention, 'now' | 'looksAhead'> {
  readonly signal: AbortSignal;
  /** At each look of retention: nanoseconds since the Unix epoch, what is older is not kept. */
  readonly onKeptFrom?: (time: bigint) => void;
  /** Called where something was removed by retention. */
  readonly onRemoved?: (removed: Removed) => void;
  /** The clock has leapt ahead: until it comes back, or has stayed there for a day, age is counted from before the leap. */
  readonly onLeap?: () => void;
  /** A round failed; the next one tries again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Until the signal. */
export async function maintain(store: EntryStore, options: MaintenanceOptions): Promise<void> {
  const { signal, onTrouble } = options;
  const time = new RetentionTime(store);
  const steady = new SteadyClock(store.clock);
  // Before anything arrives by the clock of now.
  if (options.keepMs !== undefined) await time.look().catch(onTrouble);
  for (;;) {
    await store.clock.sleep(ROUND_MS, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      await removeOld(store, options, time, steady.takeDay());
      await compact(store, { signal });
      await purge(store);
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
    }
  }
}

async function removeOld(
  store: EntryStore,
  options: MaintenanceOptions,
  time: RetentionTime,
  looksAhead: boolean,
): Promise<void> {
  const { keepMs, mostBytes, onRemoved, onLeap, onKeptFrom } = options;
  const wasHeld = time.isHeld;
  const now = keepMs === undefined ? undefined : await time.look();
  if (time.isHeld && !wasHeld) onLeap?.();
  if (keepMs !== undefined && now !== undefined) onKeptFrom?.(nanosOf(now - keepMs));
  const removed = await applyRetention(store, { keepMs, mostBytes, now, looksAhead });
  if (removed.blocks > 0) onRemoved?.(removed);
}
