/** Loki's query API: query, query_range, labels, values, series, format_query. */
import type { Clock } from '../../../platform/clock.js';
import { noTotals } from '../entry-source.js';
import type { Labels } from '../labels.js';
import type { Entry } from '../log-store.js';
import type { Call } from './call.js';
import type { QueryKind, TenantLogs } from './logs.js';
import { metricData, StreamsAnswer, statsOf, successOf } from './loki-answers.js';
import { warningsOf } from './loki-warnings.js';
import { badParameter, type Params } from './params.js';
import type { QueryTurns } from './query-turns.js';

const CATEGORIZE = 'categorize-labels';
/** Bytes of entries that a query holds to put them into order; twice what it may answer with. */
export const MOST_HELD = 64 * 1024 * 1024;

export interface QueryParts {
  readonly clock: Clock;
  readonly turns: QueryTurns;
  logsOf(call: Call): TenantLogs;
  /** Error: `log.bad_query`. */
  read(query: string): QueryKind;
}

export class LokiQueries {
  readonly #parts: QueryParts;

  constructor(parts: QueryParts) {
    this.#parts = parts;
  }

  /** At one instant: numbers only, as in Loki. */
  async query(call: Call): Promise<void> {
    const params = await call.params();
    const query = params.required('query');
    if (this.#parts.read(query).kind === 'log') {
      throw badParameter(
        'log queries are not supported as an instant query type, please change your query to a range query type',
      );
    }
    const time = params.time('time') ?? this.#now;
    await this.#parts.turns.take(call, () => this.#metric(call, { query, start: time, end: time }));
  }

  async queryRange(call: Call): Promise<void> {
    const params = await call.params();
    const query = params.required('query');
    const kind = this.#parts.read(query);
    const range = params.range(this.#now);
    if (kind.kind === 'log') await this.#parts.turns.take(call, () => this.#entries(call, params));
    else {
      const request = { query, ...range, step: params.step(range) };
      await this.#parts.turns.take(call, () => this.#metric(call, request));
    }
  }

  async labels(call: Call): Promise<void> {
    const params = await call.params();
    const logs = this.#parts.logsOf(call);
    const range = params.range(this.#now);
    const query = params.text('query');
    await this.#listed(call, async () => {
      if (query === undefined) return logs.labelNames(range);
      return [...new Set((await logs.series([query], range)).flatMap((stream) => Object.keys(stream)))].sort();
    });
  }

  async labelValues(call: Call): Promise<void> {
    const params = await call.params();
    const { name = '' } = call;
    const logs = this.#parts.logsOf(call);
    const range = params.range(this.#now);
    const query = params.text('query');
    await this.#listed(call, async () => {
      if (query === undefined) return logs.labelValues(name, range);
      return [...new Set((await logs.series([query], range)).flatMap((stream) => stream[name] ?? []))].sort();
    });
  }

  async series(call: Call): Promise<void> {
    const params = await call.params();
    const selectors = [...params.all('match[]'), ...params.all('match')];
    const range = params.range(this.#now);
    await this.#listed(call, () => this.#parts.logsOf(call).series(selectors, range));
  }

  async format(call: Call): Promise<void> {
    const params = await call.params();
    call.json({ status: 'success', data: this.#parts.read(params.required('query')).text });
  }

  /** What goes through all streams of a tenant is a query, too. */
  async #listed<T extends string | Labels>(call: Call, list: () => Promise<readonly T[]>): Promise<void> {
    await this.#parts.turns.take(call, async () => call.json(successOf(await list())));
  }

  get #now(): bigint {
    return BigInt(this.#parts.clock.micros()) * 1_000n;
  }

  async #entries(call: Call, params: Params): Promise<void> {
    const flags = String(call.request.headers['x-loki-response-encoding-flags'] ?? '');
    const isCategorized = flags.split(',').some((flag) => flag.trim() === CATEGORIZE);
    const answer = new StreamsAnswer(isCategorized);
    const totals = noTotals();
    const startedAt = this.#parts.clock.monotonic();
    const [limit, interval] = [params.limit(), params.interval()];
    const request = {
      ...params.range(this.#now),
      query: params.required('query'),
      ...(interval === 0n && { limit }),
      direction: params.direction(),
      signal: call.signal,
      mostHeld: MOST_HELD,
    };
    const entries = this.#parts.logsOf(call).entries(request, totals);
    for await (const entry of interval > 0n ? spaced(entries, interval, limit) : entries) answer.add(entry);
    const stats = statsOf(totals, answer.entries, this.#parts.clock.monotonic() - startedAt);
    const encoding = isCategorized ? { encodingFlags: [CATEGORIZE] } : {};
    const warnings = warningsOf(totals);
    call.json({
      status: 'success',
      ...warnings,
      data: { resultType: 'streams', ...encoding, result: answer.streams, stats },
    });
  }

  async #metric(call: Call, request: Parameters<TenantLogs['metric']>[0]): Promise<void> {
    const startedAt = this.#parts.clock.monotonic();
    const { result, totals } = await this.#parts.logsOf(call).metric({ ...request, signal: call.signal });
    const stats = statsOf(totals, 0, this.#parts.clock.monotonic() - startedAt);
    call.json({ status: 'success', ...warningsOf(totals), data: { ...metricData(result), stats } });
  }
}

/** Of entries in order of time those that are `interval` (nanoseconds) away from the one before, and no more than `limit`. */
async function* spaced(entries: AsyncIterable<Entry>, interval: bigint, limit: number): AsyncGenerator<Entry> {
  let last: bigint | undefined;
  let left = limit;
  for await (const entry of entries) {
    const { timestamp } = entry;
    if (last !== undefined && (timestamp > last ? timestamp - last : last - timestamp) < interval) continue;
    last = timestamp;
    yield entry;
    if (--left === 0) return;
  }
}
