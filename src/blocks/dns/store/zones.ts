/** Zones in the file: the interface of zone-store.ts, each method one transaction. */
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import { firstSerial } from '../serial.js';
import { soaData } from '../soa.js';
import { RRClass, RRType } from '../wire/mnemonics.js';
import type { ZoneData, ZoneSet } from '../zone/zone-data.js';
import type { Note } from './change-writer.js';
import { applySequence, editZone, rollBack } from './edit.js';
import { StoredImport, zoneExists } from './import.js';
import { IncomingTables } from './incoming.js';
import {
  changesAfter,
  changesSince,
  condense,
  findSerial,
  type JournalLimits,
  journalGone,
  type NetChange,
  noSuchSerial,
  readChange,
  readEvents,
  readHistory,
} from './journal.js';
import { recordReader } from './row.js';
import type { Snapshots } from './snapshots.js';
import { ZoneIndex } from './zone-index.js';
import { deleteZone, findZone, listZones, requireZone, toSummary } from './zone-rows.js';
import {
  type Change,
  type ChangeSummary,
  DEFAULT_APEX_TTL,
  type DifferenceSequence,
  type Edit,
  type EditOptions,
  type EditResult,
  type ImportOptions,
  type ImportReport,
  type NewZone,
  type ZoneDifference,
  type ZoneImport,
  type ZoneSnapshot,
  type ZoneStore,
  type ZoneSummary,
} from './zone-store.js';

/**
 * Seconds: of a zone that addZone() makes. Refresh, retry and expire as RIPE-203 recommends; that a name does not exist is
 * remembered for five minutes only, since names of such zones come while they are waited for.
 */
const NEW_SOA = { refresh: 86_400, retry: 7_200, expire: 3_600_000, minimum: 300 };

export interface ZonesParts {
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly limits: JournalLimits;
}

export class StoredZones implements ZoneStore {
  readonly #store: Store;
  readonly #parts: ZonesParts;
  readonly #index: ZoneIndex;
  readonly #incoming: IncomingTables;
  #isReading = false;

  constructor(parts: ZonesParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#index = new ZoneIndex(parts.store);
    this.#incoming = new IncomingTables(parts.store);
  }

  list(): ZoneSummary[] {
    return listZones(this.#store).map(toSummary);
  }

  get(origin: Name): ZoneSummary | undefined {
    const row = findZone(this.#store, origin);
    return row && toSummary(row);
  }

  find(name: Name): ZoneData | undefined {
    if (!this.#isReading) this.#index.refresh();
    return this.#index.find(name);
  }

  reading<T>(work: (zones: ZoneSet) => T): T {
    if (this.#isReading) return work(this);
    return this.#store.view(() => {
      this.#index.refresh();
      this.#isReading = true;
      try {
        return work(this);
      } finally {
        this.#isReading = false;
      }
    });
  }

  version(): number {
    return this.#index.version();
  }

  *records(origin: Name): Generator<ResourceRecord> {
    const snapshot = this.snapshot(origin);
    try {
      yield* snapshot.records();
    } finally {
      snapshot.close();
    }
  }

  snapshot(origin: Name): ZoneSnapshot {
    return this.#parts.snapshots.take(origin);
  }

  addZone(origin: Name, zone: NewZone, options: EditOptions = {}): ZoneSummary {
    if (findZone(this.#store, origin) !== undefined) throw zoneExists(origin);
    const { primaryServer, mailbox, ttl = DEFAULT_APEX_TTL } = zone;
    const serial = firstSerial(this.#parts.clock.now());
    const common = { name: origin, class: RRClass.IN, ttl };
    const records = [
      { ...common, type: RRType.SOA, rdata: soaData({ primaryServer, mailbox, serial, ...NEW_SOA }) },
      { ...common, type: RRType.NS, rdata: primaryServer.wire },
    ];
    // Looked at again under the lock: somebody may have made it meanwhile.
    const verify = () => {
      if (requireZone(this.#store, origin).last_change > 1) throw zoneExists(origin);
    };
    this.import(origin, records, { source: '', comment: options.comment ?? '', serial: 'bump', verify });
    return toSummary(requireZone(this.#store, origin));
  }

  import(origin: Name, records: Iterable<ResourceRecord>, options: ImportOptions): ImportReport {
    const incoming = this.beginImport(origin, options);
    try {
      for (const record of records) incoming.add(record);
      return incoming.finish();
    } finally {
      incoming.abort();
    }
  }

  beginImport(origin: Name, options: ImportOptions): ZoneImport {
    return new StoredImport(origin, options, {
      store: this.#store,
      table: this.#incoming.take(),
      note: () => this.#note(options),
      done: () => this.#index.outdate(),
    });
  }

  edit(origin: Name, edits: readonly Edit[], options: EditOptions = {}): EditResult {
    return this.#write(() => editZone(this.#store, origin, edits, this.#note(options)));
  }

  delete(origin: Name): ZoneSummary {
    return this.#write(() => {
      const zone = requireZone(this.#store, origin);
      deleteZone(this.#store, zone.id);
      return toSummary(zone);
    });
  }

  history(origin: Name): ChangeSummary[] {
    return this.#store.view(() => readHistory(this.#store, requireZone(this.#store, origin).id));
  }

  diff(origin: Name, from: number, to: number): ZoneDifference[] {
    return this.#store.view(() => {
      const { id } = requireZone(this.#store, origin);
      const start = findSerial(this.#store, id, from);
      if (start === undefined) throw noSuchSerial(origin.toString(), from);
      const end = findSerial(this.#store, id, to);
      if (end === undefined) throw noSuchSerial(origin.toString(), to);
      const [older, newer] = start.number <= end.number ? [start, end] : [end, start];
      const changes = changesAfter(this.#store, id, older.number).filter(({ number }) => number <= newer.number);
      if (!changes.every(({ journalled }) => journalled)) throw journalGone(origin.toString(), older.serial);
      const net = condense(readEvents(this.#store, id, older.number + 1, newer.number));
      return toDifferences(net, older === start);
    });
  }

  rollback(origin: Name, toSerial: number, options: EditOptions = {}): EditResult {
    const comment = options.comment ?? `back to ${toSerial}`;
    return this.#write(() => rollBack(this.#store, origin, toSerial, this.#note({ comment })));
  }

  changesSince(origin: Name, serial: number): ChangeSummary[] | undefined {
    return this.#store.view(() => {
      const zone = requireZone(this.#store, origin);
      return changesSince(this.#store, zone.id, zone.serial, serial);
    });
  }

  change(origin: Name, number: number): Change | undefined {
    return this.#store.view(() => readChange(this.#store, requireZone(this.#store, origin).id, number));
  }

  applyTransfer(
    origin: Name,
    differences: readonly DifferenceSequence[],
    options: { readonly source: string },
  ): ZoneSummary {
    return this.#write(() => {
      if (requireZone(this.#store, origin).kind === 'primary') throw zoneExists(origin);
      const note = this.#note(options);
      for (const difference of differences) {
        applySequence(this.#store, requireZone(this.#store, origin), difference, note);
      }
      return toSummary(requireZone(this.#store, origin));
    });
  }

  #note({ source = '', comment = '' }: { readonly source?: string; readonly comment?: string }): Note {
    return { at: this.#parts.clock.now(), source, comment, limits: this.#parts.limits };
  }

  #write<T>(work: () => T): T {
    try {
      return this.#store.write(work);
    } finally {
      this.#index.outdate();
    }
  }
}

/** `forward`: from before to after. */
function toDifferences(net: readonly NetChange[], forward: boolean): ZoneDifference[] {
  const read = recordReader();
  return net.flatMap(({ before, after }) => {
    const [removed, added] = forward ? [before, after] : [after, before];
    const differences: ZoneDifference[] = [];
    if (removed !== undefined) differences.push({ op: 'removed', record: read(removed) });
    if (added !== undefined) differences.push({ op: 'added', record: read(added) });
    return differences;
  });
}
