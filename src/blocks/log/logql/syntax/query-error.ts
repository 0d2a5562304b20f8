/** What is wrong with a query, and where: `parse error at line 1, col 5: …`, in Loki's words. */
import type { DsError } from '../../../../platform/errors.js';
import { logErrors } from '../../errors.js';

export interface Place {
  /** Both count from 1; columns are UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

/** Makes (does not throw) the error. */
export function queryError(message: string, place?: Place): DsError {
  const where = place === undefined ? 'parse error' : `parse error at line ${place.line}, col ${place.column}`;
  return logErrors.error('log.bad_query', `${where}: ${message}`, {
    hint: `ds log query '{app="shop"} |= "error"'`,
    ...(place !== undefined && { details: { line: place.line, column: place.column } }),
  });
}

/** An error of a part of the query that has its own language (a regular expression, a template), with its place in the query. */
export function partError(part: string, error: unknown, place?: Place): DsError {
  return queryError(`invalid ${part}: ${error instanceof Error ? error.message : String(error)}`, place);
}
