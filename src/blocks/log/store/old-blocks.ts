/**
 * Which blocks go first where something has to: by the time of their last entries.
 *
 * Where that is still to come, a sender's clock was ahead, or this machine's, which was set back. By their time such blocks would stay for
 * years, and all that is younger would go before them. So they are as old as their arrival, and that is no later than when it was first looked
 * at, whatever the clock said when they came.
 */
import type { Store } from '../../../platform/store/store.js';
import type { Tenant } from '../log-store.js';
import { NANOS_PER_MS } from '../nanos.js';
import { LATEST } from './nanos.js';
import { readTenants } from './totals.js';

export interface OldBlock {
  readonly id: number;
  /** What its age is counted from, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  readonly entries: number;
  readonly storedBytes: number;
  /** By the clock of then, milliseconds since the Unix epoch. */
  readonly arrivedAt: number;
}

/** Blocks of a page, and of what {@link oldestBlocks} answers. */
const PAGE = 256;
/** What is ahead by less is a clock that is not quite right, milliseconds. */
const AHEAD_MS = 86_400_000;

/** The oldest of all tenants, oldest first: of what comes after the last of them nothing is known. @param now milliseconds */
export function oldestBlocks(store: Store, now: number): OldBlock[] {
  const blocks: OldBlock[] = [];
  const end = nanos(now + AHEAD_MS);
  for (const tenant of readTenants(store)) {
    blocks.push(...rowsOf(store, OLDEST, [tenant, end, PAGE]).map(past));
    blocks.push(...rowsOf(store, FUTURE, [tenant, end, LATEST, PAGE]).map((row) => future(row, now)));
  }
  return blocks.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id - b.id)).slice(0, PAGE);
}

/** All whose time is still to come, page by page. */
export function* futureBlocks(store: Store, now: number): Generator<readonly OldBlock[]> {
  for (const tenant of readTenants(store)) {
    let [last, arrival] = [nanos(now + AHEAD_MS), LATEST];
    for (;;) {
      const rows = rowsOf(store, FUTURE, [tenant, last, arrival, PAGE]);
      if (rows.length > 0) yield rows.map((row) => future(row, now));
      const end = rows.at(-1);
      if (end === undefined || rows.length < PAGE) break;
      ({ last, arrival } = end);
    }
  }
}

/** Within a transaction: what is there has arrived by now. */
export function noteArrived(store: Store, blocks: readonly OldBlock[], now: number): void {
  for (const { id, arrivedAt } of blocks) {
    if (arrivedAt > now)
      store.statement<[number, number]>('UPDATE blocks SET arrived_at = ? WHERE id = ?').run(Math.floor(now), id);
  }
}

interface Row {
  readonly id: bigint;
  readonly last: bigint;
  readonly arrival: bigint;
  readonly arrivedAt: bigint;
  readonly entries: bigint;
  readonly storedBytes: bigint;
}

const SELECT = `
  SELECT id, last, arrival, arrived_at AS arrivedAt, entries, stored_bytes AS storedBytes FROM blocks INDEXED BY blocks_backward
  WHERE tenant = ? AND retired IS NULL AND`;
const OLDEST = `${SELECT} last <= ? ORDER BY last, arrival LIMIT ?`;
const FUTURE = `${SELECT} (last, arrival) > (?, ?) ORDER BY last, arrival LIMIT ?`;

function rowsOf(store: Store, select: string, given: [Tenant, ...(bigint | number)[]]): Row[] {
  return store.read(() => store.bigStatement<[Tenant, ...(bigint | number)[]], Row>(select).all(...given));
}

function past(row: Row): OldBlock {
  return blockOf(row, row.last);
}

function future(row: Row, now: number): OldBlock {
  return blockOf(row, nanos(Math.min(Number(row.arrivedAt), now)));
}

function blockOf({ id, entries, storedBytes, arrivedAt }: Row, time: bigint): OldBlock {
  return {
    id: Number(id),
    time,
    entries: Number(entries),
    storedBytes: Number(storedBytes),
    arrivedAt: Number(arrivedAt),
  };
}

const nanos = (ms: number) => BigInt(Math.floor(ms)) * NANOS_PER_MS;
