/** Lines around those that a query selects, of a store: its neighbours in time within the stream. */
import { formatLabels } from '../labels.js';
import type { Entry, LogStore, TimeRange } from '../log-store.js';

export interface ContextRequest extends TimeRange {
  readonly query: string;
  /** Lines. */
  readonly before: number;
  readonly after: number;
  /** Matches at most; absent: all. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** A gap stands between two groups that are not next to each other. */
export type ContextLine = { readonly kind: 'match' | 'context'; readonly entry: Entry } | { readonly kind: 'gap' };

/** Entries of the very instant of a match that are looked through to find it among them. */
const SAME_INSTANT = 1_000;
/** How far from a match its neighbours may be, nanoseconds: a day. */
const REACH = 86_400_000_000_000n;

export async function* storeContext(store: LogStore, request: ContextRequest): AsyncGenerator<ContextLine> {
  const { query, start, end, limit, signal } = request;
  const bounds = { start, end, direction: 'forward' as const, ...(limit !== undefined && { limit }) };
  let isFirst = true;
  for await (const match of store.entries({ query, ...bounds, ...(signal !== undefined && { signal }) })) {
    if (!isFirst) yield { kind: 'gap' };
    isFirst = false;
    const { before, after, original } = await neighbours(store, match, request);
    for (const entry of before) yield { kind: 'context', entry };
    yield { kind: 'match', entry: original };
    for (const entry of after) yield { kind: 'context', entry };
  }
}

interface Neighbours {
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
  /** The match as it is stored. */
  readonly original: Entry;
}

async function neighbours(store: LogStore, match: Entry, request: ContextRequest): Promise<Neighbours> {
  const { timestamp } = match;
  const query = formatLabels(match.stream);
  const ask = (bounds: TimeRange, direction: 'forward' | 'backward', limit: number) =>
    collect(store.entries({ query, ...bounds, direction, limit: limit + SAME_INSTANT }));
  const earlier = await ask({ start: timestamp - REACH, end: timestamp }, 'backward', request.before);
  const later = await ask({ start: timestamp, end: timestamp + REACH }, 'forward', request.after);
  // A query may have formatted the line: then the first of the instant stands for it.
  const found = later.findIndex((entry) => entry.timestamp === timestamp && entry.line === match.line);
  const at = Math.max(0, found);
  const upTo = [...earlier.reverse(), ...later.slice(0, at)];
  return {
    before: request.before === 0 ? [] : upTo.slice(-request.before),
    after: later.slice(at + 1, at + 1 + request.after),
    original: later[at] ?? match,
  };
}

async function collect(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}
