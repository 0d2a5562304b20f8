/**
 * What the store knows of a connection beside its socket: a transaction that is being gathered, the keys that it watches.
 *
 *     plain ──MULTI──▶ gathering ──EXEC──▶ running ──▶ plain
 *                          │ a command that is refused: EXEC will refuse, too
 *                          └──DISCARD, RESET──▶ plain
 *
 * Watched keys are compared by their revisions when EXEC comes: each change has another one, and no key is 0. Nobody has to be told of
 * changes, whoever makes them, another process included. A key that was made and removed again in between is as it was, and passes.
 */
import type { ClientState } from '../../../platform/protocol/resp/client-state.js';
import type { CommandEntry } from '../../../platform/protocol/resp/command.js';
import type { Reply } from '../../../platform/protocol/resp/reply.js';
import { type ByteString, byteStringOf } from '../bytes.js';
import type { Call, Cursors, Outcome } from '../redis/command.js';
import type { Database } from '../store/database.js';
import type { Keyspace } from '../store/keyspace.js';
import { KEPT_BESIDE, type KeptMemory, KeptShare, weightOfTexts } from './kept-memory.js';
import type { Waiters } from './waiters.js';

/** What all sessions share. */
export interface SessionHost {
  readonly keyspace: Keyspace;
  readonly waiters: Waiters;
  readonly cursors: Cursors;
  readonly kept: KeptMemory;
  /** Uniform in [0, 1). */
  random(): number;
}

/** What a session needs of its connection. */
export type SessionClient = Pick<ClientState, 'protocol' | 'database' | 'inTransaction' | 'onReset' | 'onLeft'>;

export interface QueuedCommand {
  readonly entry: CommandEntry<ClientState>;
  /** Of one character a byte. */
  readonly args: readonly ByteString[];
}

/** Of a transaction's commands or of watched keys: as much as one connection may keep in memory. Beyond it they are refused. */
const MOST_SHARE_BYTES = 64 * 1024 * 1024;

interface Watched {
  readonly database: number;
  readonly key: ByteString;
  readonly revision: number;
}

export class Session implements Call {
  readonly keyspace: Keyspace;
  readonly cursors: Cursors;
  /** While EXEC runs: commands that would wait are answered as if their time were over. */
  inTransaction = false;
  /** Something was refused since MULTI. */
  refused = false;
  readonly #client: SessionClient;
  readonly #host: SessionHost;
  #queue: QueuedCommand[] | undefined;
  readonly #queuedBytes: KeptShare;
  readonly #watched = new Map<string, Watched>();
  readonly #watchedBytes: KeptShare;

  constructor(client: SessionClient, host: SessionHost) {
    this.#client = client;
    this.#host = host;
    this.keyspace = host.keyspace;
    this.cursors = host.cursors;
    this.#queuedBytes = new KeptShare(host.kept, MOST_SHARE_BYTES);
    this.#watchedBytes = new KeptShare(host.kept, MOST_SHARE_BYTES);
    client.onReset(() => this.end());
    client.onLeft(() => this.end());
  }

  get database(): Database {
    return this.keyspace.database(this.#client.database);
  }

  get protocol(): 2 | 3 {
    return this.#client.protocol;
  }

  random(): number {
    return this.#host.random();
  }

  wait(
    keys: readonly ByteString[],
    timeoutMs: number,
    attempt: (key: ByteString) => Reply | undefined,
    whenOver: Reply,
    atOnce = whenOver,
  ): Outcome {
    if (this.inTransaction) return atOnce;
    const { database } = this.#client;
    return this.#host.waiters.add({ database, keys, timeoutMs, attempt, whenOver });
  }

  /** Between MULTI and EXEC. */
  get gathering(): boolean {
    return this.#queue !== undefined;
  }

  get queued(): readonly QueuedCommand[] {
    return this.#queue ?? [];
  }

  begin(): void {
    this.#queue = [];
    this.#client.inTransaction = true;
    this.refused = false;
  }

  /** Keeps a command for EXEC; false where the transaction has grown too large, or those of all have. */
  enqueue(entry: CommandEntry<ClientState>, given: readonly Buffer[] | readonly ByteString[]): boolean {
    const args = given.map((arg) => (typeof arg === 'string' ? arg : byteStringOf(arg)));
    if (!this.#queuedBytes.take(weightOfTexts(args))) return false;
    this.#queue?.push({ entry, args });
    return true;
  }

  /** Ends the gathering, and the watching with it. */
  end(): void {
    this.#queue = undefined;
    this.#queuedBytes.giveAll();
    this.#client.inTransaction = false;
    this.refused = false;
    this.unwatch();
  }

  /** To be called in a turn. False where more keys would be watched than one connection, or all together, may. */
  watch(keys: readonly ByteString[]): boolean {
    for (const key of keys) {
      const { database } = this.#client;
      const place = `${database} ${key}`;
      if (this.#watched.has(place)) continue;
      if (!this.#watchedBytes.take(key.length + KEPT_BESIDE)) return false;
      this.#watched.set(place, { database, key, revision: this.#revision(database, key) });
    }
    return true;
  }

  unwatch(): void {
    this.#watched.clear();
    this.#watchedBytes.giveAll();
  }

  /** In a turn: whether a watched key has been changed, or its time has come. */
  watchedHaveChanged(): boolean {
    for (const { database, key, revision } of this.#watched.values())
      if (this.#revision(database, key) !== revision) return true;
    return false;
  }

  #revision(database: number, key: ByteString): number {
    return this.keyspace.database(database).find(key)?.revision ?? 0;
  }
}

/** The sessions of the connections, made when a connection first needs one. */
export class Sessions {
  readonly #host: SessionHost;
  readonly #sessions = new WeakMap<object, Session>();

  constructor(host: SessionHost) {
    this.#host = host;
  }

  of(client: SessionClient): Session {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = new Session(client, this.#host);
      this.#sessions.set(client, session);
    }
    return session;
  }
}
