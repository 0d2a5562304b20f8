/** Queries of people on the views (views.ts). Nothing can be changed by one. */
import { openReader, QueryMistake, type QueryRows } from '../../../platform/store/reader.js';
import { blobErrors } from '../errors.js';
import { blobFile } from './schema.js';

/**
 * Runs one statement and hands its rows to `use`, which is done with them when its promise resolves. Errors: `blob.bad_sql`, here and while
 * rows are read, and those of the storage catalogue.
 */
export async function querySql<T>(path: string, sql: string, use: (rows: QueryRows) => T | Promise<T>): Promise<T> {
  const reader = openReader(blobFile, path);
  try {
    return await use(reader.query(sql));
  } catch (error) {
    throw error instanceof QueryMistake ? badSql(error) : error;
  } finally {
    reader.close();
  }
}

function badSql(mistake: QueryMistake) {
  return blobErrors.error('blob.bad_sql', `the query cannot be run: ${mistake.message}`, {
    hint: 'one SELECT on blob_buckets, blob_objects, blob_versions, blob_uploads, blob_parts, blob_chunks or blob_packs',
    cause: mistake,
  });
}
