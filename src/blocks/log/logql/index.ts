/**
 * LogQL over any source of entries (entry-source.ts).
 *
 *     text ──▶ syntax/ ──▶ plan.ts: matchers and required texts ──▶ source
 *                └──────▶ pipeline/, template/: stages as functions      │ batches
 *                                      engine/: entries in order of time ◀┤
 *                                      metric/: points of series         ◀┘
 */
export { runLogQuery } from './engine/run-logs.js';
export { createTailFilter } from './engine/tail.js';
export { type FieldType, typeOfValue } from './field-type.js';
export { isMadeByQuery, LineFieldReader } from './line-fields.js';
export { runMetricQuery } from './metric/run-metric.js';
export { compileMatchers, isSelective } from './plan.js';
export { parseLogSelector, parseQuery } from './syntax/parser.js';
export { printQuery } from './syntax/print.js';
