/** The logs that the daemon serves: the store on a file, asked through the query engine. */

import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { DaemonContext } from '../../../platform/daemon/block.js';
import { blockDatabase } from '../../../platform/paths.js';
import type { EntryBatch } from '../entry-batch.js';
import type { ScanTotals } from '../entry-source.js';
import { logErrors } from '../errors.js';
import type { Labels } from '../labels.js';
import type { Answered, Entry, LogRequest, MetricRequest, MetricResult, Tenant, TimeRange } from '../log-store.js';
import {
  compileMatchers,
  createTailFilter,
  parseLogSelector,
  parseQuery,
  printQuery,
  runLogQuery,
  runMetricQuery,
} from '../logql/index.js';
import { arrivals } from '../store/arrivals.js';
import { maintain } from '../store/maintenance.js';
import { readTotals } from '../store/totals.js';
import { type EntryStore, openEntryStore } from '../store.js';
import { ALL_TIME, type LogFigures, type Logs, type QueryKind, type TailRequest, type TenantLogs } from './logs.js';
import type { Setup } from './setup.js';

/** Errors: those of the store. */
export function openStoredLogs(setup: Setup, { clock, home, logger }: DaemonContext): StoredLogs {
  const path = resolve(setup.options.db ?? blockDatabase(home, 'log'));
  return new StoredLogs(openEntryStore({ path, clock }), path, setup, logger);
}

export class StoredLogs implements Logs {
  readonly path: string;
  readonly #store: EntryStore;
  readonly #setup: Setup;
  readonly #logger: Logger;

  constructor(store: EntryStore, path: string, setup: Setup, logger: Logger) {
    this.#store = store;
    this.path = path;
    this.#setup = setup;
    this.#logger = logger;
  }

  tenant(name: Tenant): TenantLogs {
    return new StoredTenantLogs(this.#store, name);
  }

  append(tenant: Tenant, batch: EntryBatch): Promise<void> {
    return this.#store.append(tenant, batch);
  }

  figures(): LogFigures {
    return readTotals(this.#store.sql);
  }

  /** Merges small blocks and removes what is too old or too much, until the signal. */
  keepUp(signal: AbortSignal): Promise<void> {
    const { keepMs, mostBytes } = this.#setup;
    const logger = this.#logger;
    return maintain(this.#store, {
      ...{ keepMs, mostBytes, signal },
      onRemoved: (removed) => logger.info({ ...removed }, 'entries were removed by --keep or --max-size'),
      onTrouble: (err) => logger.error({ err }, 'compaction or retention met a problem; it tries again in time'),
    });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** Stages behind which an entry has labels of its line. */
const PARSERS: ReadonlySet<string> = new Set(['json', 'logfmt', 'pattern', 'regexp', 'unpack', 'labelFormat']);

/** Error: `log.bad_query`. */
export function readQuery(text: string): QueryKind {
  const query = parseQuery(text);
  const parses = query.kind === 'log' && query.stages.some(({ kind }) => PARSERS.has(kind));
  return { kind: query.kind === 'log' ? 'log' : 'metric', parses, text: printQuery(query) };
}

class StoredTenantLogs implements TenantLogs {
  readonly #store: EntryStore;
  readonly #tenant: Tenant;

  constructor(store: EntryStore, tenant: Tenant) {
    this.#store = store;
    this.#tenant = tenant;
  }

  entries({ query, ...request }: LogRequest, totals: ScanTotals): AsyncIterable<Entry> {
    return runLogQuery(this.#store.source(this.#tenant), query, request, totals);
  }

  async metric({ query, ...request }: MetricRequest): Promise<Answered<MetricResult>> {
    const totals = { blocks: 0, skippedBlocks: 0, bytes: 0, entries: 0 };
    return { result: await runMetricQuery(this.#store.source(this.#tenant), query, request, totals), totals };
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

  async *tail({ query, start, history, signal }: TailRequest): AsyncGenerator<Entry> {
    const filter = createTailFilter(query);
    const tenant = this.#tenant;
    const after = this.#store.state();
    const past = { start, end: ALL_TIME.end, limit: history, direction: 'backward', signal } as const;
    const totals = { blocks: 0, skippedBlocks: 0, bytes: 0, entries: 0 };
    const latest: Entry[] = [];
    for await (const entry of runLogQuery(this.#store.source(tenant, after), query, past, totals)) latest.push(entry);
    yield* latest.reverse();
    for await (const arrival of arrivals(this.#store, { tenant, after, signal })) {
      if (arrival.kind === 'lost') {
        throw logErrors.error('log.overloaded', 'entries have come and gone before they could be sent; follow anew');
      }
      yield* filter.entries(arrival.batch);
    }
  }

  #eachStream(range: TimeRange, visit: (labels: Labels) => void): void {
    const { sql, labels } = this.#store;
    sql.read(() => labels.each(this.#tenant, range, undefined, (_id, of) => visit(of)));
  }
}
