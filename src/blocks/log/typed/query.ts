/**
 * What is asked, as people type it: LogQL, or a bare text, which is short for the lines that have it.
 *
 *     error               {} |= "error"
 *     "connection reset"  {} |= "connection reset"
 *     {app="shop"} …      as it stands; so is what begins with a function of LogQL: sum by (app) (rate(…))
 */
import { quote } from '../logql/syntax/quote.js';

/** Of LogQL: a query that begins with one of these words and a parenthesis (or by, or without) is no bare text. */
const FUNCTIONS = [
  ...['rate', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'absent_over_time', 'rate_counter'],
  ...['sum', 'avg', 'min', 'max', 'first', 'last', 'stddev', 'stdvar', 'quantile'].map((name) => `${name}_over_time`),
  ...['sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar', 'topk', 'bottomk', 'sort', 'sort_desc', 'approx_topk'],
  ...['vector', 'label_replace'],
];
const NAMES = FUNCTIONS.join('|');
const METRIC = new RegExp(`^[\\s(]*(?:${NAMES})\\s*(?:\\(|by\\b|without\\b)`);
/** `2 * rate(…)` */
const NUMBER_FIRST = new RegExp(`^[\\s(]*[+-]?\\d.*\\b(?:${NAMES})\\s*\\(`, 's');
const SELECTOR = /^[\s(]*\{/;
const COMMENTS = /^(?:\s*#.*\n)+/;

const NANOS_PER_SECOND = 1_000_000_000n;

/** Every entry of every stream. */
const EVERYTHING = '{}';

/** LogQL of what was typed. */
export function readQuery(typed: string): string {
  if (isMetricQuery(typed) || SELECTOR.test(typed.replace(COMMENTS, ''))) return typed;
  return typed === '' ? EVERYTHING : containing(typed);
}

/** Entries that have this text in their line. */
function containing(text: string): string {
  return `${EVERYTHING} |= ${quote(text)}`;
}

/** Whether the answer is numbers. */
export function isMetricQuery(typed: string): boolean {
  const text = typed.replace(COMMENTS, '');
  return METRIC.test(text) || NUMBER_FIRST.test(text);
}

/**
 * Grafana's variables, written out: `$__range` is all of the time that is asked about, `$__interval` what lies between two points. In
 * nanoseconds; at least a second.
 */
export function withVariables(
  query: string,
  { range, step }: { readonly range: bigint; readonly step: bigint },
): string {
  const seconds = (nanos: bigint) =>
    `${nanos < NANOS_PER_SECOND ? 1n : (nanos + NANOS_PER_SECOND - 1n) / NANOS_PER_SECOND}s`;
  return query
    .replace(/\$__range\b|\$\{__range\}/g, () => seconds(range))
    .replace(/\$__(?:interval|auto)\b|\$\{__(?:interval|auto)\}/g, () => seconds(step));
}
