/**
 * The little of a database that the transactions of the ledger are written to, so that SQLite and PostgreSQL share them:
 *
 *     store/*.ts      one transaction each, portable SQL, parameters $1 …
 *         │ Sql
 *     SqlDatabase ──┬─ store/sqlite.ts        one connection, transactions one after the other (BEGIN IMMEDIATE)
 *                   └─ remote/postgres/*.ts   a pool; row locks keep apart what SQLite does one after the other
 *
 * The rule that makes both right: whoever changes the runs of a job locks the row of the job before (locks.ts), and reads what
 * it decides upon after that. On SQLite the lock clauses are empty, since a transaction has the file for itself.
 *
 * Work may be run again from its start, when PostgreSQL had to undo it, and may therefore await nothing but `sql`.
 */
export type SqlValue = string | number | Uint8Array | null;

/** Columns of a list of rows that travels as one JSON parameter, in the order of its values. */
export type RowColumns = Readonly<Record<string, 'integer' | 'text'>>;

/** What differs between the two. */
export interface Dialect {
  /** A table expression over a parameter (`$1`) that {@link rowsOf} made. */
  rows(parameter: string, columns: RowColumns): string;
  /** A condition on what stands before it: is one of a list in a parameter that {@link listOf} made. */
  isOneOf(parameter: string, type: 'integer' | 'text'): string;
  /** Ends a SELECT: its rows of this alias stay as they are until the transaction ends. Waits for others' locks. */
  lock(alias: string): string;
  /** The same; rows that others have locked are left out. */
  lockFree(alias: string): string;
  /** Its rows may be changed by others, but are not deleted until the transaction ends. */
  keep(alias: string): string;
}

export interface Sql {
  readonly dialect: Dialect;
  all<Row>(text: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** How many rows were changed. */
  run(text: string, parameters?: readonly SqlValue[]): Promise<number>;
  /**
   * Changes rows before whatever is asked for next, or before the transaction ends; nobody waits for its answer. To PostgreSQL it goes
   * in one message with that, as does what is asked for without waiting for each other: `Promise.all([sql.all(…), sql.all(…)])`.
   */
  later(text: string, parameters?: readonly SqlValue[]): void;
}

export interface WriteOptions {
  /** What was written concerns nobody who waits for a change. */
  readonly quiet?: boolean;
  /** May be lost with the power; not with the process. */
  readonly relaxed?: boolean;
}

export interface ReadOptions {
  /** It is a single statement, or several that need not see the same state. */
  readonly single?: boolean;
}

export interface SqlDatabase {
  /** What it is, for people: never with a password. */
  readonly place: string;
  /** All of `work` or nothing, durable when the promise resolves. */
  write<T>(work: (sql: Sql) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** Reads that see one state. */
  read<T>(work: (sql: Sql) => Promise<T>, options?: ReadOptions): Promise<T>;
  /** Milliseconds since the epoch, of the clock that all who share the database go by. */
  now(): number;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** The first row, where there is one. */
export async function first<Row>(
  sql: Sql,
  text: string,
  parameters: readonly SqlValue[] = [],
): Promise<Row | undefined> {
  const [row] = await sql.all<Row>(text, parameters);
  return row;
}

/** A parameter for {@link Dialect.rows}. PostgreSQL's JSON has neither NUL nor halves of characters. */
export function rowsOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return JSON.stringify(rows, (_key, value) =>
    typeof value === 'string' ? value.replace(/[\0\p{Surrogate}]/gu, '\uFFFD') : value,
  );
}

export function inIntegers(sql: Sql, parameter: string): string {
  return sql.dialect.isOneOf(parameter, 'integer');
}

export function inTexts(sql: Sql, parameter: string): string {
  return sql.dialect.isOneOf(parameter, 'text');
}

/** A parameter for {@link inIntegers} and {@link inTexts}. */
export function listOf(values: readonly (string | number)[]): string {
  return rowsOf([values]);
}
