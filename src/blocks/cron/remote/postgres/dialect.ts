/** What is said otherwise in PostgreSQL than in SQLite. */
import type { Dialect, RowColumns } from '../../store/sql.js';

export const postgres: Dialect = {
  rows: (parameter, columns) =>
    `(SELECT ${jsonColumns(columns)} FROM jsonb_array_elements(${parameter}::jsonb) AS listed (value))`,
  // An array, and not a join: of the list's length the planner knows nothing, and would rather read a whole table.
  isOneOf: (parameter, type) =>
    `= ANY (ARRAY(SELECT value${type === 'integer' ? '::bigint' : ''} FROM jsonb_array_elements_text(${parameter}::jsonb -> 0)))`,
  lock: (alias) => `FOR NO KEY UPDATE OF ${alias}`,
  lockFree: (alias) => `FOR NO KEY UPDATE OF ${alias} SKIP LOCKED`,
  keep: (alias) => `FOR KEY SHARE OF ${alias}`,
};

function jsonColumns(columns: RowColumns): string {
  return Object.entries(columns)
    .map(([name, type], index) => `(value ->> ${index})${type === 'integer' ? '::bigint' : ''} AS ${name}`)
    .join(', ');
}
