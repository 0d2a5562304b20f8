/**
 * About how much a selector and a time are, told by the rows of blocks alone: nothing is decompressed. Of a block whose time reaches beyond
 * the one asked for, or that has entries of other streams too, a share is counted, as if it were the same all over.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '../../../platform/store/store.js';
import type { LabelMatcher } from '../entry-source.js';
import type { Tenant, TimeRange } from '../log-store.js';
import { type ChosenBlock, chooseBlocks, latestBlock, streamIds } from './block-rows.js';
import type { StreamLabels } from './stream-labels.js';

/** Blocks that are looked at before others have a turn. */
const PAGE = 256;

export interface IndexStats {
  readonly streams: number;
  readonly blocks: number;
  readonly entries: number;
  /** Of lines. */
  readonly bytes: number;
}

interface Row {
  readonly streams: Buffer;
  readonly entries: number;
  readonly rawBytes: number;
}

/** The signal's reason where it is aborted. */
export async function readIndexStats(
  store: Store,
  labels: StreamLabels,
  asked: {
    readonly tenant: Tenant;
    readonly matchers: readonly LabelMatcher[];
    readonly signal: AbortSignal;
  } & TimeRange,
): Promise<IndexStats> {
  const { tenant, matchers, start, end, signal } = asked;
  const total = { streams: 0, blocks: 0, entries: 0, bytes: 0 };
  if (start >= end) return total;
  const { state, wanted } = store.view(() => ({
    state: latestBlock(store),
    wanted: labels.matching(tenant, matchers, { start, end }),
  }));
  const found = new Set<number>();
  const choice = { tenant, start, end, direction: 'forward', state } as const;
  let page: ChosenBlock[] = [];
  do {
    page = store.view(() => chooseBlocks(store, choice, page.at(-1), PAGE));
    for (const block of page) {
      const row = store.read(() => rowOf(store, block.id));
      if (row === undefined) continue;
      const all = streamIds(row.streams);
      const ours = all.filter((id) => wanted.has(id));
      if (ours.length === 0) continue;
      for (const id of ours) found.add(id);
      const share = (ours.length / all.length) * shareOfTime(block, { start, end });
      total.blocks++;
      total.entries += row.entries * share;
      total.bytes += row.rawBytes * share;
    }
    await nextTurn();
    signal.throwIfAborted();
  } while (page.length === PAGE);
  return { ...total, streams: found.size, entries: Math.round(total.entries), bytes: Math.round(total.bytes) };
}

function rowOf(store: Store, id: number): Row | undefined {
  return store
    .statement<[number], Row>('SELECT streams, entries, raw_bytes AS rawBytes FROM blocks WHERE id = ?')
    .get(id);
}

function shareOfTime({ first, last }: ChosenBlock, { start, end }: TimeRange): number {
  if (first === last) return 1;
  const from = first > start ? first : start;
  const to = last < end ? last : end;
  return Number(to - from) / Number(last - first);
}
