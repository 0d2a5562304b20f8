/**
 * States of zones that are held while the zone goes on changing: for transfers, which take as long as the peer does, and
 * for whole zones that are printed. Each is a read transaction on a connection of its own; SQLite keeps the older pages in
 * its write-ahead log as long as one is open, so it has to be closed.
 */
import type { Store } from '../../../platform/store/store.js';
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import { changesSince, readChange } from './journal.js';
import { StoredZone } from './stored-zone.js';
import { requireZone, toSummary, type ZoneRow } from './zone-rows.js';
import type { Change, ChangeSummary, ZoneSnapshot } from './zone-store.js';

/** Connections are used again, so that there are never more than snapshots at once. */
export class Snapshots {
  readonly #open: () => Store;
  readonly #free: Store[] = [];
  readonly #used = new Set<Store>();

  /** `open`: another connection to the file. */
  constructor(open: () => Store) {
    this.#open = open;
  }

  /** Error: `dns.no_such_zone`. */
  take(origin: Name): ZoneSnapshot {
    const store = this.#free.pop() ?? this.#open();
    this.#used.add(store);
    try {
      store.read(() => store.statement<[]>('BEGIN').run());
      // Its first read is what the snapshot sees.
      return snapshot(store, requireZone(store, origin), () => this.#giveBack(store));
    } catch (error) {
      this.#giveBack(store);
      throw error;
    }
  }

  close(): void {
    for (const store of [...this.#free, ...this.#used]) store.close();
    this.#free.length = 0;
    this.#used.clear();
  }

  #giveBack(store: Store): void {
    if (!this.#used.delete(store)) return;
    if (store.inTransaction) store.read(() => store.statement<[]>('COMMIT').run());
    this.#free.push(store);
  }
}

function snapshot(store: Store, row: ZoneRow, close: () => void): ZoneSnapshot {
  const zone = toSummary(row);
  return {
    zone,
    records: (): Iterable<ResourceRecord> => new StoredZone(store, row.id, zone.origin).records(),
    changesSince: (serial): ChangeSummary[] | undefined => changesSince(store, row.id, row.serial, serial),
    change: (number): Change | undefined => readChange(store, row.id, number),
    close,
  };
}
