/**
 * Answers by other resolvers, through a cache. What happens to a question:
 *
 *     cached()   fresh ─────────────────────────────────────────▶ answer   in the last tenth of its life asked for anew (prefetch)
 *                stale, and upstream failed less than 30 s ago ─▶ stale answer
 *                failed just now ───────────────────────────────▶ SERVFAIL
 *                else undefined
 *     resolve()  joins the flight of the equal question, or begins one ─ answer ──▶ kept, given to all who wait
 *                   │ 1.8 s, and something stale is there ──────▶ stale answer; the flight goes on
 *                   │ failed ─ stale there ─────────────────────▶ stale answer, and for 30 s nobody is asked
 *                   │        └ nothing ─────────────────────────▶ SERVFAIL, remembered for 1, 2, 4, 5 s
 *                   └ no room ──────────────────────────────────▶ stale answer or SERVFAIL
 *
 * Clocks: while running, ages are told by the monotonic clock, so a wall clock that steps in either direction changes nothing.
 * The wall clock tells ages across a restart; an entry that is younger than now is then dropped.
 *
 * Not done: signatures are not validated, and AD is never set. The client's subnet, cookies and other options of EDNS are not
 * passed on.
 */
import { setMaxListeners } from 'node:events';
import type { Clock, Random } from '../../../../platform/clock.js';
import type { Found } from '../../cache/answer-cache.js';
import { type CacheStore, type EntryKey, entryKey } from '../../cache/entry.js';
import { Failures } from '../../cache/failures.js';
import { defaultLimits, type LifetimeLimits, prefetchAfterMs } from '../../cache/lifetime.js';
import { makeEntry } from '../../cache/make-entry.js';
import { Connections } from '../../client/connections.js';
import { exchange } from '../../client/exchange.js';
import type { NameServer } from '../../client/server-address.js';
import type { TrustOptions } from '../../client/trust.js';
import { ExtendedErrorCode } from '../../edns-options.js';
import type { Question } from '../../record.js';
import { answered, failed, failedBefore, fresh, type Instant, overloaded, stale } from './answers.js';
import { type Answered, askUpstreams, type ExchangeFunction, type Unanswered } from './asking.js';
import { type ForwardCounts, newCounts } from './counts.js';
import { type FlightLimits, Flights } from './flights.js';
import { KeptCache } from './kept-cache.js';
import { type OwnAddress, refuseOwnAddresses } from './own-address.js';
import type { Resolution, ResolveOptions } from './resolution.js';
import { type Upstream, Upstreams } from './upstreams.js';
import { waitAtMost } from './waiting.js';

export type { Resolution, ResolveOptions } from './resolution.js';

/** How long a client waits before it gets a stale answer, milliseconds (RFC 8767, section 5: client response timer). */
const STALE_AFTER_MS = 1_800;
/** How long after a failure stale answers are given without asking, milliseconds (failure recheck timer, likewise). */
const RECHECK_MS = 30_000;
/** How long a question may take, milliseconds. Clients wait 5 s before they ask again, or give up. */
const DEFAULT_PATIENCE_MS = 4_500;

export interface ForwarderOptions extends FlightLimits {
  /** Resolvers, at least one, all of them good for any question. */
  readonly upstreams: readonly NameServer[];
  /** Where this daemon listens: none of the upstreams may be that. */
  readonly ownAddresses?: readonly OwnAddress[];
  readonly clock: Clock;
  readonly random: Random;
  /** Where the cache survives a restart; without, it does not. */
  readonly store?: CacheStore;
  /** Memory for the cache, bytes; default 64 MiB. */
  readonly maxBytes?: number;
  readonly limits?: Partial<LifetimeLimits>;
  /** Whether an NXDOMAIN counts for names below it (RFC 8020); default true. Off for an upstream that denies what has names below. */
  readonly nxdomainCut?: boolean;
  /** Milliseconds until a question has failed; default 4500. */
  readonly patienceMs?: number;
  /** How upstreams prove who they are. */
  readonly trust?: TrustOptions;
  /** Told of what goes wrong beside the answers: the file cannot be written. */
  readonly onProblem?: (error: unknown) => void;
  readonly exchange?: ExchangeFunction;
}

interface Landed {
  readonly landing: Answered | Unanswered;
  /** Monotonic, when it was kept: until when it may be given again. */
  readonly until: number | undefined;
}

export class Forwarder {
  readonly counts: ForwardCounts = newCounts();
  readonly #options: ForwarderOptions;
  readonly #limits: LifetimeLimits;
  readonly #cache: KeptCache;
  readonly #failures = new Failures();
  readonly #flights: Flights<Landed>;
  readonly #upstreams: Upstreams;
  readonly #connections: Connections;
  readonly #stopping = new AbortController();

  /** Loads the cache. Error: `dns.forward_loop`. */
  constructor(options: ForwarderOptions) {
    refuseOwnAddresses(options.upstreams, options.ownAddresses ?? []);
    const { clock, random, onProblem = () => {} } = options;
    // Each flight listens, and they are bounded.
    setMaxListeners(0, this.#stopping.signal);
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#upstreams = new Upstreams(options.upstreams, random);
    this.#flights = new Flights(options);
    this.#connections = new Connections({ clock, random, ...options.trust });
    this.#cache = new KeptCache({ ...options, onProblem });
    this.#cache.onDrop(() => this.#failures.clear());
  }

  /** Entries in memory. */
  get entries(): number {
    return this.#cache.size;
  }

  /** Memory of the cache, roughly. */
  get bytes(): number {
    return this.#cache.bytes;
  }

  /** Questions that are being asked. */
  get inFlight(): number {
    return this.#flights.inFlight;
  }

  get upstreams(): readonly Upstream[] {
    return this.#upstreams.all;
  }

  /** Rises when a flush dropped entries: what was made of them before is not to be given any more. */
  get generation(): number {
    return this.#cache.generation;
  }

  /** Calls back when {@link generation} rises. Returns what ends that. */
  onDrop(callback: () => void): () => void {
    return this.#cache.onDrop(callback);
  }

  /** What is known without asking anybody; undefined: call {@link resolve}. */
  cached(question: Question, options: ResolveOptions): Resolution | undefined {
    const now = this.#now();
    this.#cache.followFlushes(now.monotonic);
    const key: EntryKey = { question, dnssecOk: options.dnssecOk, checkingDisabled: options.checkingDisabled };
    const found = this.#cache.find(key, now.monotonic);
    if (found?.state === 'fresh') return this.#fresh(found, key, now);
    const failure = this.#failures.find(entryKey(key), now.monotonic);
    if (found !== undefined && (failure !== undefined || now.monotonic < found.slot.recheckAt)) {
      return this.#stale(found, key, now, 'upstream failed just now');
    }
    if (failure === undefined) return undefined;
    this.counts.cachedFailures++;
    return failedBefore(key, failure.extendedErrors, now, failure.until);
  }

  /** Rejects only with the reason of the signal. */
  async resolve(question: Question, options: ResolveOptions): Promise<Resolution> {
    const { clock } = this.#options;
    const { signal } = options;
    signal?.throwIfAborted();
    const known = this.cached(question, options);
    if (known !== undefined) return known;
    const key: EntryKey = { question, dnssecOk: options.dnssecOk, checkingDisabled: options.checkingDisabled };
    this.counts.misses++;
    const hasStale = this.#cache.find(key, this.#now().monotonic)?.state === 'stale';
    const waiting = this.#flights.join(
      entryKey(key),
      () => this.#fly(key),
      (flight) => waitAtMost(flight, { clock, atMostMs: hasStale ? STALE_AFTER_MS : undefined, signal }),
    );
    return waiting === undefined ? this.#withoutRoom(key) : this.#resolution(key, await waiting);
  }

  /** Looks whether another process has flushed the cache. Cheap when nobody has written to the file. */
  checkFlushes(): void {
    this.#cache.checkFlushes();
  }

  /** Writes of the cache to its file that failed. */
  get failedWrites(): number {
    return this.#cache.failedWrites;
  }

  /** Ends what is in flight, writes the cache down, closes connections. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#flights.settled();
    await this.#cache.close();
    await this.#connections.close();
  }

  #fresh(found: Found, key: EntryKey, now: Instant): Resolution | undefined {
    this.#prefetch(found, now);
    const resolution = fresh(found, key, now);
    if (resolution === undefined) return undefined;
    this.counts.hits++;
    if (found.byCut) this.counts.cutHits++;
    return resolution;
  }

  #stale(found: Found, key: EntryKey, now: Instant, why: string): Resolution | undefined {
    const resolution = stale(found, key, now, why);
    if (resolution !== undefined) this.counts.stale++;
    return resolution;
  }

  #prefetch({ slot }: Found, { monotonic }: Instant): void {
    const after = prefetchAfterMs(slot.expiresAt - slot.storedAt);
    if (slot.refreshing || after === undefined || monotonic - slot.storedAt < after) return;
    if (this.#stopping.signal.aborted) return;
    slot.refreshing = this.#flights.send(slot.key, () => this.#fly(slot.entry));
    if (slot.refreshing) this.counts.prefetches++;
  }

  /** Asks, and keeps what comes. Never rejects. */
  async #fly(key: EntryKey): Promise<Landed> {
    const { clock, random, patienceMs = DEFAULT_PATIENCE_MS, onProblem = () => {} } = this.#options;
    const { generation } = this.#cache;
    const { signal } = this.#stopping;
    try {
      const landing = await askUpstreams(key, {
        upstreams: this.#upstreams,
        exchange: this.#options.exchange ?? exchange,
        connections: this.#connections,
        clock,
        random,
        limits: this.#limits,
        patienceMs,
        signal,
        onProblem,
      });
      if (landing.kind === 'unanswered') return this.#noteFailure(key, landing);
      this.#failures.forget(entryKey(key));
      // What was asked before a flush may be what the flush was for.
      return { landing, until: generation === this.#cache.generation ? this.#keep(key, landing) : undefined };
    } catch (error) {
      if (!signal.aborted) onProblem(error);
      const text = signal.aborted ? 'this server is stopping' : 'an error in this server';
      const errors = [{ code: ExtendedErrorCode.OTHER, text }];
      return { landing: { kind: 'unanswered', before: [text], extendedErrors: errors }, until: undefined };
    }
  }

  #noteFailure(key: EntryKey, landing: Unanswered): Landed {
    const { monotonic } = this.#now();
    this.#failures.note(entryKey(key), landing.extendedErrors, monotonic);
    const found = this.#cache.find(key, monotonic);
    if (found?.state === 'stale') found.slot.recheckAt = monotonic + RECHECK_MS;
    return { landing, until: undefined };
  }

  /** Until when it may be given again, monotonic; undefined when it must not be kept. */
  #keep(key: EntryKey, { accepted, upstream, extendedErrors }: Answered): number | undefined {
    const now = this.#now();
    const entry = makeEntry(key, accepted, { upstream, extendedErrors, now: now.wall }, this.#limits);
    if (entry === undefined) return undefined;
    this.#cache.put(entry, accepted.names, now.monotonic);
    const lifeMs = entry.expiresAt - entry.storedAt;
    return now.monotonic + (prefetchAfterMs(lifeMs) ?? lifeMs);
  }

  /** What a client gets that has waited for a flight; undefined: it has waited long enough. */
  #resolution(key: EntryKey, landed: Landed | undefined): Resolution {
    const now = this.#now();
    if (landed?.landing.kind === 'answered') return answered(landed.landing, key, now, landed.until);
    const landing = landed?.landing ?? {
      kind: 'unanswered',
      before: ['no answer from upstream yet'],
      extendedErrors: [],
    };
    const found = this.#cache.find(key, now.monotonic);
    // Meanwhile another flight may have brought an NXDOMAIN of a name above.
    const known = found?.state === 'fresh' ? fresh(found, key, now) : undefined;
    if (known !== undefined) return known;
    const why = landing.before[0] ?? 'upstream failed';
    const old = found?.state === 'stale' ? this.#stale(found, key, now, why) : undefined;
    if (old !== undefined) return old;
    this.counts.failures++;
    return failed(key, landing, now);
  }

  #withoutRoom(key: EntryKey): Resolution {
    const now = this.#now();
    this.counts.overloads++;
    const found = this.#cache.find(key, now.monotonic);
    const old =
      found?.state === 'stale' ? this.#stale(found, key, now, 'too many questions are being asked') : undefined;
    return old ?? overloaded(key, now);
  }

  #now(): Instant {
    const { clock } = this.#options;
    return { wall: clock.now(), monotonic: clock.monotonic() };
  }
}
