/**
 * Answers in memory, found by question, and what NXDOMAIN says of names below:
 *
 *     slots   question, DO, CD ──▶ slot ─ sieve ─ slot ─ …        bounded by bytes
 *     cuts    denied name, DO, CD ──▶ slot of an NXDOMAIN         shop.test. denied: nothing is below (RFC 8020)
 *
 * A question finds its own entry while that is fresh; else a fresh NXDOMAIN of its name or of one above; else its own stale
 * one. An answer that is newer than an NXDOMAIN of a name above disproves it, and the NXDOMAIN goes.
 *
 * All times are monotonic milliseconds: when the wall clock steps, nothing here grows older or younger.
 */
import type { Name } from '../name.js';
import { type CacheEntry, type CacheFilter, type EntryKey, entryKey, fits, variantKey } from './entry.js';
import { Sieve, type SieveNode } from './sieve.js';

/** Memory for entries, bytes. Default 64 MiB: some fifty thousand answers of usual size. */
const DEFAULT_BYTES = 64 * 1024 * 1024;
/**
 * What an entry takes beside the octets of its response and three times its name: objects, arrays of octets, places in the maps.
 * Measured with 100,000 answers of two addresses for names of 31 octets (heapUsed + external): 1220 bytes an entry in all.
 */
const OVERHEAD_BYTES = 1_040;

export interface Slot extends SieveNode<Slot> {
  readonly key: string;
  readonly entry: CacheEntry;
  readonly bytes: number;
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly staleUntil: number;
  /** The name that an NXDOMAIN denies, as a key of the cuts. */
  readonly cut: string | undefined;
  /** A fresh answer is being asked for ahead of the end; it happens once. */
  refreshing: boolean;
  /** Upstream failed: until then the stale answer is given without asking (RFC 8767, section 5: failure recheck timer). */
  recheckAt: number;
}

export interface Found {
  readonly slot: Slot;
  readonly state: 'fresh' | 'stale';
  /** It is an NXDOMAIN of the question's name or of one above, found by another question. */
  readonly byCut: boolean;
}

export interface AnswerCacheOptions {
  /** Default 64 MiB. */
  readonly maxBytes?: number;
  /** Whether an NXDOMAIN counts for names below it (RFC 8020). Default true. */
  readonly nxdomainCut?: boolean;
  /** Told of entries that go for want of room, by their age, or because they were disproved; not of those that are replaced. */
  readonly onRemoved?: (entry: CacheEntry) => void;
}

export class AnswerCache {
  readonly #slots = new Map<string, Slot>();
  readonly #cuts = new Map<string, Slot>();
  readonly #sieve = new Sieve<Slot>();
  readonly #maxBytes: number;
  readonly #nxdomainCut: boolean;
  readonly #onRemoved: (entry: CacheEntry) => void;
  #bytes = 0;
  #sweeper: Iterator<Slot> = this.#slots.values();

  constructor({ maxBytes = DEFAULT_BYTES, nxdomainCut = true, onRemoved = () => {} }: AnswerCacheOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#nxdomainCut = nxdomainCut;
    this.#onRemoved = onRemoved;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Roughly, of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  find(wanted: EntryKey, now: number): Found | undefined {
    const own = this.#slots.get(entryKey(wanted));
    if (own !== undefined && now < own.expiresAt) return found(own, 'fresh', false);
    const cut = this.#cuts.size > 0 ? this.#findCut(wanted, now) : undefined;
    if (cut !== undefined) return found(cut, 'fresh', cut !== own);
    if (own === undefined) return undefined;
    if (now < own.staleUntil) return found(own, 'stale', false);
    this.#remove(own, true);
    return undefined;
  }

  /** `names` are those of the chain: an NXDOMAIN denies the last one, and all others exist. */
  put(entry: CacheEntry, names: readonly Name[], now: number): void {
    this.#add(entry, names, now);
    const existing = entry.kind === 'nxdomain' ? names.slice(0, -1) : names;
    for (const name of existing) this.#disprove(entry, name);
  }

  /**
   * An entry from before a restart. Its age is told by the wall clock; one from the future is refused, since the clock has been
   * stepped back and nobody knows by how much.
   */
  restore(
    entry: CacheEntry,
    names: readonly Name[],
    now: { readonly wall: number; readonly monotonic: number },
  ): boolean {
    const age = now.wall - entry.storedAt;
    if (age < 0 || now.wall >= entry.staleUntil) return false;
    this.#add(entry, names, now.monotonic - age);
    return this.#slots.has(entryKey(entry));
  }

  /** How many that were. */
  drop(filter: CacheFilter): number {
    let dropped = 0;
    for (const slot of this.#slots.values()) {
      if (!fits(slot.entry, filter)) continue;
      this.#remove(slot, true);
      dropped++;
    }
    return dropped;
  }

  /** Looks at the next `most` slots, whichever these are, and removes those that are beyond use. */
  sweep(now: number, most: number): void {
    for (let looked = 0; looked < most; looked++) {
      const next = this.#sweeper.next();
      if (next.done === true) {
        this.#sweeper = this.#slots.values();
        return;
      }
      if (now >= next.value.staleUntil) this.#remove(next.value, true);
    }
  }

  #add(entry: CacheEntry, names: readonly Name[], storedAt: number): void {
    const key = entryKey(entry);
    const before = this.#slots.get(key);
    if (before !== undefined) this.#remove(before, false);
    const bytes = weigh(entry);
    if (bytes > this.#maxBytes) {
      this.#onRemoved(entry);
      return;
    }
    const denied = entry.kind === 'nxdomain' ? names.at(-1) : undefined;
    const slot: Slot = {
      key,
      entry,
      bytes,
      storedAt,
      expiresAt: storedAt + (entry.expiresAt - entry.storedAt),
      staleUntil: storedAt + (entry.staleUntil - entry.storedAt),
      cut: denied === undefined || !this.#nxdomainCut ? undefined : cutKey(denied.key, entry),
      refreshing: false,
      recheckAt: Number.NEGATIVE_INFINITY,
      visited: false,
      newer: undefined,
      older: undefined,
    };
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const victim = this.#sieve.victim();
      if (victim === undefined) break;
      this.#remove(victim, true);
    }
    this.#slots.set(key, slot);
    this.#sieve.add(slot);
    if (slot.cut !== undefined) this.#cuts.set(slot.cut, slot);
  }

  #findCut(wanted: EntryKey, now: number): Slot | undefined {
    for (const key of selfAndAncestors(wanted.question.name.key)) {
      const slot = this.#cuts.get(cutKey(key, wanted));
      if (slot === undefined) continue;
      if (now < slot.expiresAt) return slot;
    }
    return undefined;
  }

  #disprove(entry: CacheEntry, name: Name): void {
    if (this.#cuts.size === 0) return;
    for (const key of selfAndAncestors(name.key)) {
      const slot = this.#cuts.get(cutKey(key, entry));
      if (slot !== undefined && slot.entry !== entry) this.#remove(slot, true);
    }
  }

  #remove(slot: Slot, tell: boolean): void {
    this.#slots.delete(slot.key);
    this.#sieve.remove(slot);
    this.#bytes -= slot.bytes;
    if (slot.cut !== undefined && this.#cuts.get(slot.cut) === slot) this.#cuts.delete(slot.cut);
    if (tell) this.#onRemoved(slot.entry);
  }
}

function found(slot: Slot, state: Found['state'], byCut: boolean): Found {
  slot.visited = true;
  return { slot, state, byCut };
}

function weigh({ question, response }: CacheEntry): number {
  return OVERHEAD_BYTES + 3 * question.name.wire.length + response.length;
}

const cutKey = (nameKey: string, { question, dnssecOk, checkingDisabled }: EntryKey) =>
  variantKey(nameKey, 0, question.class, dnssecOk, checkingDisabled);

/** Keys of the name and of all above it, but the root: that it does not exist nobody believes. */
function* selfAndAncestors(key: string): Generator<string> {
  for (let at = 0; at < key.length - 1; at += key.charCodeAt(at) + 1) yield key.slice(at);
}
