/** What a daemon does beside: small blocks are merged, old entries removed, retired blocks deleted; again and again. */
import type { Clock } from '../../../platform/clock.js';
import { compact } from './compactor.js';
import type { EntryStore } from './entry-store.js';
import { applyRetention, purge, type Removed, type Retention } from './retention.js';
import { RetentionTime } from './retention-time.js';

/** Milliseconds between the end of one round and the next. */
const ROUND_MS = 15_000;
const DAY_MS = 86_400_000;
/** In a day; a clock that drifts differs by seconds. */
const STEP_MS = 3_600_000;

export interface MaintenanceOptions extends Omit<Retention, 'now' | 'looksAhead'> {
  readonly signal: AbortSignal;
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
  for (;;) {
    await store.clock.sleep(ROUND_MS, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      await removeOld(store, options, time, steady.hasRunForADay());
      await compact(store, { signal });
      await purge(store);
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
    }
  }
}

/** Whether the clock has run as a clock does for so long that blocks of the future are what they seem; again after another day. */
class SteadyClock {
  readonly #clock: Clock;
  #since: { readonly wall: number; readonly running: number };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = { wall: clock.now(), running: clock.monotonic() };
  }

  hasRunForADay(): boolean {
    const now = { wall: this.#clock.now(), running: this.#clock.monotonic() };
    const running = now.running - this.#since.running;
    const isSteady = Math.abs(now.wall - this.#since.wall - running) < STEP_MS;
    if (isSteady && running < DAY_MS) return false;
    this.#since = now;
    return isSteady;
  }
}

async function removeOld(
  store: EntryStore,
  options: MaintenanceOptions,
  time: RetentionTime,
  looksAhead: boolean,
): Promise<void> {
  const { keepMs, mostBytes, onRemoved, onLeap } = options;
  const wasHeld = time.isHeld;
  const now = keepMs === undefined ? undefined : await time.look();
  if (time.isHeld && !wasHeld) onLeap?.();
  const removed = await applyRetention(store, { keepMs, mostBytes, now, looksAhead });
  if (removed.blocks > 0) onRemoved?.(removed);
}
