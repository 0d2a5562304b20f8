/**
 * Small blocks merged into full ones. A commit that brings little is a small block; many of them compress badly, have no filter, and cost a
 * search a row each.
 *
 * Blocks are merged with their neighbours in time, so that time ranges stay short, and only with such of about their size (a tier), eight at
 * least, or as many as make a full block. So an entry is written again three times at most on its way to a full block:
 *
 *     tier     0: under 256 bytes    1: 2 KB    2: 16 KB    3: 128 KB    a full block: 256 KB
 *              8 of a tier make one of the next
 *
 * Bytes are those of payloads before compression, metadata included: what is merged is in memory at once, and is read as one piece ever after.
 *
 * Neighbours are blocks that begin within the reach of a tier, or further apart where no full block begins between them: so late entries are
 * not merged into a block that would stretch over days of others, while a log with a line an hour becomes full blocks, too.
 */
import { DsError } from '../../../platform/errors.js';
import type { Store } from '../../../platform/store/store.js';
import type { Tenant } from '../log-store.js';
import { FULL_BLOCK_BYTES, MOST_ENTRIES } from './block/cut.js';
import type { EntryStore } from './entry-store.js';
import { type Mergeable, mergeBlocks } from './merge.js';
import { SMALL_BLOCK_BYTES } from './schema.js';
import { readTenants } from './totals.js';

const FEWEST = 8;
/** Of one merge; bounds its memory where blocks are tiny. */
const MOST = 1024;
/** Small blocks of a tenant that are looked through at a time. */
const MOST_LOOKED_AT = 8192;

const HOUR_NANOS = 3_600_000_000_000n;
/** Bytes below which a block is of the tier, and how long a merged one may be. */
const TIERS = [
  { below: 256, reach: HOUR_NANOS },
  { below: 2048, reach: 6n * HOUR_NANOS },
  { below: 16_384, reach: 12n * HOUR_NANOS },
  { below: SMALL_BLOCK_BYTES, reach: 24n * HOUR_NANOS },
] as const;

export interface CompactOptions {
  /** Merges all small neighbours, however few there are: for a file that nobody writes to just now. Default false. */
  readonly all?: boolean;
  readonly signal?: AbortSignal;
}

export interface Compacted {
  /** Blocks that were merged. */
  readonly merged: number;
  /** Blocks that they have become. */
  readonly merges: number;
}

/**
 * Merges what is to be merged, of all tenants. Errors: `log.damaged_block`, after all others have been merged; those of the storage
 * catalogue.
 */
export async function compact(store: EntryStore, options: CompactOptions = {}): Promise<Compacted> {
  const sums = { merged: 0, merges: 0 };
  const damage: unknown[] = [];
  for (const tenant of readTenants(store.sql))
    while (!options.signal?.aborted && (await compactOnce(store, tenant, options, { sums, damage })));
  if (damage.length > 0) throw damage[0];
  return sums;
}

/** Whether something was merged, or has to be left out from now on, so that there may be more to merge. */
async function compactOnce(
  store: EntryStore,
  tenant: Tenant,
  { all = false, signal }: CompactOptions,
  { sums, damage }: { readonly sums: { merged: number; merges: number }; readonly damage: unknown[] },
): Promise<boolean> {
  const before = sums.merges + store.damage.count;
  for (const run of findRuns(store, tenant, all)) {
    if (signal?.aborted) return false;
    try {
      if (!(await mergeBlocks(store, tenant, run))) continue;
    } catch (error) {
      if (!(error instanceof DsError) || error.code !== 'log.damaged_block') throw error;
      damage.push(error);
      continue;
    }
    sums.merges++;
    sums.merged += run.length;
  }
  return sums.merges + store.damage.count > before;
}

interface SmallBlock extends Mergeable {
  readonly first: bigint;
  readonly last: bigint;
  /** Of its payload. */
  readonly bytes: number;
  readonly entries: number;
}

/** Blocks that are to be merged with each other. */
function findRuns({ sql, damage }: EntryStore, tenant: Tenant, all: boolean): SmallBlock[][] {
  const found: SmallBlock[][] = [];
  sql.view(() => {
    const open = TIERS.map(({ reach }) => new Run(sql, tenant, reach));
    for (const block of smallBlocks(sql, tenant)) {
      // It would keep its neighbours from being merged, again and again.
      if (damage.has(block.id)) continue;
      const tier = all ? TIERS.length - 1 : tierOf(block);
      const run = open[tier];
      if (run === undefined) continue;
      if (!run.takes(block)) found.push(run.end());
      run.add(block);
      if (run.isFull) found.push(run.end());
    }
    for (const run of open) found.push(run.end());
  });
  const fewest = all ? 2 : FEWEST;
  return found.filter((run) => run.length >= fewest || (run.length > 1 && bytesOf(run) >= FULL_BLOCK_BYTES));
}

/** Merged ones count as of a tier higher, whatever they weigh: an end to merging what is tiny. */
function tierOf({ bytes, level }: SmallBlock): number {
  const bySize = TIERS.findIndex(({ below }) => bytes < below);
  return Math.max(bySize, Math.min(level, TIERS.length - 1));
}

class Run {
  readonly #store: Store;
  readonly #tenant: Tenant;
  readonly #reach: bigint;
  #blocks: SmallBlock[] = [];
  #bytes = 0;
  #entries = 0;

  constructor(store: Store, tenant: Tenant, reach: bigint) {
    this.#store = store;
    this.#tenant = tenant;
    this.#reach = reach;
  }

  get isFull(): boolean {
    return this.#bytes >= FULL_BLOCK_BYTES || this.#entries >= MOST_ENTRIES || this.#blocks.length === MOST;
  }

  /** Blocks come in order of their first timestamps. */
  takes({ first, last }: SmallBlock): boolean {
    const begin = this.#blocks[0]?.first;
    return begin === undefined || last - begin <= this.#reach || !this.#isFullBetween(begin, first);
  }

  add(block: SmallBlock): void {
    this.#blocks.push(block);
    this.#bytes += block.bytes;
    this.#entries += block.entries;
  }

  end(): SmallBlock[] {
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#bytes = 0;
    this.#entries = 0;
    return blocks;
  }

  #isFullBetween(begin: bigint, end: bigint): boolean {
    const row = this.#store
      .statement<[string, bigint, bigint]>(
        `SELECT 1 FROM blocks INDEXED BY blocks_forward
         WHERE tenant = ? AND first >= ? AND first <= ? AND retired IS NULL AND size >= ${SMALL_BLOCK_BYTES} LIMIT 1`,
      )
      .get(this.#tenant, begin, end);
    return row !== undefined;
  }
}

function smallBlocks(store: Store, tenant: Tenant): SmallBlock[] {
  interface Row {
    readonly id: bigint;
    readonly first: bigint;
    readonly last: bigint;
    readonly arrival: bigint;
    readonly level: bigint;
    readonly bytes: bigint;
    readonly entries: bigint;
  }
  const rows = store
    .bigStatement<[string, number], Row>(
      `SELECT id, first, last, arrival, level, entries, size AS bytes FROM blocks INDEXED BY blocks_small
       WHERE tenant = ? AND retired IS NULL AND size < ${SMALL_BLOCK_BYTES} AND entries < ${MOST_ENTRIES / 2} ORDER BY first, id LIMIT ?`,
    )
    .all(tenant, MOST_LOOKED_AT);
  return rows.map(({ id, first, last, arrival, level, entries, bytes }) => ({
    id: Number(id),
    first,
    last,
    arrival: Number(arrival),
    level: Number(level),
    entries: Number(entries),
    bytes: Number(bytes),
  }));
}

function bytesOf(run: readonly SmallBlock[]): number {
  return run.reduce((sum, { bytes }) => sum + bytes, 0);
}
