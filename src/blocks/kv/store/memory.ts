/**
 * What is known of keys without asking the file. Fresh slots stay until they are folded; of the others, those that nobody looked at
 * for the longest time are forgotten, by the clock algorithm.
 */
import type { ByteString } from '../bytes.js';
import type { Entry } from '../entry.js';
import { FreshOrder, type KeyRange } from './fresh-order.js';
import { Slot, weightOf } from './slot.js';
import { SlotTable, type Verdict } from './slot-table.js';

/** Slots looked at in one go, at least: 50 µs. */
const LEAST_LOOKS = 512;
/** Looks for each slot that has come since, so that more can go than come: one that was used is passed over once, a fresh one each time. */
const LOOKS_FOR_ONE = 4;

/** Bytes beyond the bound, and a quarter of the bound, that a turn may take before its end. */
const LEAST_EXCESS = 16 * 1024 * 1024;

export class Memory {
  /**
   * Slots that are not folded, in the order in which they became so; some may be folded since. Only ever added to: where others
   * go it is another array.
   */
  fresh: Slot[] = [];
  /** Those of them that are being folded (fold.ts). */
  folding: Slot[] = [];
  /** Roughly, of keys and values held. */
  bytes = 0;
  readonly #tables: SlotTable[];
  readonly #bound: number;
  /** The database at which forgetting stopped last. */
  #hand = 0;
  /** Slots added since some were last forgotten. */
  #come = 0;
  readonly #order = new FreshOrder();
  /** Databases of which each key that exists is here, so that nothing need be looked up. */
  readonly #complete: boolean[];

  constructor(databases: number, bound: number) {
    this.#tables = Array.from({ length: databases }, () => new SlotTable());
    this.#complete = this.#tables.map(() => false);
    this.#bound = bound;
  }

  isComplete(database: number): boolean {
    return this.#complete[database] === true;
  }

  setComplete(database: number): void {
    this.#complete[database] = true;
  }

  get(database: number, key: ByteString): Slot | undefined {
    return this.#tables[database]?.get(key);
  }

  /** Adds a slot that is as in the table. */
  add(database: number, key: ByteString, entry: Entry | undefined): Slot {
    const slot = new Slot(database, key, entry);
    this.#tables[database]?.add(slot);
    this.bytes += weightOf(slot);
    this.#come++;
    return slot;
  }

  replace(slot: Slot, entry: Entry | undefined): void {
    const before = slot.entry;
    this.bytes +=
      (entry?.type === 'string' ? entry.value.length : 0) - (before?.type === 'string' ? before.value.length : 0);
    slot.hold(entry);
    slot.used = true;
  }

  makeFresh(slot: Slot): void {
    if (slot.fresh) return;
    slot.fresh = true;
    this.fresh.push(slot);
  }

  /** What another process has written, which is in the journal. */
  learn(database: number, key: ByteString, entry: Entry | undefined): void {
    const slot = this.get(database, key);
    const known = slot ?? this.add(database, key, undefined);
    this.replace(known, entry);
    this.makeFresh(known);
  }

  /** Another process has folded all up to this revision. */
  folded(revision: number): void {
    const left: Slot[] = [];
    for (const slot of this.fresh) {
      const { entry } = slot;
      // Of what was removed the revision is not known any more: it is folded once more, which does no harm.
      if (entry !== undefined && entry.revision <= revision) slot.fresh = false;
      else left.push(slot);
    }
    this.fresh = left;
  }

  /** Forgets everything of a database, fresh slots too, or of all. */
  clear(database?: number): void {
    for (const [number, table] of this.#tables.entries()) {
      if (database !== undefined && number !== database) continue;
      for (const slot of table.values()) {
        this.bytes -= weightOf(slot);
        slot.fresh = false;
      }
      this.#tables[number] = new SlotTable();
      this.#complete[number] = false;
    }
  }

  /** Puts a database's slots aside for an undo. */
  take(database: number): { restore(): void } {
    const table = this.#tables[database] ?? new SlotTable();
    const wereFresh = [...table.values()].filter((slot) => slot.fresh);
    const complete = this.isComplete(database);
    this.clear(database);
    return {
      restore: () => {
        this.clear(database);
        this.#tables[database] = table;
        this.#complete[database] = complete;
        for (const slot of table.values()) this.bytes += weightOf(slot);
        for (const slot of wereFresh) slot.fresh = true;
      },
    };
  }

  /** Up to `limit` slots of a range, the first ones, in order, that are not in the table as they are. */
  unfoldedFrom(range: KeyRange, limit: number): readonly Slot[] {
    return this.#order.slots(this, range, limit);
  }

  /** Slots of a database that are not in the table as they are. */
  *unfolded(database: number): Generator<Slot> {
    for (const slots of [this.folding, this.fresh]) {
      for (const slot of slots) if (slot.fresh && slot.database === database) yield slot;
    }
  }

  /** Weighs all slots anew. */
  weigh(): void {
    this.bytes = 0;
    for (const table of this.#tables) for (const slot of table.values()) this.bytes += weightOf(slot);
  }

  /** Before an entry is read out of the table in the midst of a turn: a command may ask for any number of large ones. */
  makeRoom(): void {
    if (this.bytes > this.#bound + LEAST_EXCESS + this.#bound / 4) this.forgetSome();
  }

  forgetSome(): void {
    if (this.bytes <= this.#bound) {
      this.#come = 0;
      return;
    }
    let looks = LEAST_LOOKS + LOOKS_FOR_ONE * this.#come;
    this.#come = 0;
    for (let i = 0; i < this.#tables.length && looks > 0; i++) {
      this.#hand = (this.#hand + 1) % this.#tables.length;
      looks -= this.#forgetIn(this.#hand, looks);
    }
  }

  #forgetIn(number: number, looks: number): number {
    const judge = (slot: Slot): Verdict => {
      if (this.bytes <= this.#bound) return 'stop';
      if (slot.used || slot.fresh) {
        slot.used = false;
        return 'keep';
      }
      this.bytes -= weightOf(slot);
      if (slot.entry !== undefined) this.#complete[number] = false;
      return 'remove';
    };
    return this.#tables[number]?.sweep(looks, judge) ?? 0;
  }
}
