/**
 * Zones as they are kept: changed as a whole or in part, each change under a serial of its own and written down, so that
 * it can be shown, taken back, and sent to secondaries (IXFR, RFC 1995).
 *
 *     import, addZone ──▶ zone ──▶ edit, import, rollback ──▶ change n: − old SOA − removed + new SOA + added
 *                          │            serial of n-1 ─────────────────────────▶ serial of n
 *     transfer ────────────┴─ secondary: what its primary sends, under the primary's serial; never edited here
 *
 * Implemented over SQLite by ../store.ts.
 */
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import type { ZoneData, ZoneSet } from '../zone/zone-data.js';

/** `secondary`: a copy of a zone that another server is primary for. */
export type ZoneKind = 'primary' | 'secondary';

export interface ZoneSummary {
  /** As it was written when the zone was made. */
  readonly origin: Name;
  readonly kind: ZoneKind;
  readonly serial: number;
  /** Resource records, the SOA included. */
  readonly records: number;
  /** Milliseconds since the Unix epoch, as is the next. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/**
 * How a change came about. `baseline`: the zone's beginning, of which no records are written down; what follows is counted
 * from there.
 */
export type ChangeKind = 'baseline' | 'import' | 'edit' | 'rollback' | 'transfer';

/** An entry of a zone's history. */
export interface ChangeSummary {
  /** Rises by 1 within the zone. */
  readonly number: number;
  readonly kind: ChangeKind;
  /** Undefined for a baseline. */
  readonly serialBefore: number | undefined;
  readonly serial: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Where the records came from: a file, a server; empty where nothing was said. */
  readonly source: string;
  readonly comment: string;
  /** Records; the SOA counts where more than its serial is new. */
  readonly removed: number;
  readonly added: number;
  /** Whether the journal still has the records, so that this change can be shown, taken back and sent. */
  readonly journalled: boolean;
}

/** What was changed, in the order of an incremental transfer (RFC 1995, section 4): each list begins with its SOA. */
export interface Change extends ChangeSummary {
  readonly removedRecords: readonly ResourceRecord[];
  readonly addedRecords: readonly ResourceRecord[];
}

/** What asking for a change came to: nothing, when the zone was so already; its serial stays then. */
export type EditResult = ({ readonly changed: true } & Change) | { readonly changed: false; readonly serial: number };

export type Edit =
  /** Nothing happens when it is there. Its TTL becomes that of the whole RRset (RFC 2181, section 5.2). */
  | { readonly op: 'add'; readonly record: ResourceRecord }
  /** The TTL does not count (RFC 2136, section 1.1.1). Nothing happens when it is not there. */
  | { readonly op: 'remove'; readonly record: ResourceRecord }
  /** Replaces an RRset; without data it removes it. Of an SOA all but the serial is taken, and that when it is higher. */
  | {
      readonly op: 'set';
      readonly name: Name;
      readonly type: number;
      readonly ttl: number;
      readonly rdatas: readonly Uint8Array[];
    }
  /** Removes an RRset, or all of a name. The SOA and the apex NS of a name cleared as a whole stay. */
  | { readonly op: 'clear'; readonly name: Name; readonly type?: number };

export interface EditOptions {
  /** For people, kept in the history. */
  readonly comment?: string;
}

/** A zone that is complete, for checks of it. */
export interface WholeZone extends ZoneData {
  /** SOA first, then canonical order. */
  records(): Iterable<ResourceRecord>;
}

export interface ImportOptions {
  /** Where the records come from, for the history: a file's or a server's name. */
  readonly source: string;
  readonly comment?: string;
  /**
   * - `bump`: a primary zone. The file's serial is taken when it is higher than the stored one (RFC 1982); when it is not,
   *   and something else differs, the stored one is raised by 1.
   * - `keep`: a secondary; the serial is its primary's, whatever it was.
   */
  readonly serial: 'bump' | 'keep';
  /** Sees the zone as it will be, within the transaction. What it throws undoes the import. */
  readonly verify?: (zone: WholeZone) => void;
  /** Everything is done, reported, and undone. Default false. */
  readonly dryRun?: boolean;
}

export interface ImportReport {
  readonly origin: Name;
  /** False: the zone was so already, and nothing was written. */
  readonly changed: boolean;
  /** Records; a changed TTL counts as one removed and one added. */
  readonly added: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Undefined for a new zone. */
  readonly serialBefore: number | undefined;
  readonly serial: number;
  /** The serial that the records came with. */
  readonly serialGiven: number;
  /** Records that were there twice; one of each is kept (RFC 2181, section 5). */
  readonly duplicates: number;
  /** RRsets whose records had several TTLs; all got the smallest (RFC 2181, section 5.2). */
  readonly mixedTtls: number;
  /** The first few of them. */
  readonly mixedTtlExamples: readonly { readonly name: Name; readonly type: number; readonly ttl: number }[];
}

/** An import whose records come bit by bit, as from the network. Nothing is seen of it, nor locked, until finish(). */
export interface ZoneImport {
  /**
   * A record may have `line` and `file`, for messages. Errors: `dns.outside_zone`, `dns.bad_zone`; the import is at its end
   * then.
   */
  add(record: ResourceRecord): void;
  /** One transaction, flushed before it returns. Error: `dns.bad_zone`; the zone is as it was then. */
  finish(): ImportReport;
  /** Forgets what was added. Safe to call at any time, and after finish(). */
  abort(): void;
}

/** A step of an incremental transfer; each list begins with its SOA (RFC 1995, section 4). */
export interface DifferenceSequence {
  readonly removed: readonly ResourceRecord[];
  readonly added: readonly ResourceRecord[];
}

export interface ZoneDifference {
  readonly op: 'removed' | 'added';
  readonly record: ResourceRecord;
}

/** One state of a zone, read while it may go on changing. Holds a connection: close it. */
export interface ZoneSnapshot {
  readonly zone: ZoneSummary;
  /** SOA first, then canonical order; streaming. */
  records(): Iterable<ResourceRecord>;
  /** As {@link ZoneStore.changesSince}, up to the serial of this state. */
  changesSince(serial: number): ChangeSummary[] | undefined;
  /** Undefined when the journal has it no more. */
  change(number: number): Change | undefined;
  close(): void;
}

export interface NewZone {
  /** The SOA's MNAME and the zone's only NS. */
  readonly primaryServer: Name;
  /** The SOA's RNAME: `hostmaster.example.` for hostmaster@example. */
  readonly mailbox: Name;
  /** Seconds, of both records; default {@link DEFAULT_APEX_TTL}. */
  readonly ttl?: number;
}

/**
 * Every change is one transaction, and on disk before its method returns. Errors everywhere: those of the storage
 * catalogue, and `dns.no_such_zone` where a zone is named that is not there.
 */
export interface ZoneStore extends ZoneSet {
  /** In canonical order. */
  list(): ZoneSummary[];
  get(origin: Name): ZoneSummary | undefined;
  /** Reads from the file whenever it is asked; holds good until the zone is deleted. */
  find(name: Name): ZoneData | undefined;
  /** Runs look-ups that all see one state of the file, whoever writes meanwhile; also cheaper than several by themselves. */
  reading<T>(work: (zones: ZoneSet) => T): T;
  /** Rises with every change of any zone, by whichever process. Cheap: to be asked before each answer from memory. */
  version(): number;

  /** SOA first, then canonical order, all of one state; streaming. */
  records(origin: Name): Iterable<ResourceRecord>;
  snapshot(origin: Name): ZoneSnapshot;

  /** A primary zone of an SOA and an NS. Error: `dns.zone_exists`. */
  addZone(origin: Name, zone: NewZone, options?: EditOptions): ZoneSummary;
  /** Errors: as of {@link ZoneImport}, `dns.secondary_zone`, `dns.zone_exists`, and whatever `records` throws. */
  import(origin: Name, records: Iterable<ResourceRecord>, options: ImportOptions): ImportReport;
  beginImport(origin: Name, options: ImportOptions): ZoneImport;
  /**
   * All or none of the edits, in order. Errors: `dns.secondary_zone`, `dns.outside_zone`, `dns.cname_conflict`,
   * `dns.apex_required`, `dns.bad_zone`, `dns.bad_record`.
   */
  edit(origin: Name, edits: readonly Edit[], options?: EditOptions): EditResult;
  /** Records, history and all. What the zone was last. */
  delete(origin: Name): ZoneSummary;

  /** Newest first. */
  history(origin: Name): ChangeSummary[];
  /**
   * From one serial to another, in either direction: what was removed and added again in between cancels out. Canonical
   * order, removed before added. Errors: `dns.no_such_serial`, `dns.journal_gone`.
   */
  diff(origin: Name, from: number, to: number): ZoneDifference[];
  /**
   * Makes the zone what it was at a serial, as a new change under a new serial. Errors: as of diff() and edit().
   */
  rollback(origin: Name, toSerial: number, options?: EditOptions): EditResult;
  /**
   * The changes that lead from a serial to the present one, oldest first; none when it is the present one. Undefined when
   * the journal does not reach back so far, or the serial was never there: then the whole zone has to be sent.
   */
  changesSince(origin: Name, serial: number): ChangeSummary[] | undefined;
  /** Undefined when the journal has it no more. */
  change(origin: Name, number: number): Change | undefined;
  /**
   * What an incremental transfer brought to a secondary: one change for each difference sequence. Errors: `dns.zone_exists`
   * for a primary zone; `dns.transfer_mismatch` when they do not fit what is here: then the zone is as it was and has to be
   * fetched as a whole.
   */
  applyTransfer(
    origin: Name,
    differences: readonly DifferenceSequence[],
    options: { readonly source: string },
  ): ZoneSummary;
}

/** Seconds. An hour, as most operators have it: long enough to be cached, short enough to be corrected. */
export const DEFAULT_APEX_TTL = 3600;
