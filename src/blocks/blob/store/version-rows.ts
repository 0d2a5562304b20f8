/** The tables of versions, row by row. What moves rows between them, and counts: versions.ts. Writes run within a write's transaction. */
import type { Store } from '../../../platform/store/store.js';
import { type BucketRow, type ObjectRow, VERSION_COLUMNS, type VersionRow } from './rows.js';

const COLUMNS = `bucket_id, ${VERSION_COLUMNS}`;
const OF_KEY = 'bucket_id = ? AND key = ?';
const OF_RANK = `${OF_KEY} AND rank = ?`;

/** Current versions, or all others and delete markers. */
export type Table = 'object' | 'history';

export class VersionRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  current(bucket: BucketRow, key: string): ObjectRow | undefined {
    return this.#store
      .statement<[number, string], ObjectRow>(`SELECT ${VERSION_COLUMNS} FROM object WHERE ${OF_KEY}`)
      .get(bucket.id, key);
  }

  newestOfHistory(bucket: BucketRow, key: string): VersionRow | undefined {
    return this.#store
      .statement<[number, string], VersionRow>(
        `SELECT ${VERSION_COLUMNS} FROM history WHERE ${OF_KEY} ORDER BY rank LIMIT 1`,
      )
      .get(bucket.id, key);
  }

  /** The one without an identifier; an index finds it. */
  nullOfHistory(bucket: BucketRow, key: string): VersionRow | undefined {
    return this.#store
      .statement<[number, string], VersionRow>(
        `SELECT ${VERSION_COLUMNS} FROM history WHERE ${OF_KEY} AND version_id = ''`,
      )
      .get(bucket.id, key);
  }

  ofHistory(bucket: BucketRow, key: string, rank: number): VersionRow | undefined {
    return this.#store
      .statement<[number, string, number], VersionRow>(`SELECT ${VERSION_COLUMNS} FROM history WHERE ${OF_RANK}`)
      .get(bucket.id, key, rank);
  }

  insert(table: Table, bucket: BucketRow, row: VersionRow): void {
    const { key, rank, version_id, content_id, size, etag, modified_at, attributes } = row;
    this.#store
      .statement<[number, string, number, string, number | null, number, string, number, string | null]>(
        `INSERT INTO ${table} (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(bucket.id, key, rank, version_id, content_id, size, etag, modified_at, attributes);
  }

  delete(table: Table, bucket: BucketRow, { key, rank }: VersionRow): void {
    this.#store.statement<[number, string, number]>(`DELETE FROM ${table} WHERE ${OF_RANK}`).run(bucket.id, key, rank);
  }

  setAttributes(table: Table, bucket: BucketRow, { key, rank }: VersionRow, attributes: string | null): void {
    this.#store
      .statement<[string | null, number, string, number]>(`UPDATE ${table} SET attributes = ? WHERE ${OF_RANK}`)
      .run(attributes, bucket.id, key, rank);
  }
}
