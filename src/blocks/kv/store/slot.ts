import type { ByteString } from '../bytes.js';
import type { Entry } from '../entry.js';

/**
 * What memory knows of one key: its entry, or that there is none.
 *
 *     clean ──a change──▶ fresh (in a list, in the journal only) ──folded into the table──▶ clean ──memory is short──▶ forgotten
 */
export class Slot {
  /** In the journal, not yet in the table; such a slot is never forgotten. */
  fresh = false;
  /** Looked at since the last round of forgetting. */
  used = true;

  /** undefined: there is no such key. */
  entry: Entry | undefined;
  /** The value of a string that has no time, so that GET need not look into the entry: one cache miss in seven. */
  plain: ByteString | undefined;

  constructor(
    readonly database: number,
    readonly key: ByteString,
    entry: Entry | undefined,
  ) {
    this.entry = entry;
    this.plain = plainOf(entry);
  }

  hold(entry: Entry | undefined): void {
    this.entry = entry;
    this.plain = plainOf(entry);
  }
}

const plainOf = (entry: Entry | undefined): ByteString | undefined =>
  entry?.type === 'string' && entry.expires === undefined ? entry.value : undefined;

/** What a slot takes beside key and value: Map, slot, entry and the heads of two strings, and the garbage that they become; bytes, as measured. */
const SLOT_BYTES = 400;

export function weightOf(slot: Slot): number {
  const { entry } = slot;
  return SLOT_BYTES + slot.key.length + (entry?.type === 'string' ? entry.value.length : 0);
}

/** By database, then by key, byte by byte. */
export function inOrder(a: Slot, b: Slot): number {
  return a.database - b.database || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
