/** The journal: a row for each turn that changed something. */
import type { Store } from '../../../platform/store/store.js';
import { kvErrors } from '../errors.js';
import { decodeRecords, type JournalRecord } from './records.js';

/** Of the records of a turn: a row is read whole by each process, and texts end at 512 MB. */
const MOST_TURN_BYTES = 128 * 1024 * 1024;

export interface JournalRow {
  /** Of the last record. */
  readonly revision: number;
  /** When it was committed, milliseconds since the epoch. */
  readonly at: number;
  /** Keys of each database after it, then those that have a time. */
  readonly sizes: readonly number[];
  readonly records: readonly JournalRecord[];
}

interface StoredRow {
  readonly revision: number;
  readonly at: number;
  readonly sizes: string;
  readonly records: Buffer;
}

export class Journal {
  readonly #store: Store;
  #pending = '';
  /** Of rows written or read since this was set to 0: what is to be folded. */
  unfoldedBytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Of the present turn. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** Error: `kv.turn_too_large`; the turn is to be undone. */
  add(record: string): void {
    if (this.#pending.length + record.length > MOST_TURN_BYTES)
      throw kvErrors.error('kv.turn_too_large', `a transaction writes at most ${MOST_TURN_BYTES} bytes`);
    this.#pending += record;
  }

  drop(): void {
    this.#pending = '';
  }

  /** Writes the turn's row. Returns whether there was anything to write. */
  append(revision: number, at: number, sizes: readonly number[]): boolean {
    if (this.#pending === '') return false;
    this.unfoldedBytes += this.#pending.length;
    const sql = 'INSERT INTO journal (revision, at, sizes, records) VALUES (?, ?, ?, ?)';
    this.#store
      .statement<[number, number, string, Buffer]>(sql)
      .run(revision, at, sizes.join(' '), Buffer.from(this.#pending, 'latin1'));
    this.#pending = '';
    return true;
  }

  /** All rows behind a revision, or undefined where some of them are gone already. */
  since(revision: number): JournalRow[] | undefined {
    const forgotten = this.#store
      .statement<[], { value: number }>("SELECT value FROM standing WHERE name = 'forgotten'")
      .get();
    if (forgotten !== undefined && forgotten.value > revision) return undefined;
    return [...this.rows(revision, Number.MAX_SAFE_INTEGER)];
  }

  /** Rows behind a revision, at most `limit`, in order. */
  *rows(revision: number, limit: number): Generator<JournalRow> {
    const sql = 'SELECT revision, at, sizes, records FROM journal WHERE revision > ? ORDER BY revision LIMIT ?';
    for (const row of this.#store.statement<[number, number], StoredRow>(sql).all(revision, limit)) {
      const { at, sizes, records } = row;
      this.unfoldedBytes += records.length;
      yield {
        revision: row.revision,
        at,
        sizes: sizes.split(' ').map(Number),
        records: decodeRecords(records, row.revision),
      };
    }
  }

  /** The revision of the first row's first record, or one behind the last revision; roughly: its last record's. */
  first(): number {
    return (
      this.#store.statement<[], { first: number | null }>('SELECT min(revision) AS first FROM journal').get()?.first ??
      0
    );
  }

  /** Of the rows behind `since`: the newest revision that is not among the last `bytes` of them; 0 where all are. */
  beyond(bytes: number, since: number): number {
    const sql = `SELECT revision FROM (SELECT revision, sum(length(records)) OVER (ORDER BY revision DESC) AS total FROM journal WHERE revision > ?)
      WHERE total > ? ORDER BY revision DESC LIMIT 1`;
    return this.#store.statement<[number, number], { revision: number }>(sql).get(since, bytes)?.revision ?? 0;
  }

  /** Removes rows up to a revision, some of them; whether there are more. */
  forget(upTo: number, limit: number): boolean {
    const sql =
      'DELETE FROM journal WHERE revision IN (SELECT revision FROM journal WHERE revision <= ? ORDER BY revision LIMIT ?)';
    return this.#store.statement<[number, number]>(sql).run(upTo, limit).changes === limit;
  }
}
