/** What the commands about the cache take; loaded when one of them runs, since it brings SQLite: see index.ts. */
import { followChain } from './cache/chain.js';
import type { CacheEntry, CacheFilter, EntryKind } from './cache/entry.js';
import { aged } from './cache/lifetime.js';
import { openEntry } from './cache/make-entry.js';
import { parseServer } from './client/server-address.js';
import { type RecordFields, recordFields } from './record-fields.js';
import { readTypedName } from './typed-name.js';
import { className, parseType, RRType, rcodeName, typeName } from './wire.js';

export { withStore } from './zones.js';

/** An entry as commands print it: plain values, safe for a terminal. */
export interface CachedFields {
  /** The question. */
  readonly name: string;
  readonly type: string;
  readonly class: string;
  /** DO and CD of the question: with signatures; unchecked. */
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  readonly kind: EntryKind;
  readonly rcode: string;
  /** `expired`: beyond use, and not swept away yet. */
  readonly state: 'fresh' | 'stale' | 'expired';
  /** What it says, in one line. */
  readonly says: string;
  /** As they would be given now; as they came where they are no longer fresh. */
  readonly answers: readonly RecordFields[];
  readonly upstream: string;
  /** Milliseconds since the Unix epoch, as are the following. */
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly staleUntil: number;
}

/** Undefined when the entry cannot be read. `now`: milliseconds since the Unix epoch. */
export function cachedFields(entry: CacheEntry, now: number): CachedFields | undefined {
  const message = openEntry(entry);
  if (message === undefined) return undefined;
  const { question, dnssecOk, checkingDisabled, kind, upstream, storedAt, expiresAt, staleUntil } = entry;
  const isFresh = now < expiresAt;
  // Where the clock was stepped back an entry can be younger than now.
  const age = isFresh ? Math.max(0, Math.floor((now - storedAt) / 1000)) : 0;
  return {
    name: question.name.toString(),
    type: typeName(question.type),
    class: className(question.class),
    dnssecOk,
    checkingDisabled,
    kind,
    rcode: rcodeName(message.rcode),
    state: isFresh ? 'fresh' : now < staleUntil ? 'stale' : 'expired',
    says: sayEntry(entry, message.answers.map(recordFields)),
    answers: aged(message.answers, age).map(recordFields),
    upstream,
    storedAt,
    expiresAt,
    staleUntil,
  };
}

/** `web.shop.test. → 192.0.2.7, 192.0.2.8` · `gone.shop.test. does not exist, nor what is below it` · `there is no MX`. */
function sayEntry(entry: CacheEntry, answers: readonly RecordFields[]): string {
  const { question, kind } = entry;
  const aliases = question.type === RRType.CNAME ? [] : answers.filter(({ type }) => type === 'CNAME');
  const targets = aliases.map(({ data }) => `${data} → `).join('');
  if (kind === 'nxdomain') return `${deniedBy(entry)} does not exist, nor what is below it`;
  if (kind === 'nodata') return `${targets}there is no ${typeName(question.type)}`;
  const isAny = question.type === RRType.ANY;
  const shown = answers.filter(({ type }) => isAny || type === typeName(question.type));
  return `${targets}${shown.map(({ type, data }) => (isAny ? `${type} ${data}` : data)).join(', ')}`;
}

/** What an NXDOMAIN denies: the last name of the chain (RFC 8020, section 2). */
function deniedBy(entry: CacheEntry): string {
  const message = openEntry(entry);
  const chain = message && followChain(entry.question, message.answers, entry.dnssecOk);
  return (typeof chain === 'object' ? chain.end : entry.question.name).toString();
}

/** What was typed. Errors: `dns.bad_name`, `dns.unknown_type`, `dns.bad_server`. */
export function readCacheFilter(typed: {
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly upstream?: string | undefined;
}): CacheFilter {
  const name = typed.name === undefined ? undefined : readTypedName(typed.name);
  return {
    // What is below the root is everything.
    ...(name?.isRoot === false && { name }),
    ...(typed.type !== undefined && { type: parseType(typed.type) }),
    ...(typed.upstream !== undefined && { upstream: parseServer(typed.upstream).shown }),
  };
}

/** The same as plain values. */
export function filterFields({ name, type, upstream }: CacheFilter) {
  return {
    ...(name !== undefined && { name: name.toString() }),
    ...(type !== undefined && { type: typeName(type) }),
    ...(upstream !== undefined && { upstream }),
  };
}

/** The same in words: `www.shop.test. and below, type A, by udp://192.0.2.53:53`; empty for everything. */
export function sayFilter({ name, type, upstream }: CacheFilter): string {
  return [
    ...(name === undefined ? [] : [`${name} and below`]),
    ...(type === undefined ? [] : [`type ${typeName(type)}`]),
    ...(upstream === undefined ? [] : [`by ${upstream}`]),
  ].join(', ');
}
