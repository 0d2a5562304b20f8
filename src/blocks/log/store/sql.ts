/** Queries of people on entries and on the views (views.ts). Nothing can be changed by one. */
import { openReader, QueryMistake, type QueryRows } from '../../../platform/store/reader.js';
import { openStore } from '../../../platform/store/store.js';
import { logErrors } from '../errors.js';
import { Damage } from './damage.js';
import { logFile } from './schema.js';
import { entriesTable } from './sql-entries.js';
import { StreamLabels } from './stream-labels.js';

/**
 * Runs one statement and hands its rows to `use`, which is done with them when its promise resolves. Errors: `log.bad_sql`, here and while
 * rows are read, `log.damaged_block` at the end, where blocks were left out, and those of the storage catalogue.
 */
export async function querySql<T>(path: string, sql: string, use: (rows: QueryRows) => T | Promise<T>): Promise<T> {
  const reader = openReader(logFile, path);
  try {
    // The reader has seen that the file is there, and of this version: nothing is made by this.
    const entries = openStore(logFile, { path, closing: 'leave' });
    try {
      const damage = new Damage();
      reader.addTable('log_entries', entriesTable(entries, new StreamLabels(entries), damage));
      const result = await use(reader.query(sql));
      if (damage.error !== undefined) throw damage.error;
      return result;
    } finally {
      entries.close();
    }
  } catch (error) {
    throw error instanceof QueryMistake ? badSql(error) : error;
  } finally {
    reader.close();
  }
}

function badSql(mistake: QueryMistake) {
  return logErrors.error('log.bad_sql', `the query cannot be run: ${mistake.message}`, {
    hint: 'one SELECT on log_entries, log_streams, log_blocks or log_tenants',
    cause: mistake,
  });
}
