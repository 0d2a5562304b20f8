/**
 * Queries that people write, on a block's file. Nothing can be changed by them: the connection is read-only, and takes single statements
 * that return rows.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { addonPath } from './addon.js';
import { closedError, missingFileError, storageErrors, translateStorageError } from './errors.js';
import { keep } from './keep.js';
import { isCurrent, type StoreDefinition } from './migrate.js';
import { DEFAULT_BUSY_TIMEOUT_MS } from './pragmas.js';

export type SqlValue = string | number | bigint | null | Uint8Array;

export interface QueryRows {
  readonly columns: readonly string[];
  /** Read while they are asked for: they see one state of the file, and keep its log from being shortened. */
  readonly rows: IterableIterator<readonly SqlValue[]>;
}

/**
 * Rows that are computed, under a name that queries use like that of a table. SQLite asks for them while it runs a query, on a connection that
 * can do nothing else meanwhile: whoever needs the file for them opens it once more.
 */
export interface ComputedTable {
  readonly columns: readonly string[];
  /** Hidden columns: given as `name = value`, or in order as arguments of the table, `name(value, …)`. */
  readonly parameters: readonly string[];
  /** One row after the other, in order of the columns; what a query does not give comes as undefined or NULL. */
  rows(...given: (SqlValue | undefined)[]): Iterable<readonly SqlValue[]>;
}

/** What is wrong is the query, and not the file. Lower case, as errors of a catalogue are. */
export class QueryMistake extends Error {
  override readonly name = 'QueryMistake';
}

/** Result codes that are about what was asked, and not about the file. */
const MISTAKES = /^SQLITE_(ERROR|READONLY|TOOBIG|MISMATCH|RANGE|CONSTRAINT|AUTH|MISUSE)/;

export class StoreReader {
  readonly #db: Database.Database;
  readonly #path: string;
  /** Of queries whose rows were not read to the end: SQLite closes nothing that is being read. */
  readonly #open = new Set<IterableIterator<SqlValue[]>>();
  #closed = false;

  constructor(db: Database.Database, path: string) {
    this.#db = db;
    this.#path = path;
  }

  /** Integers beyond 2^53 come as bigint. Errors: {@link QueryMistake}, here and while rows are read; those of the storage catalogue. */
  query(sql: string): QueryRows {
    if (this.#closed) throw closedError(this.#path);
    const statement = this.#attempt(() => keep(this.#db.prepare<[], SqlValue[]>(sql)));
    if (!statement.reader || !statement.readonly)
      throw new QueryMistake('the statement would change something, or returns no rows');
    statement.raw(true).safeIntegers(true);
    const columns = statement.columns().map(({ name }) => name);
    const rows = statement.iterate();
    this.#open.add(rows);
    return { columns, rows: this.#rows(rows) };
  }

  /** For queries of this reader alone; what it throws comes to who reads the rows. */
  addTable(name: string, { columns, parameters, rows }: ComputedTable): void {
    this.#db.table(name, {
      columns: [...columns],
      parameters: [...parameters],
      safeIntegers: true,
      // Views and triggers of a file that came from elsewhere may not use it.
      directOnly: true,
      *rows(...given: unknown[]) {
        for (const row of rows(...(given as (SqlValue | undefined)[]))) yield [...row];
      },
    });
  }

  /** Ends what is being read. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const rows of this.#open) rows.return?.();
    this.#db.close();
  }

  *#rows(rows: IterableIterator<SqlValue[]>): IterableIterator<readonly SqlValue[]> {
    try {
      for (;;) {
        const { done, value } = this.#attempt(() => rows.next());
        if (done) return;
        yield value.map(plainInteger);
      }
    } finally {
      this.#open.delete(rows);
      rows.return?.();
    }
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const isMistake = error instanceof Database.SqliteError ? MISTAKES.test(error.code) : error instanceof RangeError;
      if (isMistake && error instanceof Error) throw new QueryMistake(lowerFirst(error.message), { cause: error });
      throw translateStorageError(error, this.#path);
    }
  }
}

/** Of a file that is there, and has the latest schema. Errors: those of the storage catalogue. */
export function openReader(definition: StoreDefinition, given: string): StoreReader {
  const path = resolve(given);
  if (!existsSync(path)) throw missingFileError(path);
  let db: Database.Database | undefined;
  try {
    const nativeBinding = addonPath();
    const timeout = DEFAULT_BUSY_TIMEOUT_MS;
    db = keep(
      new Database(path, { readonly: true, timeout, ...(nativeBinding === undefined ? {} : { nativeBinding }) }),
    );
    if (!isCurrent(db, path, definition))
      throw storageErrors.error('storage.cannot_open', `${path} was not written by this version of ds yet`, {
        hint: `any other command of ds ${definition.block} brings it up to date`,
        details: { path },
      });
    // Nothing that a crafted file has in its views and triggers is run.
    db.exec('PRAGMA query_only = ON; PRAGMA trusted_schema = OFF');
    return new StoreReader(db, path);
  } catch (error) {
    db?.close();
    throw translateStorageError(error, path);
  }
}

function plainInteger(value: SqlValue): SqlValue {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function lowerFirst(text: string): string {
  return /^[A-Z](?![A-Z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
