/**
 * The ledger's database in a SQLite file. What is asked for within one turn of the event loop is one transaction and one flush,
 * which a thread of the pool waits for (platform/store/wal-flush.ts) while the next transactions are made:
 *
 *     turn n:   write(a) write(b) read(c)      setImmediate:   BEGIN IMMEDIATE
 *                                                              SAVEPOINT a RELEASE   SAVEPOINT b ROLLBACK TO   c
 *                                                              COMMIT ──▶ flush ──▶ a and c resolve, b had rejected
 *
 * Each piece of work is async only in form: every statement has its answer at once, so that the whole transaction passes in
 * microtasks, and no timer or socket gets in between.
 */
import type { Clock } from '../../../platform/clock.js';
import { closedError, translateStorageError } from '../../../platform/store/errors.js';
import { openStore, type Store } from '../../../platform/store/store.js';
import { WalFlush } from '../../../platform/store/wal-flush.js';
import { Changes } from './changes.js';
import { cronFile } from './schema.js';
import type { Dialect, RowColumns, Sql, SqlDatabase, SqlValue, WriteOptions } from './sql.js';

/** How often to look whether another process has changed the file. A look takes 9 µs. */
const LOOK_EVERY_MS = 100;
/** Under way at a time. One more would not begin sooner: the disk takes them one after the other. */
const MOST_FLUSHES = 2;

export interface SqliteOptions {
  /** Made, with its folder, when there is none. */
  readonly path: string;
  readonly clock: Clock;
  /** For a command that ends by `process.exit`: the WAL is left where it is. */
  readonly oneShot?: boolean;
}

const sqlite: Dialect = {
  rows: (parameter, columns) => `(SELECT ${jsonColumns(columns)} FROM json_each(${parameter}))`,
  isOneOf: (parameter) => `IN (SELECT value FROM json_each(${parameter}, '$[0]'))`,
  lock: () => '',
  lockFree: () => '',
  keep: () => '',
};

function jsonColumns(columns: RowColumns): string {
  return Object.keys(columns)
    .map((name, index) => `value ->> ${index} AS ${name}`)
    .join(', ');
}

interface Task {
  readonly writes: boolean;
  readonly options: WriteOptions;
  execute(sql: Sql): Promise<void>;
  /** When it is durable. */
  settle(): void;
  fail(error: unknown): void;
}

/** Errors: those of the storage catalogue. */
export function openSqlite(options: SqliteOptions): SqlDatabase {
  const store = openStore(cronFile, { path: options.path, closing: options.oneShot ? 'leave' : 'checkpoint' });
  return new SqliteDatabase(store, options.clock);
}

class SqliteDatabase implements SqlDatabase {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #sql: Sql;
  readonly #changes = new Changes();
  readonly #flush: WalFlush;
  readonly #flushes = new Set<Promise<void>>();
  /** Something was written in the present transaction. */
  #wrote = false;
  #queue: Task[] = [];
  #draining: Promise<void> | undefined;
  #looking: AbortController | undefined;
  #closed = false;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#flush = new WalFlush(store.path);
    this.#sql = statementsOf(store, () => {
      this.#wrote = true;
    });
  }

  get place(): string {
    return this.#store.path;
  }

  now(): number {
    return this.#clock.now();
  }

  write<T>(work: (sql: Sql) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    return this.#enqueue(work, true, options);
  }

  read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#enqueue(work, false, {});
  }

  onChange(listener: () => void): () => void {
    const stop = this.#changes.on(listener);
    if (this.#looking === undefined && !this.#closed) this.#startLooking();
    return () => {
      stop();
      if (!this.#changes.wanted) this.#stopLooking();
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopLooking();
    await this.#draining;
    await Promise.all(this.#flushes);
    this.#flush.close();
    this.#store.close();
  }

  #enqueue<T>(work: (sql: Sql) => Promise<T>, writes: boolean, options: WriteOptions): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#store.path));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push(taskOf(work, writes, options, resolve, reject));
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      if (this.#flushes.size === MOST_FLUSHES) await Promise.race(this.#flushes);
      await this.#carryOut(this.#queue.splice(0));
    }
    this.#draining = undefined;
  }

  async #carryOut(group: readonly Task[]): Promise<void> {
    const writers = group.filter(({ writes }) => writes);
    this.#wrote = false;
    try {
      if (writers.length === 0) await this.#store.viewSteps(() => this.#executeAll(group));
      else await this.#store.writeSteps(() => this.#executeAll(group), { sync: 'normal' });
    } catch (error) {
      for (const task of group) task.fail(error);
      return;
    }
    if (this.#wrote && writers.some(({ options }) => !options.quiet)) this.#changes.tell();
    if (this.#wrote && !writers.every(({ options }) => options.relaxed)) this.#startFlush(group);
    else for (const task of group) task.settle();
  }

  #startFlush(group: readonly Task[]): void {
    const flushed = new Promise<void>((resolve) => {
      this.#flush.flush((failure) => {
        this.#flushes.delete(flushed);
        for (const task of group) {
          if (failure === undefined) task.settle();
          else task.fail(failure);
        }
        resolve();
      });
    });
    this.#flushes.add(flushed);
  }

  async #executeAll(group: readonly Task[]): Promise<void> {
    for (const task of group) {
      this.#store.statement('SAVEPOINT task').run();
      try {
        await task.execute(this.#sql);
      } catch (error) {
        // After a full disk or an I/O error SQLite has undone the whole transaction, the other tasks included.
        if (!this.#store.inTransaction) throw error;
        this.#store.statement('ROLLBACK TO task').run();
        task.fail(translateStorageError(error, this.place));
      }
      this.#store.statement('RELEASE task').run();
    }
  }

  #startLooking(): void {
    const looking = new AbortController();
    this.#looking = looking;
    this.#look(looking.signal).catch(() => {
      // The file cannot be read: whoever uses it next is told why.
    });
  }

  #stopLooking(): void {
    this.#looking?.abort();
    this.#looking = undefined;
  }

  async #look(signal: AbortSignal): Promise<void> {
    let known = this.#store.dataVersion();
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
      const version = this.#store.dataVersion();
      if (version !== known) this.#changes.tell();
      known = version;
    }
  }
}

function statementsOf(store: Store, wrote: () => void): Sql {
  const bind = (parameters: readonly SqlValue[]) =>
    Object.fromEntries(parameters.map((value, index) => [index + 1, value]));
  const change = (text: string, parameters: readonly SqlValue[] = []) => {
    const statement = store.statement<unknown[]>(text);
    const { changes } = parameters.length === 0 ? statement.run() : statement.run(bind(parameters));
    if (changes > 0) wrote();
    return changes;
  };
  return {
    dialect: sqlite,
    async all<Row>(text: string, parameters: readonly SqlValue[] = []) {
      const statement = store.statement<unknown[], Row>(text);
      if (!statement.readonly) wrote();
      return parameters.length === 0 ? statement.all() : statement.all(bind(parameters));
    },
    run: async (text, parameters = []) => change(text, parameters),
    later: change,
  };
}

function taskOf<T>(
  work: (sql: Sql) => Promise<T>,
  writes: boolean,
  options: WriteOptions,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Task {
  let settle: () => void = () => {};
  return {
    writes,
    options,
    execute: async (sql) => {
      const result = await work(sql);
      settle = () => resolve(result);
    },
    settle: () => settle(),
    fail: reject,
  };
}
