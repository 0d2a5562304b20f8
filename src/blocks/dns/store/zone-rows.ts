/** The zones of the file, a row each; see schema.ts. */
import type { Store } from '../../../platform/store/store.js';
import { dnsErrors } from '../errors.js';
import { Name } from '../name.js';
import type { ZoneKind, ZoneSummary } from './zone-store.js';

export interface ZoneRow {
  readonly id: number;
  readonly name: Buffer;
  readonly kind: ZoneKind;
  readonly serial: number;
  readonly records: number;
  readonly created_at: number;
  readonly changed_at: number;
  /** Number of its last change. */
  readonly last_change: number;
  readonly journal_bytes: number;
}

const COLUMNS = 'id, name, kind, serial, records, created_at, changed_at, last_change, journal_bytes';

export function listZones(store: Store): ZoneRow[] {
  return store.read(() => store.statement<[], ZoneRow>(`SELECT ${COLUMNS} FROM zone ORDER BY origin`).all());
}

export function findZone(store: Store, origin: Name): ZoneRow | undefined {
  return store.read(() =>
    store.statement<[Uint8Array], ZoneRow>(`SELECT ${COLUMNS} FROM zone WHERE origin = ?`).get(origin.sortKey()),
  );
}

/** Error: `dns.no_such_zone`. */
export function requireZone(store: Store, origin: Name): ZoneRow {
  const zone = findZone(store, origin);
  if (zone !== undefined) return zone;
  throw dnsErrors.error('dns.no_such_zone', `the zone ${origin} is not in ${store.path}`, {
    hint: 'see which are: ds dns zone list',
    details: { zone: origin.toString(), path: store.path },
  });
}

/** A zone without records so far; a change has to follow in the same transaction. */
export function insertZone(store: Store, origin: Name, kind: ZoneKind, now: number): ZoneRow {
  const { lastInsertRowid } = store
    .statement<[Uint8Array, Uint8Array, string, number, number]>(
      `INSERT INTO zone (origin, name, kind, serial, records, created_at, changed_at, last_change, journal_bytes)
         VALUES (?, ?, ?, 0, 0, ?, ?, 0, 0)`,
    )
    .run(origin.sortKey(), origin.wire, kind, now, now);
  store.statement<[]>('UPDATE standing SET zone_set = zone_set + 1').run();
  return {
    id: Number(lastInsertRowid),
    name: Buffer.from(origin.wire),
    kind,
    serial: 0,
    records: 0,
    created_at: now,
    changed_at: now,
    last_change: 0,
    journal_bytes: 0,
  };
}

/** With everything that belongs to it. */
export function deleteZone(store: Store, id: number): void {
  for (const table of ['change_record', 'change', 'record']) {
    store.statement<[number]>(`DELETE FROM ${table} WHERE zone = ?`).run(id);
  }
  store.statement<[number]>('DELETE FROM secondary WHERE zone = ?').run(id);
  store.statement<[number]>('DELETE FROM zone WHERE id = ?').run(id);
  store.statement<[]>('UPDATE standing SET zone_set = zone_set + 1, zones = zones + 1').run();
}

export function toSummary(row: ZoneRow): ZoneSummary {
  return {
    origin: originOf(row),
    kind: row.kind,
    serial: row.serial,
    records: row.records,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

export function originOf(row: ZoneRow): Name {
  return Name.fromValidWire(row.name);
}
