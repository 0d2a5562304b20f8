/** What one run of the agent has done: the totals of its pipelines at the end, less those at its start. */
import type { Store } from '../../../platform/store/store.js';
import { REFUSED, readCounts, sumOf } from '../store/agent/counts.js';

/** Of one pipeline, in one run. */
export interface Shipped {
  readonly name: string;
  /** Files of which something was read; what is no file is none. */
  readonly files: number;
  readonly lines: number;
  /** Of lines that no step has left out. */
  readonly bytes: number;
  /** Entries that the sink has acknowledged; those of buffers that were there before, too. */
  readonly delivered: number;
  /** Entries that steps have left out, or a full buffer. */
  readonly dropped: number;
  /** Entries that the sink has refused for good, dead letters that were sent again, too. */
  readonly refused: number;
  /** Entries that wait in the buffer. */
  readonly waiting: number;
}

interface Totals {
  readonly lines: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly refused: number;
  readonly waiting: number;
  /** Bytes that were read of each file, by its number. */
  readonly files: ReadonlyMap<number, number>;
}

const NOTHING: Totals = { lines: 0, bytes: 0, delivered: 0, dropped: 0, refused: 0, waiting: 0, files: new Map() };

/** To be made before anything is shipped. */
export class ShippedSince {
  readonly #store: Store;
  readonly #before: ReadonlyMap<string, Totals>;

  constructor(store: Store) {
    this.#store = store;
    this.#before = totalsOf(store);
  }

  /** Of these pipelines, until now. */
  of(names: readonly string[]): Shipped[] {
    const now = totalsOf(this.#store);
    return names.map((name) => difference(name, this.#before.get(name) ?? NOTHING, now.get(name) ?? NOTHING));
  }
}

function difference(name: string, before: Totals, after: Totals): Shipped {
  return {
    name,
    files: [...after.files].filter(([number, read]) => read > (before.files.get(number) ?? 0)).length,
    lines: after.lines - before.lines,
    bytes: after.bytes - before.bytes,
    delivered: after.delivered - before.delivered,
    dropped: after.dropped - before.dropped,
    refused: after.refused - before.refused,
    waiting: after.waiting,
  };
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly dropped: string;
  readonly waiting: number;
}

function totalsOf(store: Store): Map<string, Totals> {
  return store.view(() => {
    const rows = store
      .statement<[], Row>(
        `SELECT id, name, read_lines AS lines, read_bytes AS bytes, delivered_entries AS delivered, dropped,
           (SELECT coalesce(sum(entries), 0) FROM buffers b WHERE b.pipeline = p.id) AS waiting
         FROM pipelines p`,
      )
      .all();
    return new Map(
      rows.map(({ id, name, dropped, ...row }) => {
        const { [REFUSED]: refused = 0, ...others } = readCounts(dropped);
        return [name, { ...row, dropped: sumOf(others), refused, files: filesOf(store, id) }];
      }),
    );
  });
}

function filesOf(store: Store, pipeline: number): ReadonlyMap<number, number> {
  const files = store
    .statement<[number], { number: number; read: number }>(
      'SELECT number, offset - begun AS read FROM files WHERE pipeline = ?',
    )
    .all(pipeline);
  return new Map(files.map(({ number, read }) => [number, read]));
}
