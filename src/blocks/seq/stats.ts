/** What `ds seq stats` shows: everything a store knows, summed up per layout and per sequence. */
import { resolveLayout } from './layout/index.js';
import type { Sequencer, TicketSummary, WorkerRecord } from './sequencer.js';

export interface SpaceStats {
  /** The layout whose worker numbers these are. */
  readonly space: string;
  /** How many worker numbers the layout has. */
  readonly workers: number;
  readonly leased: number;
  /** Not leased, and not yet free to be given again. */
  readonly cooling: number;
  readonly free: number;
  /** No ID of this layout from this store carries this instant or a later one. */
  readonly highWater: number;
  /** First instant that no longer fits the layout's time bits. */
  readonly endsAt: number;
}

export interface SequencerStats {
  readonly spaces: readonly SpaceStats[];
  readonly tickets: readonly TicketSummary[];
}

export async function collectStats(sequencer: Sequencer, now: number): Promise<SequencerStats> {
  const [workers, tickets] = await Promise.all([sequencer.workers.list(), sequencer.tickets.list()]);
  const spaces = [...new Set(workers.map((worker) => worker.space))];
  const recordsOf = (space: string) => workers.filter((worker) => worker.space === space);
  return { spaces: spaces.map((space) => spaceStats(space, recordsOf(space), now)), tickets };
}

function spaceStats(space: string, records: readonly WorkerRecord[], now: number): SpaceStats {
  const { workers, endsAt } = resolveLayout(space);
  const leased = records.filter((record) => record.state === 'leased').length;
  const cooling = records.filter((record) => record.state !== 'leased' && record.freeAt > now).length;
  const highWater = Math.max(...records.map((record) => record.highWater));
  return { space, workers, leased, cooling, free: workers - leased - cooling, highWater, endsAt };
}
