/**
 * Statements that travel together, since each way there and back takes longer than what most of them do:
 *
 *     (Parse) Bind Describe Execute   (Parse) Bind Execute   …   Sync  ──▶
 *                    ◀──  RowDescription DataRow … CommandComplete   …   ReadyForQuery
 *
 * A statement is parsed when a connection sees it for the first time, and goes by its name from then on. Where one fails the server
 * leaves out the rest. Of a connection on which that happened nobody knows what it has parsed: it goes no further.
 *
 * The client library has a pipeline of its own, in which each statement has a Sync: as many messages back, and each is sent alone.
 */
import type { Connection, CustomTypesConfig, PoolClient, Submittable } from 'pg';
import type { SqlValue } from '../../store/sql.js';

export interface Statement {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
  /** Its rows are wanted, and not only how many it changed. */
  readonly hasRows: boolean;
}

export interface Answer {
  readonly rows: readonly unknown[];
  /** Rows that were read or changed. */
  readonly count: number;
  readonly changed: boolean;
}

/** What the client library hands on of the server's messages. */
interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}
interface DataRow {
  readonly fields: readonly (string | null)[];
}
interface CommandComplete {
  readonly text: string;
}

/** Names of statements, the same on all connections, and which of them know it already. */
export class Batches {
  readonly #names = new Map<string, string>();
  readonly #parsed = new WeakMap<Connection, Set<string>>();
  readonly #types: CustomTypesConfig;

  constructor(types: CustomTypesConfig) {
    this.#types = types;
  }

  /** An answer for each statement, once all have been carried out; the first error else. */
  send(client: PoolClient, statements: readonly Statement[]): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      const submit = (connection: Connection) => this.#submit(connection, statements);
      client.query(
        new Batch(submit, this.#types, (error, answers) => (error ? reject(error) : resolve(answers ?? []))),
      );
    });
  }

  #submit(connection: Connection, statements: readonly Statement[]): void {
    // All of them leave by one call of the system.
    connection.stream.cork();
    for (const { text, parameters, hasRows } of statements) {
      const name = this.#parse(connection, text);
      connection.bind({ statement: name, values: parameters.map(toWire) }, true);
      if (hasRows) connection.describe({ type: 'P' }, true);
      connection.execute(null, true);
    }
    connection.sync();
    connection.stream.uncork();
  }

  #parse(connection: Connection, text: string): string {
    const name = this.#names.get(text) ?? `s${this.#names.size}`;
    this.#names.set(text, name);
    const parsed = this.#parsed.get(connection) ?? new Set();
    this.#parsed.set(connection, parsed);
    if (!parsed.has(name)) connection.parse({ name, text, types: [] }, true);
    parsed.add(name);
    return name;
  }
}

/** PostgreSQL has no NUL in texts. */
function toWire(value: SqlValue): string | Buffer | null {
  if (value === null) return null;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** As the client library wants a query: it calls these methods with the messages that come. */
class Batch implements Submittable {
  /** Replaced by the client library, which watches over the time that a query takes. */
  callback: (error: unknown, answers?: readonly Answer[]) => void;
  readonly submit: (connection: Connection) => void;
  readonly #types: CustomTypesConfig;
  readonly #answers: Answer[] = [];
  #columns: readonly { readonly name: string; readonly parse: (text: string) => unknown }[] = [];
  #rows: unknown[] = [];

  constructor(submit: (connection: Connection) => void, types: CustomTypesConfig, callback: Batch['callback']) {
    this.submit = submit;
    this.#types = types;
    this.callback = callback;
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#types.getTypeParser(dataTypeID, 'text'),
    }));
  }

  handleDataRow({ fields }: DataRow): void {
    const row: Record<string, unknown> = {};
    this.#columns.forEach(({ name, parse }, index) => {
      const text = fields[index];
      row[name] = text === null || text === undefined ? null : parse(text);
    });
    this.#rows.push(row);
  }

  /** `SELECT 3`, `INSERT 0 3`, `COMMIT`. */
  handleCommandComplete({ text }: CommandComplete): void {
    const count = Number(/\d+$/.exec(text)?.[0] ?? 0);
    this.#answers.push({ rows: this.#rows, count, changed: count > 0 && !text.startsWith('SELECT') });
    this.#rows = [];
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#answers);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }
}
