/** Rows of blocks: written, chosen and read. Layout and which state sees what: schema.ts. */
import type { Store } from '../../../platform/store/store.js';
import type { Tenant } from '../log-store.js';
import type { StoredPayload } from './block/compression.js';
import { EARLIEST, LATEST, storable } from './nanos.js';
import type { PreparedBlock } from './prepare.js';
import { addToTotals, type Totals } from './totals.js';

export interface NewBlock {
  readonly tenant: Tenant;
  readonly block: PreparedBlock;
  /** In the order of the block. */
  readonly streams: readonly number[];
  readonly arrivedAt: number;
  readonly merged?: Merged;
}

/** Of a block that was made of others. */
export interface Merged {
  /** The lowest of theirs. */
  readonly arrival: number;
  /** One more than the highest of theirs. */
  readonly level: number;
}

/** Within a transaction. Returns its id. */
export function insertBlock(store: Store, { tenant, block, streams, arrivedAt, merged }: NewBlock): number {
  const { payload, filter } = block;
  const streamIds = Buffer.from(Uint32Array.from(streams).buffer);
  const storedBytes = payload.data.length + (filter?.length ?? 0) + streamIds.length;
  const { lastInsertRowid } = store
    .statement<(string | bigint | number | Buffer | null)[]>(
      `INSERT INTO blocks (tenant, first, last, arrival, arrived_at, entries, raw_bytes, stored_bytes, level, codec, size, crc, streams,
         filter, data)
       VALUES (?, ?, ?, coalesce(?, (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'blocks'), 1), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      tenant,
      block.first,
      block.last,
      merged?.arrival ?? null,
      arrivedAt,
      block.entries,
      block.rawBytes,
      storedBytes,
      merged?.level ?? 0,
      payload.codec,
      payload.size,
      payload.crc,
      streamIds,
      filter ?? null,
      payload.data,
    );
  const id = Number(lastInsertRowid);
  addToTotals(store, tenant, { blocks: 1, entries: block.entries, rawBytes: block.rawBytes, storedBytes });
  for (const { file, from, to, entries } of block.files)
    store
      .statement<[number, number, number, number, number]>(
        'INSERT INTO block_files (file, from_offset, block, to_offset, entries) VALUES (?, ?, ?, ?, ?)',
      )
      .run(file, from, id, to, entries);
  return id;
}

/** Within a transaction. False where it had been retired before. */
export function retireBlock(store: Store, id: number, retired: number, now: number): boolean {
  const block = store
    .statement<[number, number, number], Totals & { tenant: Tenant }>(
      `UPDATE blocks SET retired = ?, retired_at = ? WHERE id = ? AND retired IS NULL
       RETURNING tenant, 1 AS blocks, entries, raw_bytes AS rawBytes, stored_bytes AS storedBytes`,
    )
    .get(retired, now, id);
  if (block === undefined) return false;
  const { tenant, blocks, entries, rawBytes, storedBytes } = block;
  addToTotals(store, tenant, {
    blocks: -blocks,
    entries: -entries,
    rawBytes: -rawBytes,
    storedBytes: -storedBytes,
  });
  return true;
}

/** The highest id there ever was: what is stored from now on has a higher one. */
export function latestBlock(store: Store): number {
  const row = store.statement<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'blocks'").get();
  return row?.seq ?? 0;
}

/** A block that has been chosen by its times. */
export interface ChosenBlock {
  readonly id: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly arrival: number;
}

export interface Choice {
  readonly tenant: Tenant;
  /** Nanoseconds; the end is not included. */
  readonly start: bigint;
  readonly end: bigint;
  readonly direction: 'forward' | 'backward';
  /** The state that is read. */
  readonly state: number;
}

interface ChosenRow {
  readonly id: bigint;
  readonly first: bigint;
  readonly last: bigint;
  readonly arrival: bigint;
}

const VISIBLE = 'id <= ? AND (retired IS NULL OR retired > ?)';

const FORWARD = `
  SELECT id, first, last, arrival FROM blocks INDEXED BY blocks_forward
  WHERE tenant = ? AND last >= ? AND first < ? AND ${VISIBLE} AND (first, arrival) > (?, ?)
  ORDER BY first, arrival LIMIT ?`;
const BACKWARD = `
  SELECT id, first, last, arrival FROM blocks INDEXED BY blocks_backward
  WHERE tenant = ? AND last >= ? AND first < ? AND ${VISIBLE} AND (last, arrival) < (?, ?)
  ORDER BY last DESC, arrival DESC LIMIT ?`;

/** Those after `after`: forward by their first timestamps, backward by their last. Within a view. */
export function chooseBlocks(
  store: Store,
  { tenant, start, end, direction, state }: Choice,
  after: ChosenBlock | undefined,
  limit: number,
): ChosenBlock[] {
  const isForward = direction === 'forward';
  const edge = isForward ? (after?.first ?? EARLIEST) : (after?.last ?? LATEST);
  const arrival = after?.arrival ?? (isForward ? -1 : Number.MAX_SAFE_INTEGER);
  const rows = store
    .bigStatement<[string, bigint, bigint, number, number, bigint, number, number], ChosenRow>(
      isForward ? FORWARD : BACKWARD,
    )
    .all(tenant, storable(start), storable(end), state, state, edge, arrival, limit);
  return rows.map(({ id, first, last, arrival }) => ({ id: Number(id), first, last, arrival: Number(arrival) }));
}

/** Ids of the streams of a block. */
export function streamIds(column: Buffer): Uint32Array {
  return new Uint32Array(Uint8Array.from(column).buffer);
}

/** What decides on whether a block is read; undefined when it has gone. The filter only where it is asked for. */
export function readBlockHead(
  store: Store,
  id: number,
  withFilter: boolean,
): { readonly streams: Buffer; readonly filter: Buffer | null } | undefined {
  return store
    .statement<[number], { streams: Buffer; filter: Buffer | null }>(
      `SELECT streams, ${withFilter ? 'filter' : 'NULL AS filter'} FROM blocks WHERE id = ?`,
    )
    .get(id);
}

export interface BlockData extends StoredPayload {
  readonly rawBytes: number;
}

/** Undefined when it has gone. */
export function readBlockData(store: Store, id: number): BlockData | undefined {
  return store
    .statement<[number], BlockData>('SELECT raw_bytes AS rawBytes, codec, size, crc, data FROM blocks WHERE id = ?')
    .get(id);
}

/** For messages. */
export const blockName = (store: Store, id: number): string => `block ${id} of ${store.path}`;
