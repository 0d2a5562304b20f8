/** Batches that wait for a sink, oldest first. Layout: pipeline-tables.ts. */
import type { Store } from '../../../../platform/store/store.js';

export interface BufferedBatch {
  readonly batch: number;
  readonly bufferedAt: number;
  readonly entries: number;
  /** Of lines, before compression. */
  readonly lineBytes: number;
  readonly data: Buffer;
}

interface Row {
  readonly batch: number;
  readonly buffered_at: number;
  readonly entries: number;
  readonly line_bytes: number;
  readonly bytes: number;
  readonly data: Buffer;
}

/** Of one pipeline, whose agent alone changes it; hence the sums in memory. */
export class Buffers {
  readonly #store: Store;
  readonly #pipeline: number;
  #bytes: number;
  #count: number;
  #entries: number;
  /** The last batch that was there when this was made; 0: there was none. */
  readonly newestAtStart: number;

  constructor(store: Store, pipeline: number) {
    this.#store = store;
    this.#pipeline = pipeline;
    const sums = store.read(() =>
      store
        .statement<[number], { bytes: number; entries: number; count: number; newest: number }>(
          `SELECT coalesce(sum(bytes), 0) AS bytes, coalesce(sum(entries), 0) AS entries, count(*) AS count,
             coalesce(max(batch), 0) AS newest FROM buffers WHERE pipeline = ?`,
        )
        .get(pipeline),
    );
    this.#bytes = sums?.bytes ?? 0;
    this.#count = sums?.count ?? 0;
    this.#entries = sums?.entries ?? 0;
    this.newestAtStart = sums?.newest ?? 0;
  }

  /** As they are on disk. Changed by {@link counted}, after the commit. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Within a transaction. */
  put({ batch, bufferedAt, entries, lineBytes, data }: BufferedBatch): void {
    this.#store
      .statement<[number, number, number, number, number, number, Buffer]>(
        `INSERT INTO buffers (pipeline, batch, buffered_at, entries, line_bytes, bytes, data)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(this.#pipeline, batch, bufferedAt, entries, lineBytes, data.length, data);
  }

  /** Within a transaction. */
  remove(batch: number): void {
    this.#store
      .statement<[number, number]>('DELETE FROM buffers WHERE pipeline = ? AND batch = ?')
      .run(this.#pipeline, batch);
  }

  /** After the commit of a change. */
  counted(change: { readonly batches: number; readonly entries: number; readonly bytes: number }): void {
    this.#count += change.batches;
    this.#entries += change.entries;
    this.#bytes += change.bytes;
  }

  /** Of batches up to the one with this number; undefined where none waits. */
  oldest(upTo: number): BufferedBatch | undefined {
    const row = this.#store.read(() =>
      this.#store
        .statement<[number, number], Row>(
          'SELECT * FROM buffers WHERE pipeline = ? AND batch <= ? ORDER BY batch LIMIT 1',
        )
        .get(this.#pipeline, upTo),
    );
    if (row === undefined) return undefined;
    const { batch, buffered_at: bufferedAt, entries, line_bytes: lineBytes, data } = row;
    return { batch, bufferedAt, entries, lineBytes, data };
  }

  /** The oldest ones that together have at least so many bytes; the one that is being sent is left out. */
  toDrop(bytes: number, sending: number | undefined): { batch: number; entries: number; bytes: number }[] {
    const rows = this.#store.statement<[number, number], { batch: number; entries: number; bytes: number }>(
      'SELECT batch, entries, bytes FROM buffers WHERE pipeline = ? AND batch <> ? ORDER BY batch',
    );
    const chosen: { batch: number; entries: number; bytes: number }[] = [];
    let freed = 0;
    for (const row of rows.iterate(this.#pipeline, sending ?? -1)) {
      if (freed >= bytes) break;
      chosen.push(row);
      freed += row.bytes;
    }
    return chosen;
  }
}
