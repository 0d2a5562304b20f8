/**
 * The origins of all zones in memory, read again when a zone came or went, by this process or another:
 *
 *     data version as before ──▶ nothing to do
 *     another, or own write ──▶ standing: zones ──▶ version()
 *                                         zone_set as before ──▶ the map stands
 *                                                  another ────▶ read again
 */
import type { Store } from '../../../platform/store/store.js';
import type { Name } from '../name.js';
import { StoredZone } from './stored-zone.js';
import { listZones, originOf } from './zone-rows.js';

export class ZoneIndex {
  readonly #store: Store;
  #zones = new Map<string, StoredZone>();
  #dataVersion = Number.NaN;
  #version = 0;
  #zoneSet = Number.NaN;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Rises with every change of a zone. */
  version(): number {
    this.refresh();
    return this.#version;
  }

  refresh(): void {
    const dataVersion = this.#store.dataVersion();
    if (dataVersion === this.#dataVersion) return;
    const standing = this.#store.read(() =>
      this.#store.statement<[], { zones: number; zone_set: number }>('SELECT zones, zone_set FROM standing').get(),
    );
    this.#version = standing?.zones ?? 0;
    const zoneSet = standing?.zone_set ?? 0;
    if (zoneSet !== this.#zoneSet) this.#zones = this.#read();
    this.#zoneSet = zoneSet;
    this.#dataVersion = dataVersion;
  }

  /** After an own write, of which the data version says nothing. */
  outdate(): void {
    this.#dataVersion = Number.NaN;
  }

  /** Of what was known at the last refresh. */
  find(name: Name): StoredZone | undefined {
    if (this.#zones.size === 0) return undefined;
    const { key } = name;
    for (let at = 0; at < key.length; at += key.charCodeAt(at) + 1) {
      const zone = this.#zones.get(key.slice(at));
      if (zone !== undefined) return zone;
    }
    return undefined;
  }

  #read(): Map<string, StoredZone> {
    const zones = new Map<string, StoredZone>();
    for (const row of listZones(this.#store)) {
      const origin = originOf(row);
      zones.set(origin.key, new StoredZone(this.#store, row.id, origin));
    }
    return zones;
  }
}
