/**
 * The ledger's database in PostgreSQL: a pool of connections, a transaction on one of them at a time. The first statement of
 * each asks for the server's clock along with BEGIN, the last tells of the change along with COMMIT.
 *
 * Transactions are READ COMMITTED and lock the rows that they decide upon (store/locks.ts): SERIALIZABLE would undo whole claims
 * where two workers only looked at the same rows. What PostgreSQL undoes all the same is run again.
 */
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient, QueryResult } from 'pg';
import type { Clock } from '../../../../platform/clock.js';
import { Changes } from '../../store/changes.js';
import type { Dialect, RowColumns, Sql, SqlDatabase, SqlValue, WriteOptions } from '../../store/sql.js';
import { type PostgresAddress, parsePostgresUrl } from './address.js';
import { makePool } from './connect.js';
import { isGone, translatePostgresError, wasUndone } from './failures.js';
import { Listener } from './listener.js';
import { migratePostgres } from './migrate.js';
import { ServerClock } from './server-clock.js';

/** Of a transaction that PostgreSQL has undone. */
const MOST_TRIES = 5;
const DEFAULT_CONNECTIONS = 4;

const CLOCK = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now';

const postgres: Dialect = {
  name: 'postgres',
  rows: (parameter, columns) =>
    `(SELECT ${jsonColumns(columns)} FROM jsonb_array_elements(${parameter}::jsonb) AS listed (value))`,
  // An array, and not a join: of the list's length the planner knows nothing, and would rather read a whole table.
  isOneOf: (parameter, type) =>
    `= ANY (ARRAY(SELECT value${type === 'integer' ? '::bigint' : ''} FROM jsonb_array_elements_text(${parameter}::jsonb -> 0)))`,
  lock: (alias) => `FOR NO KEY UPDATE OF ${alias}`,
  lockFree: (alias) => `FOR NO KEY UPDATE OF ${alias} SKIP LOCKED`,
  keep: (alias) => `FOR KEY SHARE OF ${alias}`,
};

function jsonColumns(columns: RowColumns): string {
  return Object.entries(columns)
    .map(([name, type], index) => `(value ->> ${index})${type === 'integer' ? '::bigint' : ''} AS ${name}`)
    .join(', ');
}

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
  const pool = await makePool(address, options.connections ?? DEFAULT_CONNECTIONS);
  // Of connections that lie idle: whoever needs one next gets another.
  pool.on('error', ignore);
  const database = new PostgresDatabase(pool, address, options);
  try {
    await unlessAborted(database.prepare(), options.signal);
    return database;
  } catch (error) {
    // Not waited for: a server that does not answer has a connection under way.
    database.close().catch(() => {});
    throw error;
  }
}

class PostgresDatabase implements SqlDatabase {
  readonly #pool: Pool;
  readonly #address: PostgresAddress;
  readonly #clock: Clock;
  readonly #server: ServerClock;
  readonly #wall: (() => number) | undefined;
  readonly #changes = new Changes();
  readonly #self = randomUUID();
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor(pool: Pool, address: PostgresAddress, { clock, wall }: PostgresOptions) {
    this.#pool = pool;
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
      await this.#transaction('BEGIN READ ONLY', async () => {}, true);
    } catch (error) {
      throw translatePostgresError(error, this.place);
    }
  }

  async write<T>(work: (sql: Sql) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    const begin = options.relaxed ? 'BEGIN; SET LOCAL synchronous_commit = off' : 'BEGIN';
    for (let tries = 1; ; tries++) {
      try {
        const { result, wrote } = await this.#transaction(begin, work, options.quiet ?? false);
        if (wrote && !options.quiet) this.#changes.tell();
        return result;
      } catch (error) {
        if (!wasUndone(error) || tries === MOST_TRIES) throw translatePostgresError(error, this.place);
      }
    }
  }

  async read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      return (await this.#transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work, true)).result;
    } catch (error) {
      throw translatePostgresError(error, this.place);
    }
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

  #transaction<T>(begin: string, work: (sql: Sql) => Promise<T>, quiet: boolean) {
    return this.#withClient(async (client) => {
      const statements = new Statements(client);
      try {
        await this.#begin(client, begin);
        const result = await work(statements);
        const tell = statements.wrote && !quiet ? `NOTIFY ${this.#address.schema}, '${this.#self}'; ` : '';
        await client.query(`${tell}COMMIT`);
        return { result, wrote: statements.wrote };
      } catch (error) {
        // Where the connection is lost it fails, too, and the server has rolled back by itself.
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  }

  async #begin(client: PoolClient, begin: string): Promise<void> {
    const sentAt = this.#clock.monotonic();
    // Several statements in one message have a result each.
    const results: unknown = await client.query(`${begin}; ${CLOCK}`);
    const last = Array.isArray(results) ? (results as QueryResult<{ now: number }>[]).at(-1) : undefined;
    const now = last?.rows[0]?.now;
    if (now !== undefined) this.#server.learn(now, sentAt);
  }

  /** A connection that was lost, or of which nobody knows how it stands, goes no further. */
  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // One that is lost while it is used says so twice: by what waits for an answer, and by an event that would end the process.
    client.on('error', ignore);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(isGone(error));
      throw error;
    } finally {
      client.off('error', ignore);
    }
  }
}

function ignore(): void {}

class Statements implements Sql {
  readonly dialect = postgres;
  readonly #client: PoolClient;
  wrote = false;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async all<Row>(text: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return (await this.#query(text, parameters)).rows as Row[];
  }

  async run(text: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return (await this.#query(text, parameters)).rowCount ?? 0;
  }

  async #query(text: string, parameters: readonly SqlValue[]): Promise<QueryResult> {
    const result = await this.#client.query(text, parameters.map(storable));
    if (result.command !== 'SELECT' && (result.rowCount ?? 0) > 0) this.wrote = true;
    return result;
  }
}

/** PostgreSQL has no NUL in texts. */
function storable(value: SqlValue): SqlValue {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
