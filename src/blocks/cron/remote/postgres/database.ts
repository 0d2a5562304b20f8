/**
 * The ledger's database in PostgreSQL: a pool of connections, a transaction on one of them at a time. The first message of each
 * asks for the server's clock along with BEGIN, the last tells of the change along with COMMIT (transaction.ts).
 *
 * Transactions are READ COMMITTED and lock the rows that they decide upon (store/locks.ts): SERIALIZABLE would undo whole claims
 * where two workers only looked at the same rows. What PostgreSQL undoes all the same is run again.
 */
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Clock } from '../../../../platform/clock.js';
import { DsError } from '../../../../platform/errors.js';
import { Changes } from '../../store/changes.js';
import type { ReadOptions, Sql, SqlDatabase, WriteOptions } from '../../store/sql.js';
import { type PostgresAddress, parsePostgresUrl } from './address.js';
import { Batches } from './batch.js';
import { makePool, type TypedPool } from './connect.js';
import { translatePostgresError, wasUndone } from './failures.js';
import { Listener } from './listener.js';
import { migratePostgres } from './migrate.js';
import { ServerClock } from './server-clock.js';
import { Transaction } from './transaction.js';

/** Of a transaction that PostgreSQL has undone. */
const MOST_TRIES = 5;
const DEFAULT_CONNECTIONS = 4;

const CLOCK = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now';

export interface PostgresOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly connections?: number;
  readonly wall?: () => number;
}

/** Errors: `peer.bad_url`, `cron.database_unreachable`, `storage.newer_schema`. */
export async function openPostgres(url: string, options: PostgresOptions): Promise<SqlDatabase> {
  const address = parsePostgresUrl(url);
  options.signal?.throwIfAborted();
  const { pool, types } = await makePool(address, options.connections ?? DEFAULT_CONNECTIONS);
  // Of connections that lie idle: whoever needs one next gets another.
  pool.on('error', ignore);
  const database = new PostgresDatabase({ pool, types }, address, options);
  try {
    await unlessAborted(database.prepare(), options.signal);
    return database;
  } catch (error) {
    // Not waited for: a server that does not answer has a connection under way.
    database.close().catch(() => {});
    throw error;
  }
}

/** Around the statements of a transaction. */
interface Frame {
  /** None: each statement stands for itself. */
  readonly open: readonly string[];
  /** Others are told when something was changed. */
  readonly tells: boolean;
}

interface Done<T> {
  readonly result: T;
  readonly wrote: boolean;
}

/** What was done went by a clock that was wrong, by what the server has answered meanwhile: this machine had slept, for one. */
class ClockStepped extends Error {}

class PostgresDatabase implements SqlDatabase {
  readonly #pool: Pool;
  readonly #batches: Batches;
  readonly #address: PostgresAddress;
  readonly #clock: Clock;
  readonly #server: ServerClock;
  readonly #wall: (() => number) | undefined;
  readonly #changes = new Changes();
  readonly #self = randomUUID();
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor({ pool, types }: TypedPool, address: PostgresAddress, { clock, wall }: PostgresOptions) {
    this.#pool = pool;
    this.#batches = new Batches(types);
    this.#address = address;
    this.#clock = clock;
    this.#server = new ServerClock(clock);
    this.#wall = wall;
  }

  get place(): string {
    return this.#address.place;
  }

  now(): number {
    return this.#wall?.() ?? this.#server.now();
  }

  /** Makes the tables where there are none, and reads the clock. */
  async prepare(): Promise<void> {
    try {
      await this.#withClient((client) => migratePostgres(client, this.#address));
    } catch (error) {
      throw translatePostgresError(error, this.place);
    }
    await this.read(async () => {}, { single: true });
  }

  async write<T>(work: (sql: Sql) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    const open = options.relaxed ? ['BEGIN', 'SET LOCAL synchronous_commit = off'] : ['BEGIN'];
    const { result, wrote } = await this.#untilItStands({ open, tells: !options.quiet }, work);
    if (wrote && !options.quiet) this.#changes.tell();
    return result;
  }

  async read<T>(work: (sql: Sql) => Promise<T>, options: ReadOptions = {}): Promise<T> {
    const open = options.single ? [] : ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'];
    return (await this.#untilItStands({ open, tells: false }, work)).result;
  }

  onChange(listener: () => void): () => void {
    if (this.#closing === undefined) this.#listener ??= this.#listen();
    return this.#changes.on(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #listen(): Listener {
    const tell = () => this.#changes.tell();
    return new Listener({ address: this.#address, clock: this.#clock, self: this.#self, tell });
  }

  async #close(): Promise<void> {
    await this.#listener?.stop();
    await this.#pool.end();
  }

  async #untilItStands<T>(frame: Frame, work: (sql: Sql) => Promise<T>): Promise<Done<T>> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#withClient((client) => this.#transaction(client, frame, work));
      } catch (error) {
        const isWorthAnother = wasUndone(error) || error instanceof ClockStepped;
        if (!isWorthAnother || tries === MOST_TRIES) throw translatePostgresError(error, this.place);
      }
    }
  }

  async #transaction<T>(client: PoolClient, frame: Frame, work: (sql: Sql) => Promise<T>): Promise<Done<T>> {
    const transaction = new Transaction((statements) => this.#batches.send(client, statements));
    for (const text of frame.open) transaction.frame(text);
    const asked = this.#clock.monotonic();
    let stepped = false;
    transaction.frame(CLOCK, ({ rows }) => {
      const [row] = rows as readonly { readonly now: number }[];
      if (row !== undefined) stepped = !this.#server.learn(row.now, asked) && this.#wall === undefined;
    });
    try {
      const result = await work(transaction);
      if (stepped) throw new ClockStepped('the clock was stepped');
      if (transaction.wrote && frame.tells) transaction.frame(`NOTIFY ${this.#address.schema}, '${this.#self}'`);
      if (frame.open.length > 0) transaction.frame('COMMIT');
      await transaction.flush();
      return { result, wrote: transaction.wrote };
    } catch (error) {
      if (leavesConnection(error) && frame.open.length > 0 && transaction.isBegun) await client.query('ROLLBACK');
      throw error;
    }
  }

  /** A connection on which a statement has failed goes no further. */
  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // One that is lost while it is used says so twice: by what waits for an answer, and by an event that would end the process.
    client.on('error', ignore);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(!leavesConnection(error));
      throw error;
    } finally {
      client.off('error', ignore);
    }
  }
}

function ignore(): void {}

/** The work itself was given up; no statement has failed. */
function leavesConnection(error: unknown): boolean {
  return error instanceof DsError || error instanceof ClockStepped;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
