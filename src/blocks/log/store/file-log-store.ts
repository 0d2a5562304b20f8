/** The logs of a tenant in a SQLite file, asked by LogQL in this process. */
import type { DsError } from '../../../platform/errors.js';
import type { EntryBatch } from '../entry-batch.js';
import { noTotals, type ScanTotals } from '../entry-source.js';
import { logErrors } from '../errors.js';
import type { Labels } from '../labels.js';
import type {
  Answered,
  Entry,
  LogRequest,
  LogStore,
  MetricRequest,
  MetricResult,
  Tenant,
  TimeRange,
} from '../log-store.js';
import { compileMatchers, createTailFilter, parseLogSelector, runLogQuery, runMetricQuery } from '../logql/index.js';
import { arrivals } from './arrivals.js';
import type { EntryStore } from './entry-store.js';
import { type IndexStats, readIndexStats } from './index-stats.js';
import { LATEST } from './nanos.js';
import { readTenants } from './totals.js';

export interface TailRequest {
  readonly query: string;
  readonly start: bigint;
  /** Entries of what there is already, the latest ones; absent: all since the start. */
  readonly history?: number;
  readonly signal: AbortSignal;
}

export class FileLogStore implements LogStore {
  readonly #store: EntryStore;
  readonly #tenant: Tenant;
  readonly #now = () => this.#store.clock.now();

  constructor(store: EntryStore, tenant: Tenant) {
    this.#store = store;
    this.#tenant = tenant;
  }

  get damage(): DsError | undefined {
    return this.#store.damage.error;
  }

  append(batch: EntryBatch): Promise<void> {
    return this.#store.append(this.#tenant, batch);
  }

  /** Counts in `totals` what it costs while it goes on. */
  entries({ query, ...request }: LogRequest, totals: ScanTotals = noTotals()): AsyncIterable<Entry> {
    return runLogQuery(this.#store.source(this.#tenant), query, { ...request, now: this.#now }, totals);
  }

  async metric({ query, ...request }: MetricRequest): Promise<Answered<MetricResult>> {
    const totals = noTotals();
    const source = this.#store.source(this.#tenant);
    return { result: await runMetricQuery(source, query, { ...request, now: this.#now }, totals), totals };
  }

  /** Tenants beside this one that have entries. */
  otherTenants(): readonly Tenant[] {
    return readTenants(this.#store.sql).filter((tenant) => tenant !== this.#tenant);
  }

  async labelNames(range: TimeRange): Promise<readonly string[]> {
    const names = new Set<string>();
    this.#eachStream(range, (labels) => {
      for (const name in labels) names.add(name);
    });
    return [...names].sort();
  }

  async labelValues(name: string, range: TimeRange): Promise<readonly string[]> {
    const values = new Set<string>();
    this.#eachStream(range, (labels) => {
      const value = labels[name];
      if (value !== undefined) values.add(value);
    });
    return [...values].sort();
  }

  async series(selectors: readonly string[], range: TimeRange): Promise<readonly Labels[]> {
    const all = selectors.map((selector) => compileMatchers(parseLogSelector(selector).matchers));
    const found: Labels[] = [];
    this.#eachStream(range, (labels) => {
      const isWanted = (matchers: (typeof all)[number]) =>
        matchers.every((matcher) => matcher.matches(labels[matcher.name] ?? ''));
      if (all.length === 0 || all.some(isWanted)) found.push(labels);
    });
    return found;
  }

  /** About how much a selector and a time are. Error: `log.bad_query`. */
  indexStats(selector: string, range: TimeRange, signal: AbortSignal): Promise<IndexStats> {
    const { sql, labels } = this.#store;
    const matchers = compileMatchers(parseLogSelector(selector).matchers);
    return readIndexStats(sql, labels, { ...range, tenant: this.#tenant, matchers, signal });
  }

  /** Error: `log.block_gone` where the reader is minutes behind. */
  async *tail({ query, start, history, signal }: TailRequest): AsyncGenerator<Entry> {
    const filter = createTailFilter(query, this.#now);
    const after = this.#store.state();
    yield* this.#past({ query, start, signal, ...(history !== undefined && { history }) }, after);
    for await (const arrival of arrivals(this.#store, { tenant: this.#tenant, after, signal })) {
      if (arrival.kind === 'lost') throw left();
      yield* filter.entries(arrival.batch);
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async *#past({ query, start, history, signal }: TailRequest, state: number): AsyncGenerator<Entry> {
    if (signal.aborted) return;
    const source = this.#store.source(this.#tenant, state);
    const range = { start, end: LATEST, now: this.#now };
    if (history === undefined) {
      yield* runLogQuery(source, query, { ...range, direction: 'forward' }, noTotals());
      return;
    }
    const latest: Entry[] = [];
    const request = { ...range, limit: history, direction: 'backward' } as const;
    for await (const entry of runLogQuery(source, query, request, noTotals())) latest.push(entry);
    yield* latest.reverse();
  }

  #eachStream(range: TimeRange, visit: (labels: Labels) => void): void {
    const { sql, labels } = this.#store;
    sql.read(() => labels.each(this.#tenant, range, undefined, (_id, of) => visit(of)));
  }
}

function left() {
  return logErrors.error('log.block_gone', 'entries have come and gone before they could be read', {
    hint: 'follow anew; a query still finds them',
  });
}
