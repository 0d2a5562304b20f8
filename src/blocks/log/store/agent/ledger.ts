/** The ledger: which bytes of a file became which entries, and what became of those. Layout: pipeline-tables.ts. */
import type { Store } from '../../../../platform/store/store.js';
import { type Counts, mergeCounts, REFUSED, readCounts } from './counts.js';

/** Bytes of one file that went the same way. */
export interface LedgerRange {
  readonly file: number;
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  /** Handed on to the sink. */
  readonly entries: number;
  /** Entries that were not, by reason. */
  readonly dropped: Counts;
}

interface Row {
  readonly file: number;
  readonly from_offset: number;
  readonly to_offset: number;
  readonly lines: number;
  readonly entries: number;
  readonly dropped: string;
  readonly first_batch: number;
  readonly last_batch: number;
  readonly acknowledged_at: number | null;
}

const COLUMNS = 'file, from_offset, to_offset, lines, entries, dropped, first_batch, last_batch, acknowledged_at';

/** Of one pipeline. All but reading runs within a transaction of the caller's. */
export class Ledger {
  readonly #store: Store;
  readonly #pipeline: number;

  constructor(store: Store, pipeline: number) {
    this.#store = store;
    this.#pipeline = pipeline;
  }

  /** Adds what was read. `acknowledgedAt`, milliseconds: absent while the batch waits. */
  add(range: LedgerRange, batch: number, acknowledgedAt?: number): void {
    const row: Row = {
      file: range.file,
      from_offset: range.from,
      to_offset: range.to,
      lines: range.lines,
      entries: range.entries,
      dropped: JSON.stringify(range.dropped),
      first_batch: batch,
      last_batch: batch,
      acknowledged_at: acknowledgedAt ?? null,
    };
    this.#put(acknowledgedAt === undefined ? this.#joinWaiting(row) : this.#join(row));
  }

  /** The batch has arrived, but for the entries with these indexes (rising), which were refused for good. */
  acknowledge(batch: number, now: number, refused: readonly number[] = []): void {
    let before = 0;
    for (const row of this.#waiting(batch)) {
      const here = refused.filter((index) => index >= before && index < before + row.entries).length;
      before += row.entries;
      this.#settle(row, here, REFUSED, now);
    }
  }

  /** The whole batch was thrown away. */
  drop(batch: number, reason: string, now: number): void {
    for (const row of this.#waiting(batch)) this.#settle(row, row.entries, reason, now);
  }

  /** Up to where a file was read without a gap at its end; undefined where nothing was. */
  endOf(file: number): number | undefined {
    return this.#before(file, Number.MAX_SAFE_INTEGER)?.to_offset;
  }

  /** In the order in which the entries of a batch are: by file and offset. */
  #waiting(batch: number): Row[] {
    return this.#store
      .statement<[number, number], Row>(
        `SELECT ${COLUMNS} FROM ledger WHERE pipeline = ? AND first_batch = ? AND acknowledged_at IS NULL
         ORDER BY file, from_offset`,
      )
      .all(this.#pipeline, batch);
  }

  #settle(row: Row, lost: number, reason: string, now: number): void {
    this.#remove(row);
    const dropped = lost === 0 ? row.dropped : JSON.stringify(mergeCounts(readCounts(row.dropped), { [reason]: lost }));
    this.#put(this.#join({ ...row, entries: row.entries - lost, dropped, acknowledged_at: now }));
  }

  /** The row together with acknowledged neighbours, which are removed. */
  #join(row: Row): Row {
    let joined = row;
    const before = this.#before(row.file, row.from_offset);
    if (before !== undefined && before.to_offset === row.from_offset && before.acknowledged_at !== null) {
      this.#remove(before);
      joined = union(before, joined);
    }
    const after = this.#at(row.file, row.to_offset);
    if (after !== undefined && after.acknowledged_at !== null) {
      this.#remove(after);
      joined = union(joined, after);
    }
    return joined;
  }

  /** The row together with the one before it where both are of the same waiting batch. */
  #joinWaiting(row: Row): Row {
    const before = this.#before(row.file, row.from_offset);
    const isNeighbour = before?.to_offset === row.from_offset && before.acknowledged_at === null;
    if (before === undefined || !isNeighbour || before.first_batch !== row.first_batch) return row;
    this.#remove(before);
    return union(before, row);
  }

  #before(file: number, offset: number): Row | undefined {
    return this.#store
      .statement<[number, number, number], Row>(
        `SELECT ${COLUMNS} FROM ledger WHERE pipeline = ? AND file = ? AND from_offset < ?
         ORDER BY from_offset DESC LIMIT 1`,
      )
      .get(this.#pipeline, file, offset);
  }

  #at(file: number, offset: number): Row | undefined {
    return this.#store
      .statement<[number, number, number], Row>(
        `SELECT ${COLUMNS} FROM ledger WHERE pipeline = ? AND file = ? AND from_offset = ?`,
      )
      .get(this.#pipeline, file, offset);
  }

  #put(row: Row): void {
    this.#store
      .statement<[number, number, number, number, number, number, string, number, number, number | null]>(
        `INSERT INTO ledger (pipeline, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.#pipeline,
        row.file,
        row.from_offset,
        row.to_offset,
        row.lines,
        row.entries,
        row.dropped,
        row.first_batch,
        row.last_batch,
        row.acknowledged_at,
      );
  }

  #remove({ file, from_offset }: Row): void {
    this.#store
      .statement<[number, number, number]>('DELETE FROM ledger WHERE pipeline = ? AND file = ? AND from_offset = ?')
      .run(this.#pipeline, file, from_offset);
  }
}

function union(first: Row, second: Row): Row {
  return {
    ...second,
    from_offset: first.from_offset,
    lines: first.lines + second.lines,
    entries: first.entries + second.entries,
    dropped: JSON.stringify(mergeCounts(readCounts(first.dropped), readCounts(second.dropped))),
    first_batch: Math.min(first.first_batch, second.first_batch),
    last_batch: Math.max(first.last_batch, second.last_batch),
    acknowledged_at: second.acknowledged_at,
  };
}
