/** What `ds dns query` takes, in one piece: loaded when a query is made. */
export { Asker, DEFAULT_RETRIES, DEFAULT_TIMEOUT_MS, type LookedUp } from './client/asker.js';
export { inOrder } from './client/in-order.js';
export { isMet, readFailOn } from './output/fail-on.js';
export { type QueryRow, QueryView, queryMode, type Shown } from './output/query-view.js';
export { isBatch, type QueryResult, runQueries, sayPlace } from './query-run.js';
export { settingsOfFlags } from './query-words/flags.js';
export {
  type Lookup,
  type QueryLine,
  type QuerySettings,
  readBatchLine,
  readQueryWords,
  splitArguments,
} from './query-words.js';
export { typeName } from './wire.js';
