/** What is stored: sums by tenant, kept up to date by whoever stores, merges and removes. */
import type { Store } from '../../../platform/store/store.js';
import type { Tenant } from '../log-store.js';

export interface Totals {
  readonly blocks: number;
  readonly entries: number;
  /** Of lines. */
  readonly rawBytes: number;
  /** Of blocks with their filters. */
  readonly storedBytes: number;
}

export interface TenantTotals extends Totals {
  readonly tenant: Tenant;
  readonly streams: number;
  /** Nanoseconds since the Unix epoch, of the first and last entry; undefined where there is none. */
  readonly first: bigint | undefined;
  readonly last: bigint | undefined;
}

/** Within a transaction. */
export function addToTotals(store: Store, tenant: Tenant, { blocks, entries, rawBytes, storedBytes }: Totals): void {
  store
    .statement<[string, number, number, number, number]>(
      `INSERT INTO totals (tenant, blocks, entries, raw_bytes, stored_bytes) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (tenant) DO UPDATE SET blocks = blocks + excluded.blocks, entries = entries + excluded.entries,
         raw_bytes = raw_bytes + excluded.raw_bytes, stored_bytes = stored_bytes + excluded.stored_bytes`,
    )
    .run(tenant, blocks, entries, rawBytes, storedBytes);
}

/** All tenants together; cheap. */
export function readTotals(store: Store): Totals & { readonly streams: number } {
  const none = { blocks: 0, entries: 0, rawBytes: 0, storedBytes: 0, streams: 0 };
  const row = store.read(() =>
    store
      .statement<[], typeof none>(
        `SELECT coalesce(sum(blocks), 0) AS blocks, coalesce(sum(entries), 0) AS entries, coalesce(sum(raw_bytes), 0) AS rawBytes,
           coalesce(sum(stored_bytes), 0) AS storedBytes, (SELECT count(*) FROM streams) AS streams FROM totals`,
      )
      .get(),
  );
  return row ?? none;
}

/** By tenant, in order of their names. */
export function readTenantTotals(store: Store): TenantTotals[] {
  interface Row extends Record<keyof Totals, bigint> {
    readonly tenant: string;
    readonly streams: bigint;
    readonly first: bigint | null;
    readonly last: bigint | null;
  }
  const rows = store.read(() =>
    store
      .bigStatement<[], Row>(
        `SELECT tenant, blocks, entries, raw_bytes AS rawBytes, stored_bytes AS storedBytes,
           (SELECT count(*) FROM streams WHERE streams.tenant = totals.tenant) AS streams,
           (SELECT first FROM blocks WHERE blocks.tenant = totals.tenant AND retired IS NULL ORDER BY first LIMIT 1) AS first,
           (SELECT last FROM blocks WHERE blocks.tenant = totals.tenant AND retired IS NULL ORDER BY last DESC LIMIT 1) AS last
         FROM totals WHERE blocks > 0 ORDER BY tenant`,
      )
      .all(),
  );
  return rows.map(({ tenant, blocks, entries, rawBytes, storedBytes, streams, first, last }) => ({
    tenant,
    blocks: Number(blocks),
    entries: Number(entries),
    rawBytes: Number(rawBytes),
    storedBytes: Number(storedBytes),
    streams: Number(streams),
    first: first ?? undefined,
    last: last ?? undefined,
  }));
}

/** Tenants that have blocks, retired ones included. */
export function readTenants(store: Store): Tenant[] {
  return store
    .read(() => store.statement<[], { tenant: string }>('SELECT tenant FROM totals').all())
    .map((row) => row.tenant);
}
