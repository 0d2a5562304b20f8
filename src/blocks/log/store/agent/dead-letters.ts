/** Entries that a sink refused for good, with the reason. Layout: pipeline-tables.ts. */
import type { Store } from '../../../../platform/store/store.js';

/** Of one pipeline; the oldest go when there are more. */
const MOST_LETTERS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

export interface DeadLetter {
  readonly id: number;
  /** Name of the pipeline. */
  readonly pipeline: string;
  readonly refusedAt: number;
  readonly reason: string;
  readonly entries: number;
  /** A batch (agent/batch/codec.ts). */
  readonly data: Buffer;
}

export interface NewDeadLetter {
  readonly batch: number;
  readonly refusedAt: number;
  readonly reason: string;
  readonly entries: number;
  readonly data: Buffer;
}

/** Within a transaction. Returns how many entries of older letters were thrown away to make room. */
export function addDeadLetter(store: Store, pipeline: number, letter: NewDeadLetter): number {
  const { batch, refusedAt, reason, entries, data } = letter;
  store
    .statement<[number, number, number, string, number, number, Buffer]>(
      'INSERT INTO dead_letters (pipeline, batch, refused_at, reason, entries, bytes, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(pipeline, batch, refusedAt, reason, entries, data.length, data);
  let thrownAway = 0;
  for (;;) {
    const { letters, bytes } = deadLetterSums(store, pipeline);
    if (letters <= 1 || (letters <= MOST_LETTERS && bytes <= MOST_BYTES)) return thrownAway;
    const oldest = store
      .statement<[number], { id: number; entries: number }>(
        'SELECT id, entries FROM dead_letters WHERE pipeline = ? ORDER BY id LIMIT 1',
      )
      .get(pipeline);
    if (oldest === undefined) return thrownAway;
    removeDeadLetter(store, oldest.id);
    thrownAway += oldest.entries;
  }
}

export function deadLetterSums(store: Store, pipeline: number): { letters: number; entries: number; bytes: number } {
  const sums = store
    .statement<[number], { letters: number; entries: number; bytes: number }>(
      `SELECT count(*) AS letters, coalesce(sum(entries), 0) AS entries, coalesce(sum(bytes), 0) AS bytes
       FROM dead_letters WHERE pipeline = ?`,
    )
    .get(pipeline);
  return sums ?? { letters: 0, entries: 0, bytes: 0 };
}

/** Up to `limit` of them after the one with the number `after`, oldest first, of one pipeline or of all. */
export function listDeadLetters(
  store: Store,
  { after = 0, limit, pipeline }: { readonly after?: number; readonly limit: number; readonly pipeline?: string },
): DeadLetter[] {
  return store.read(() =>
    store
      .statement<[number, string | null, string | null, number], DeadLetter>(
        `SELECT d.id, p.name AS pipeline, d.refused_at AS refusedAt, d.reason, d.entries, d.data
         FROM dead_letters d JOIN pipelines p ON p.id = d.pipeline
         WHERE d.id > ? AND (? IS NULL OR p.name = ?) ORDER BY d.id LIMIT ?`,
      )
      .all(after, pipeline ?? null, pipeline ?? null, limit),
  );
}

/** Within a transaction. */
export function removeDeadLetter(store: Store, id: number): void {
  store.statement<[number]>('DELETE FROM dead_letters WHERE id = ?').run(id);
}
