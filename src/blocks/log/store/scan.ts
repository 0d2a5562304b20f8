/**
 * Reading entries: blocks are chosen by time, streams and filter, decompressed in the pool a few ahead, and handed out in order of time.
 *
 *     page of blocks (one view of the file) ──▶ streams? ──▶ filter? ──▶ read, decompress (2 ahead) ──▶ batch, with the frontier
 *
 * Blocks are in order of their first timestamps (backward: of their last). So nothing that follows a block has an entry before the first
 * timestamp of the next one: that is the frontier, also where blocks overlap.
 *
 * A damaged block is left out and noted.
 *
 * All of it is of one state of the file (schema.ts), whoever stores and compacts meanwhile.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import type { EntryBatch } from '../entry-batch.js';
import type { EntrySource, ScannedBatch, ScanRequest, ScanTotals } from '../entry-source.js';
import { logErrors } from '../errors.js';
import type { Tenant } from '../log-store.js';
import { decodeBlock } from './block/codec.js';
import { readPayload } from './block/compression.js';
import {
  type BlockData,
  blockName,
  type ChosenBlock,
  chooseBlocks,
  latestBlock,
  readBlockData,
  readBlockHead,
  streamIds,
} from './block-rows.js';
import type { Damage } from './damage.js';
import { FilterQuery } from './filter/filter.js';
import { ValueQuery } from './filter/value-query.js';
import { ScanLease } from './scan-lease.js';
import type { StreamLabels } from './stream-labels.js';

/** Blocks of a page. */
const PAGE = 512;
/** Blocks that are decompressed while one is used. */
const AHEAD = 2;
/** Blocks that are looked at before others have a turn: some 2 ms. */
const LOOKS_IN_A_TURN = 128;

export interface Reading {
  readonly store: Store;
  readonly labels: StreamLabels;
  readonly damage: Damage;
  readonly clock: Clock;
  readonly tenant: Tenant;
  /** The state that is read; default: the present one. */
  readonly state?: number;
}

export class StoreSource implements EntrySource {
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  scan(request: ScanRequest, totals: ScanTotals): AsyncIterable<ScannedBatch> {
    return scan(this.#reading, request, totals);
  }
}

interface BlockAhead {
  readonly chosen: ChosenBlock;
  /** Undefined: damaged. */
  readonly batch: Promise<EntryBatch | undefined>;
  readonly streams: Uint32Array;
}

async function* scan(reading: Reading, request: ScanRequest, totals: ScanTotals): AsyncGenerator<ScannedBatch> {
  if (request.start >= request.end) return;
  const lease = new ScanLease(reading.store, reading.clock);
  try {
    const walk = new Walk(reading, request, totals);
    const ahead: BlockAhead[] = [];
    for (;;) {
      while (ahead.length <= AHEAD) {
        const next = await walk.next();
        if (next === undefined) break;
        ahead.push(next);
      }
      const block = ahead.shift();
      if (block === undefined) return;
      const batch = await block.batch;
      if (batch === undefined) continue;
      const { from, to } = within(batch, request);
      const { selected } = walk;
      yield {
        batch,
        from,
        to,
        selected: Array.from(block.streams, (id) => selected?.has(id) ?? true),
        frontier: frontierOf(request, ahead[0]?.chosen),
      };
    }
  } finally {
    lease.end();
  }
}

/** Blocks that may have entries of interest, one after the other. */
class Walk {
  readonly selected: ReadonlySet<number> | undefined;
  readonly #reading: Reading;
  readonly #request: ScanRequest;
  readonly #totals: ScanTotals;
  readonly #filter: FilterQuery;
  readonly #values: ValueQuery;
  readonly #state: number;
  #page: ChosenBlock[] = [];
  #position = 0;
  #isLast = false;
  #looks = 0;

  constructor(reading: Reading, request: ScanRequest, totals: ScanTotals) {
    const { store, tenant, labels } = reading;
    this.#reading = reading;
    this.#request = request;
    this.#totals = totals;
    this.#filter = new FilterQuery(request.required);
    this.#values = new ValueQuery(request.requiredValues ?? []);
    const { state, selected } = store.view(() => ({
      state: reading.state ?? latestBlock(store),
      selected: request.matchers.length > 0 ? labels.matching(tenant, request.matchers, request) : undefined,
    }));
    this.#state = state;
    this.selected = selected;
  }

  async next(): Promise<BlockAhead | undefined> {
    if (this.selected?.size === 0) return undefined;
    for (;;) {
      const chosen = this.#page[this.#position++] ?? this.#turnPage();
      if (chosen === undefined) return undefined;
      const streams = this.#look(chosen.id);
      if (streams !== undefined) return this.#read(chosen, streams);
      this.#totals.skippedBlocks++;
      if (++this.#looks % LOOKS_IN_A_TURN === 0) await nextTurn();
    }
  }

  #turnPage(): ChosenBlock | undefined {
    if (this.#isLast) return undefined;
    const { store, tenant } = this.#reading;
    const { start, end, direction } = this.#request;
    const choice = { tenant, start, end, direction, state: this.#state };
    this.#page = store.view(() => chooseBlocks(store, choice, this.#page.at(-1), PAGE));
    this.#position = 1;
    this.#isLast = this.#page.length < PAGE;
    return this.#page[0];
  }

  /** Streams of a block that is to be read. */
  #look(id: number): Uint32Array | undefined {
    const { store } = this.#reading;
    const head = store.read(() => readBlockHead(store, id, this.#filter.asks || this.#values.asks));
    if (head === undefined) throw gone(store, id);
    const { selected } = this;
    const streams = streamIds(head.streams);
    if (selected !== undefined && !streams.some((stream) => selected.has(stream))) return undefined;
    return head.filter === null || this.#mayMatch(head.filter, streams) ? streams : undefined;
  }

  #mayMatch(filter: Uint8Array, streams: Uint32Array): boolean {
    const { labels } = this.#reading;
    return this.#filter.mayMatch(filter) && this.#values.mayMatch(filter, streams, labels);
  }

  #read(chosen: ChosenBlock, streams: Uint32Array): BlockAhead {
    const { store } = this.#reading;
    const data = store.read(() => readBlockData(store, chosen.id));
    if (data === undefined) throw gone(store, chosen.id);
    const batch = this.#decode(chosen.id, data, streams);
    // Met where it is awaited; who stops before does not care.
    batch.catch(() => {});
    return { chosen, batch, streams };
  }

  async #decode(id: number, data: BlockData, streams: Uint32Array): Promise<EntryBatch | undefined> {
    const { store, labels, damage } = this.#reading;
    const name = blockName(store, id);
    const named = Array.from(streams, (stream) => labels.of(stream));
    let batch: EntryBatch;
    try {
      batch = decodeBlock(await readPayload(data, name), named, name);
    } catch (error) {
      damage.note(id, error);
      this.#totals.damagedBlocks++;
      return undefined;
    }
    this.#totals.blocks++;
    this.#totals.bytes += data.rawBytes;
    this.#totals.entries += batch.count;
    return batch;
  }
}

function frontierOf({ direction, start, end }: ScanRequest, next: ChosenBlock | undefined): bigint {
  if (direction === 'forward') return next === undefined || next.first > end ? end : next.first;
  return next === undefined || next.last < start ? start : next.last;
}

/** Entries within the time asked for; they are in order of time. */
function within({ timestamps, count }: EntryBatch, { start, end }: ScanRequest): { from: number; to: number } {
  return { from: firstNotBefore(timestamps, count, start), to: firstNotBefore(timestamps, count, end) };
}

function firstNotBefore(timestamps: BigInt64Array, count: number, time: bigint): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timestamps[middle] ?? 0n) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function gone(store: Store, id: number) {
  return logErrors.error('log.block_gone', `${blockName(store, id)} was removed before it was read`, {
    hint: 'the reading was held up for minutes while blocks were merged: ask again, or for a shorter time',
  });
}
