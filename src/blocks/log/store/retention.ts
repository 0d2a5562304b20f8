/**
 * What is removed: entries that are too old, and the oldest where all together take too much. Whole blocks, by their last timestamp, so that
 * an entry stays a little longer rather than going too early. The ledger keeps which bytes of which file they were.
 *
 *     present ──retention, or merged──▶ retired ──two minutes, and no reading is older──▶ deleted
 */

import type { Store } from '../../../platform/store/store.js';
import { NANOS_PER_MS } from '../nanos.js';
import { retireBlock } from './block-rows.js';
import type { EntryStore } from './entry-store.js';
import { futureBlocks, noteArrived, type OldBlock, oldestBlocks } from './old-blocks.js';
import { RETIRED_STAY_MS } from './scan-lease.js';
import { readTenants, readTotals } from './totals.js';

/** Blocks of a transaction, which keeps others from writing meanwhile. */
const OF_A_COMMIT = 256;

export interface Retention {
  /** Entries older than this, in milliseconds, are removed; absent: none. */
  readonly keepMs?: number | undefined;
  /** What their age is counted from, milliseconds since the Unix epoch; absent: the clock's now. */
  readonly now?: number | undefined;
  /** Whether blocks of a time that is still to come are looked for, which may be many: old-blocks.ts. Default true. */
  readonly looksAhead?: boolean | undefined;
  /** Bytes of all blocks that may stay; absent: no bound. */
  readonly mostBytes?: number | undefined;
}

export interface Removed {
  readonly blocks: number;
  readonly entries: number;
  readonly storedBytes: number;
}

/** Of all tenants. Errors: those of the storage catalogue. */
export async function applyRetention(store: EntryStore, retention: Retention): Promise<Removed> {
  const { keepMs, mostBytes, now = store.clock.now(), looksAhead = true } = retention;
  const removing = new Removing(store, now);
  if (keepMs !== undefined) {
    const before = BigInt(Math.floor(now - keepMs)) * NANOS_PER_MS;
    const isOld = ({ time }: OldBlock) => time < before;
    if (looksAhead) for (const page of futureBlocks(store.sql, now)) await removing.remove(page.filter(isOld), page);
    for (;;) {
      const old = oldestBlocks(store.sql, now).filter(isOld);
      if (old.length === 0) break;
      await removing.remove(old, old);
    }
  }
  if (mostBytes !== undefined)
    for (let over = readTotals(store.sql).storedBytes - mostBytes; over > 0; ) {
      const oldest = oldestBlocks(store.sql, now);
      const old = upTo(oldest, over);
      if (old.length === 0) break;
      await removing.remove(old, oldest);
      over -= old.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    }
  return removing.removed;
}

class Removing {
  readonly removed = { blocks: 0, entries: 0, storedBytes: 0 };

  constructor(
    private readonly store: EntryStore,
    private readonly now: number,
  ) {}

  /** `seen`: what was looked at for it. */
  async remove(blocks: readonly OldBlock[], seen: readonly OldBlock[]): Promise<void> {
    const { store, now, removed } = this;
    const news = seen.filter(({ arrivedAt }) => arrivedAt > now);
    if (blocks.length + news.length === 0) return;
    await store.commit(() => {
      noteArrived(store.sql, news, now);
      for (const { id } of blocks) removeBlock(store.sql, id, store.clock.now());
    });
    for (const { entries, storedBytes } of blocks) {
      removed.blocks++;
      removed.entries += entries;
      removed.storedBytes += storedBytes;
    }
  }
}

function upTo(blocks: readonly OldBlock[], bytes: number): OldBlock[] {
  let sum = 0;
  const chosen: OldBlock[] = [];
  for (const block of blocks) {
    if (sum >= bytes) break;
    chosen.push(block);
    sum += block.storedBytes;
  }
  return chosen;
}

/** Within a transaction. It may have been merged meanwhile: then its entries are looked at again in the block that they are in now. */
function removeBlock(store: Store, id: number, now: number): void {
  if (!retireBlock(store, id, 0, now)) return;
  const parts = store
    .statement<[number], { file: number; from: number; to: number; entries: number }>(
      'SELECT file, from_offset AS "from", to_offset AS "to", entries FROM block_files WHERE block = ?',
    )
    .all(id);
  for (const part of parts) noteRemoved(store, part);
}

interface RemovedPart {
  readonly file: number;
  readonly from: number;
  readonly to: number;
  readonly entries: number;
}

/** Parts that touch become one, so that a file that was removed as a whole is one row. */
function noteRemoved(store: Store, { file, from, to, entries }: RemovedPart): void {
  const before = store
    .statement<[number, number], { from: number; to: number }>(
      `SELECT from_offset AS "from", to_offset AS "to" FROM removed
       WHERE file = ? AND from_offset <= ? ORDER BY from_offset DESC LIMIT 1`,
    )
    .get(file, from);
  if (before !== undefined && before.to >= from)
    store
      .statement<[number, number, number, number]>(
        'UPDATE removed SET to_offset = max(to_offset, ?), entries = entries + ? WHERE file = ? AND from_offset = ?',
      )
      .run(to, entries, file, before.from);
  else
    store
      .statement<[number, number, number, number]>(
        'INSERT INTO removed (file, from_offset, to_offset, entries) VALUES (?, ?, ?, ?)',
      )
      .run(file, from, to, entries);
}

/** Deletes what has been retired for long enough, and streams that have no entries any more. Returns how many blocks. */
export async function purge(store: EntryStore): Promise<number> {
  const { sql } = store;
  const now = store.clock.now();
  await redateRetired(store, now);
  const horizon = purgeHorizon(sql, now);
  let deleted = 0;
  for (;;) {
    const ids = sql
      .read(() =>
        sql
          .statement<[number, number], { id: number }>(
            `SELECT id FROM blocks INDEXED BY blocks_retired
             WHERE retired IS NOT NULL AND retired_at < ? ORDER BY retired_at, id LIMIT ?`,
          )
          .all(horizon, OF_A_COMMIT),
      )
      .map(({ id }) => id);
    if (ids.length === 0) break;
    await store.commit(() => {
      for (const id of ids) deleteBlock(sql, id);
    });
    deleted += ids.length;
  }
  if (deleted > 0) await store.commit(() => removeStreams(sql));
  return deleted;
}

/** What was retired by a clock that has been set back since is retired now; it would stay for as long as that was. */
async function redateRetired(store: EntryStore, now: number): Promise<void> {
  const { sql } = store;
  const ofFuture = 'blocks INDEXED BY blocks_retired';
  const isAny = sql.read(() =>
    sql.statement<[number]>(`SELECT 1 FROM ${ofFuture} WHERE retired IS NOT NULL AND retired_at > ? LIMIT 1`).get(now),
  );
  if (isAny === undefined) return;
  await store.commit(() =>
    sql
      .statement<[number, number]>(`UPDATE ${ofFuture} SET retired_at = ? WHERE retired IS NOT NULL AND retired_at > ?`)
      .run(now, now),
  );
}

/** Milliseconds: what was retired before is read by nobody. */
function purgeHorizon(store: Store, now: number): number {
  const row = store.read(() =>
    store
      .statement<[number], { since: number | null }>('SELECT min(since) AS since FROM scans WHERE until > ?')
      .get(now),
  );
  return Math.min(now - RETIRED_STAY_MS, row?.since ?? now);
}

function deleteBlock(store: Store, id: number): void {
  store.statement<[number]>('DELETE FROM block_files WHERE block = ?').run(id);
  const row = store.statement<[number], { level: number }>('DELETE FROM blocks WHERE id = ? RETURNING level').get(id);
  if (row?.level === 0)
    store.statement<[number]>("UPDATE setting SET value = max(value, ?) WHERE name = 'lost_arrival'").run(id);
}

/** Those whose last entry is older than all that is there. */
function removeStreams(store: Store): void {
  let removed = 0;
  for (const tenant of readTenants(store)) {
    const first = store
      .bigStatement<[string], { first: bigint }>('SELECT first FROM blocks WHERE tenant = ? ORDER BY first LIMIT 1')
      .get(tenant)?.first;
    removed += store
      .statement<[string, bigint | null, bigint | null]>(
        'DELETE FROM streams WHERE tenant = ? AND (? IS NULL OR last < ?)',
      )
      .run(tenant, first ?? null, first ?? null).changes;
  }
  if (removed > 0) store.statement<[]>("UPDATE setting SET value = value + 1 WHERE name = 'stream_removals'").run();
  store
    .statement<[]>('DELETE FROM totals WHERE NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.tenant = totals.tenant)')
    .run();
}
