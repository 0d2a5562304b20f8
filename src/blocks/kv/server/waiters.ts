/**
 * Clients that wait for a list or a sorted set: BLPOP and its kin.
 *
 *     wait ──▶ waiting ──a key of its changes, the command that changed it is over──▶ attempt ──a reply──▶ answered
 *                 │ ▲                                                                    │
 *                 │ └──────────────────────────nothing for this one──────────────────────┘
 *                 └── its time is over, CLIENT UNBLOCK ──▶ answered;  the client leaves ──▶ forgotten
 *
 * Who waits for a key is served in the order of arrival, keys in the order in which they changed, and all of it within the turn of the
 * change: what a client is given is committed together with what was put there, and no other command comes between. An answer may
 * change a list for which others wait (BLMOVE): they are served, too, before the turn goes on.
 *
 * A list that is not empty has nobody waiting for it, so that one look at each change is enough; changes of other processes come
 * through the journal.
 */
import type { Clock } from '../../../platform/clock.js';
import { errorReplyOf } from '../../../platform/protocol/resp/errors.js';
import { error, type Reply } from '../../../platform/protocol/resp/reply.js';
import { Waiting } from '../../../platform/protocol/resp/waiting.js';
import type { ByteString } from '../bytes.js';
import { refusal } from '../errors.js';
import type { Keyspace } from '../store/keyspace.js';
import { type KeptMemory, weightOfTexts } from './kept-memory.js';
import { isRefusal } from './refusals.js';

export interface WaitRequest {
  readonly database: number;
  readonly keys: readonly ByteString[];
  /** Milliseconds; 0: without end. */
  readonly timeoutMs: number;
  /** Tries to get the answer from the key that has changed, in a writing turn; undefined: not from this one. */
  attempt(key: ByteString): Reply | undefined;
  /** The answer when the time is over. */
  readonly whenOver: Reply;
}

/** A client that waits: the answer of its command until there is one. */
export class KeyWaiter extends Waiting {
  /** Ends the timer. */
  readonly timer = new AbortController();

  constructor(readonly request: WaitRequest) {
    super();
  }
}

const UNBLOCKED = error('UNBLOCKED', 'client unblocked via CLIENT UNBLOCK');

/** Of one client: each is looked up, and held, by itself. */
const MOST_KEYS = 16_384;

/** A key of a database, as one text. */
const placeOf = (database: number, key: ByteString): string => `${database} ${key}`;

export class Waiters {
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  /** Sets keep the order of arrival. */
  readonly #byPlace = new Map<string, Set<KeyWaiter>>();
  readonly #waiters = new Set<KeyWaiter>();
  readonly #kept: KeptMemory;
  /** Keys with waiters that changed since the last {@link serve}, in the order in which they did. */
  readonly #ready = new Map<string, { readonly database: number; readonly key: ByteString }>();
  /** All keys may have changed, which is looked at once: FLUSHALL tells so of each database. */
  #allReady = false;

  constructor(keyspace: Keyspace, clock: Clock, kept: KeptMemory) {
    this.#keyspace = keyspace;
    this.#kept = kept;
    this.#clock = clock;
    keyspace.onCollection = (database, key) => this.#changed(database, key);
    keyspace.onFlush = () => {
      this.#allReady = true;
    };
  }

  /** Clients that wait now. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Whether {@link serve} has something to do. */
  get ready(): boolean {
    return this.#allReady || this.#ready.size > 0;
  }

  /**
   * A client waits from now on. What this returns must be the handler's answer; else
   * `leave` is to be called, or what comes for the key goes to nobody. Error: the keys of all who wait take too much memory.
   */
  add(request: WaitRequest): KeyWaiter {
    if (request.keys.length > MOST_KEYS) throw refusal('ERR', `a client waits for at most ${MOST_KEYS} keys`);
    if (!this.#kept.take(weightOfTexts(request.keys))) throw refusal('ERR', 'clients wait for too many keys');
    const waiter = new KeyWaiter(request);
    for (const key of request.keys) {
      const place = placeOf(request.database, key);
      const waiters = this.#byPlace.get(place);
      if (waiters === undefined) this.#byPlace.set(place, new Set([waiter]));
      else waiters.add(waiter);
    }
    this.#waiters.add(waiter);
    waiter.onLeft = () => this.forget(waiter);
    waiter.onUnblock = (how) => this.#answer(waiter, how === 'timeout' ? request.whenOver : UNBLOCKED);
    if (request.timeoutMs > 0) void this.#watchTime(waiter);
    return waiter;
  }

  /** It waits no more and gets no answer from here. */
  forget(waiter: KeyWaiter): void {
    const { database, keys } = waiter.request;
    if (!this.#waiters.delete(waiter)) return;
    this.#kept.give(weightOfTexts(keys));
    for (const key of keys) {
      const place = placeOf(database, key);
      const waiters = this.#byPlace.get(place);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#byPlace.delete(place);
    }
    waiter.timer.abort();
  }

  /**
   * Answers those whose keys have changed. To be called within a turn, when a command is over, but not within a transaction. What it
   * throws is an error of the store: the turn is to be undone, and whoever was answered in it gets the error.
   */
  serve(): void {
    if (this.#allReady) this.#allChanged();
    if (this.#ready.size === 0) return;
    // What an answer changes is added at the end while this goes on.
    for (const [place, { database, key }] of this.#ready) {
      this.#ready.delete(place);
      try {
        this.#serveKey(place, database, key);
      } catch (failure) {
        // Another process's change is there all the same, and will not be told a second time.
        this.#ready.set(place, { database, key });
        throw failure;
      }
    }
  }

  #changed(database: number, key: ByteString): void {
    if (this.#waiters.size === 0) return;
    if (this.#allReady) this.#allChanged();
    const place = placeOf(database, key);
    if (this.#byPlace.has(place) && !this.#ready.has(place)) this.#ready.set(place, { database, key });
  }

  /** Other databases are in the place of those that were: SWAPDB. */
  #allChanged(): void {
    this.#allReady = false;
    for (const { request } of this.#waiters) for (const key of request.keys) this.#changed(request.database, key);
  }

  #serveKey(place: string, number: number, key: ByteString): void {
    const database = this.#keyspace.database(number);
    for (const waiter of this.#byPlace.get(place) ?? []) {
      if (database.find(key) === undefined) return;
      // Not before: where nothing is to be given, reads go on, whatever is wrong with the file.
      this.#keyspace.enter('write');
      const reply = attempted(waiter.request, key);
      if (reply !== undefined) this.#answer(waiter, reply);
    }
  }

  #answer(waiter: KeyWaiter, reply: Reply): void {
    this.forget(waiter);
    waiter.answer(reply);
  }

  async #watchTime(waiter: KeyWaiter): Promise<void> {
    const { timeoutMs, whenOver } = waiter.request;
    try {
      await this.#clock.sleep(timeoutMs, waiter.timer.signal);
    } catch {
      return;
    }
    if (!waiter.timer.signal.aborted) this.#answer(waiter, whenOver);
  }
}

function attempted(request: WaitRequest, key: ByteString): Reply | undefined {
  try {
    return request.attempt(key);
  } catch (failure) {
    if (!isRefusal(failure)) throw failure;
    return errorReplyOf(failure);
  }
}
