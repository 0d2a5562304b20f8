/** What a daemon does beside: small blocks are merged, old entries removed, retired blocks deleted; again and again. */
import { compact } from './compactor.js';
import type { EntryStore } from './entry-store.js';
import { applyRetention, purge, type Removed, type Retention } from './retention.js';

/** Milliseconds between the end of one round and the next. */
const ROUND_MS = 15_000;

export interface MaintenanceOptions extends Retention {
  readonly signal: AbortSignal;
  /** Called where something was removed by retention. */
  readonly onRemoved?: (removed: Removed) => void;
  /** A round failed; the next one tries again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Until the signal. */
export async function maintain(store: EntryStore, options: MaintenanceOptions): Promise<void> {
  const { signal, onRemoved, onTrouble } = options;
  for (;;) {
    await store.clock.sleep(ROUND_MS, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      const removed = await applyRetention(store, options);
      if (removed.blocks > 0) onRemoved?.(removed);
      await compact(store, { signal });
      await purge(store);
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
    }
  }
}
