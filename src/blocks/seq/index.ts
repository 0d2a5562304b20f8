/**
 * The sequencer's door: all that commands and other blocks may import.
 *
 * Light by construction: the SQLite store and the clients of a server are loaded when one is opened, and the daemon's
 * server when it is started, because `ds seq next` is measured as a whole process.
 */
import { hostname } from 'node:os';
import type { Clock, Random } from '../../platform/clock.js';
import type { Sequencer } from './sequencer.js';

/** Where the workers, tickets and clock live: a SQLite file, or a server (`ds seq serve`, Redis, Valkey). */
export type SequencerTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** What a sequencer needs from outside. */
export interface SequencerContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Identifies this machine: a file that another one has used is refused. */
  readonly machine: string;
}

/** Opens the file in this process, or connects to the server. Close it. */
export async function openSequencer(target: SequencerTarget, context: SequencerContext): Promise<Sequencer> {
  if (target.kind === 'url') {
    const { openRemoteSequencer } = await import('./remote/index.js');
    return openRemoteSequencer(target.url, context);
  }
  const { openSequencerStore } = await import('./store/index.js');
  return openSequencerStore({ path: target.path, ...context });
}

/** Opens, uses and closes, whatever happens in between. */
export async function withSequencer<T>(
  target: SequencerTarget,
  context: SequencerContext,
  use: (sequencer: Sequencer) => Promise<T>,
): Promise<T> {
  const sequencer = await openSequencer(target, context);
  try {
    return await use(sequencer);
  } finally {
    await sequencer.close();
  }
}

export { formatStamp, packStamp, parseStamp } from './hybrid-timestamp.js';
/** Who asks for leases and tickets, for people: `host:pid`. */
export { DEFAULT_LAYOUT, layoutNames, resolveLayout } from './layout/index.js';
export { parsePositive, parseWorker } from './numbers.js';
export type * from './sequencer.js';
export { collectStats, type SequencerStats, type SpaceStats } from './stats.js';

export function holderName(): string {
  return `${hostname()}:${process.pid}`;
}
