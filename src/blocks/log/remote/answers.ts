/** What Loki answers, read: each shape is checked, because a server is somebody else's. */
import { logErrors } from '../errors.js';
import { emptyLabels, type Labels, NO_LABELS } from '../labels.js';
import type { Entry, MetricResult, Series } from '../log-store.js';

/** Of an answer, and of all answers together. */
export const MOST_WARNINGS = 10;
const LONGEST_WARNING = 500;

type Json = Readonly<Record<string, unknown>>;

/** What stands under `data` of `{status: "success", data: …}`. Error: `log.bad_answer`. */
export function dataOf(answer: unknown): unknown {
  const { status, data } = object(answer, 'the answer');
  if (status !== 'success') throw bad('the answer has no "status": "success"');
  return data;
}

/** What a server says beside an answer that is not whole; of its first few. */
export function warningsIn(answer: unknown): readonly string[] {
  const { warnings } = object(answer, 'the answer');
  if (!Array.isArray(warnings)) return [];
  return warnings
    .slice(0, MOST_WARNINGS)
    .filter((warning) => typeof warning === 'string')
    .map((warning) => warning.slice(0, LONGEST_WARNING));
}

export function textList(data: unknown, what: string): readonly string[] {
  // Loki leaves the list out where it is empty.
  return list(data ?? [], what).map((item) => text(item, what));
}

export function labelSets(data: unknown): readonly Labels[] {
  return list(data ?? [], 'the series').map((item) => labels(item, 'a series'));
}

/** Entries of `resultType: "streams"`, stream by stream. Error: `log.bad_answer`. */
export function streamsOf(data: unknown): Entry[] {
  const { resultType, result } = object(data, 'the data');
  if (resultType !== 'streams') throw bad(`the answer is ${JSON.stringify(resultType)}, not streams`);
  return streamEntries(result);
}

/** The list of streams that queries and tails have in common. */
export function streamEntries(result: unknown): Entry[] {
  const entries: Entry[] = [];
  for (const item of list(result ?? [], 'the streams')) {
    const { stream, values } = object(item, 'a stream');
    const own = labels(stream ?? {}, 'a stream');
    for (const value of list(values, 'the values of a stream')) entries.push(entry(own, value));
  }
  return entries;
}

/** `["1700000000000000000", "the line", {structuredMetadata: {…}, parsed: {…}}]`; the third only where it was asked for. */
function entry(stream: Labels, value: unknown): Entry {
  const [time, line, more] = list(value, 'an entry');
  return { timestamp: nanos(time), line: text(line, 'a line'), labels: withMore(stream, more), stream };
}

function withMore(stream: Labels, more: unknown): Labels {
  if (more === undefined) return stream;
  const { structuredMetadata, parsed } = object(more, 'what an entry carries');
  const all = emptyLabels();
  Object.assign(all, stream, labels(structuredMetadata ?? {}, 'metadata'), labels(parsed ?? {}, 'labels'));
  return all;
}

/** Error: `log.bad_answer`. */
export function metricOf(data: unknown): MetricResult {
  const { resultType, result } = object(data, 'the data');
  if (resultType === 'scalar') {
    const [timestamp, value] = point(result);
    return { kind: 'scalar', timestamp, value };
  }
  if (resultType === 'vector' || resultType === 'matrix') {
    const series = list(result ?? [], 'the series').map((item) => seriesOf(item, resultType));
    return { kind: resultType, series };
  }
  throw bad(`the answer is ${JSON.stringify(resultType)}, not numbers`);
}

function seriesOf(item: unknown, kind: 'vector' | 'matrix'): Series {
  const { metric, value, values } = object(item, 'a series');
  const points = kind === 'vector' ? [point(value)] : list(values, 'the points of a series').map(point);
  return {
    labels: labels(metric ?? {}, 'a series'),
    timestamps: points.map(([timestamp]) => timestamp),
    values: points.map(([, number]) => number),
  };
}

/** `[1700000000.123, "42"]` → milliseconds and a number. */
function point(item: unknown): readonly [number, number] {
  const [time, value] = list(item, 'a point');
  if (typeof time !== 'number') throw bad('a point has no time');
  const shown = text(value, 'a value');
  return [Math.round(time * 1000), shown === '+Inf' ? Infinity : shown === '-Inf' ? -Infinity : Number(shown)];
}

function nanos(value: unknown): bigint {
  const given = typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  if (given !== undefined && BigInt.asIntN(64, given) === given) return given;
  throw bad(`the time of an entry is ${JSON.stringify(value)?.slice(0, 40)}, not nanoseconds`);
}

function labels(value: unknown, what: string): Labels {
  const given = object(value, `the labels of ${what}`);
  const names = Object.keys(given);
  if (names.length === 0) return NO_LABELS;
  const read = emptyLabels();
  for (const name of names) read[name] = text(given[name], `a label of ${what}`);
  return read;
}

function object(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw bad(`${what} is no object`);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw bad(`${what} is no list`);
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw bad(`${what} is no text`);
}

function bad(what: string) {
  return logErrors.error('log.bad_answer', `the server did not answer as Loki does: ${what}`, {
    hint: 'look at what the URL names: curl -i URL/loki/api/v1/status/buildinfo',
  });
}
