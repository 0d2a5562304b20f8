/**
 * What is kept of an answer from upstream, in memory and on disk.
 *
 * An entry is the whole response to one question, not one of its RRsets:
 *
 *     www.shop.test. A, DO=0 CD=0  ──▶  response  www.shop.test. CNAME web.shop.test.
 *                                                 web.shop.test. A 192.0.2.7
 *
 * A forwarder's upstream has followed the chain already, so nothing has to be put together from parts here. In return a
 * record is never used for a question that it was not an answer to, so that one which was smuggled in answers nothing else,
 * and data needs no ranks of trust (RFC 2181, section 5.4.1). The price is that an address behind two aliases is kept twice,
 * and that web.shop.test. is asked for again.
 *
 * DO and CD are part of the question: without DO signatures are missing (RFC 4035, section 3.2.1), and what upstream gave
 * unchecked is not for those who count on its checks (section 3.2.2).
 */
import type { Name } from '../name.js';
import type { Question } from '../record.js';

/** `nodata`: the name exists, but has nothing of that type (RFC 2308, section 2.2). Failures are no entries; see failures.ts. */
export const entryKinds = ['answer', 'nodata', 'nxdomain'] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What tells entries apart. */
export interface EntryKey {
  readonly question: Question;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

export interface CacheEntry extends EntryKey {
  readonly kind: EntryKind;
  /**
   * A message in wire form that holds what is given to clients: rcode, the question, records that follow from it, with the
   * TTLs that they had at `storedAt`, caps applied; OPT only where upstream gave extended errors; id 0. Never changed.
   */
  readonly response: Uint8Array;
  /** Who answered, as {@link NameServer.shown}. */
  readonly upstream: string;
  /** Milliseconds since the Unix epoch, as are the following. */
  readonly storedAt: number;
  /** When the shortest TTL has run out: fresh before, stale from then on. Later than `storedAt`. */
  readonly expiresAt: number;
  /** Until when it may be given as a stale answer (RFC 8767). At least `expiresAt`; then it can be deleted. */
  readonly staleUntil: number;
}

/** Equal for equal keys. Type, class and bits come first: a name's key may hold any character up to 0xff. */
export function entryKey({ question, dnssecOk, checkingDisabled }: EntryKey): string {
  return variantKey(question.name.key, question.type, question.class, dnssecOk, checkingDisabled);
}

export function variantKey(nameKey: string, type: number, rrClass: number, dnssecOk: boolean, cd: boolean): string {
  return String.fromCharCode(type, rrClass, (dnssecOk ? 1 : 0) | (cd ? 2 : 0)) + nameKey;
}

/** Which entries are meant: those that all of the parts given fit. Without any it is every entry. */
export interface CacheFilter {
  /** The question's name, and every name below. */
  readonly name?: Name;
  /** The question's type. */
  readonly type?: number;
  /** As {@link CacheEntry.upstream}. */
  readonly upstream?: string;
}

export function fits({ question, upstream }: CacheEntry, filter: CacheFilter): boolean {
  return (
    (filter.type === undefined || filter.type === question.type) &&
    (filter.upstream === undefined || filter.upstream === upstream) &&
    (filter.name === undefined || question.name.isWithin(filter.name))
  );
}

/** Entries that were deleted on a user's demand, by whichever process. */
export interface CacheFlush {
  /** Rises with every flush. */
  readonly id: number;
  readonly filter: CacheFilter;
}

/**
 * Where entries survive a restart, as the forwarder needs it (implemented in store/cache-store.ts). A write may be lost with
 * the power: it is a cache.
 */
export interface CacheStore {
  /** Oldest `storedAt` first, without those whose `staleUntil` lies before `now`. Rows that cannot be read are left out. */
  load(now: number): Iterable<CacheEntry>;
  /** In one transaction: forgets `removed`, then saves `saved` over what the same key had. */
  write(saved: readonly CacheEntry[], removed: readonly EntryKey[]): void | Promise<void>;
  /** Changes when another process has committed to the file. */
  dataVersion(): number;
  /** Of the newest flush; 0 before the first. */
  lastFlush(): number;
  /** Flushes with a higher id, in order. */
  flushesSince(id: number): readonly CacheFlush[];
}
