/** The base of every block's `sql`: one SELECT of people on a block's file, and its rows as a table, as tabs or as JSON. */
import type { QueryRows, SqlValue } from '../store/reader.js';
import { type Column, DsCommand } from './command.js';
import { readInput } from './input.js';
import { mostShown, SCREENFUL } from './screenful.js';
import { leaveSignalsToSystem } from './signals.js';

/** Rows that are written at once. */
const BATCH = 500;
/** Of a query. */
const MOST_BYTES = 1 << 20;

type Row = readonly SqlValue[];

export abstract class SqlCommand extends DsCommand {
  /** `-` reads it from stdin. */
  protected async readQuery(typed: string): Promise<string> {
    return typed === '-' ? readInput('-', MOST_BYTES) : typed;
  }

  /** SQLite runs in this thread, and a query may be without an end: meanwhile it is the system that ends the process at a signal. */
  protected async show(result: QueryRows, limit: number | undefined): Promise<void> {
    const handleSignals = leaveSignalsToSystem();
    try {
      await this.#show(result, limit);
    } finally {
      handleSignals();
    }
  }

  async #show({ columns, rows }: QueryRows, limit: number | undefined): Promise<void> {
    const isScreen = this.out.isTerminal && !this.out.json;
    const most = mostShown(limit, this.out);
    let batch: Row[] = [];
    let shown = 0;
    for (const row of rows) {
      if (shown === most) {
        if (limit === undefined) this.out.note(`there are more; --limit N shows more than ${SCREENFUL}`);
        break;
      }
      shown++;
      batch.push(row);
      if (isScreen || batch.length < BATCH) continue;
      await this.#write(columns, batch);
      batch = [];
    }
    await this.#write(columns, batch);
  }

  async #write(names: readonly string[], rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.out.json) {
      for (const row of rows) this.out.item(Object.fromEntries(names.map((name, i) => [name, row[i]])), '');
    } else {
      const columns = names.map((header, i): Column<Row> => ({ header, value: (row) => cell(row[i]) }));
      this.out.table(columns, rows);
    }
    await this.out.bytes('');
  }
}

function cell(value: SqlValue | undefined): string | number | bigint | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value ?? undefined;
}
