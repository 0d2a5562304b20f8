/** The logs of a `ds log serve` or a Loki, over Loki's HTTP API. */
import type { Clock } from '../../../platform/clock.js';
import type { EntryBatch } from '../entry-batch.js';
import { noTotals, type ScanTotals } from '../entry-source.js';
import type { Labels } from '../labels.js';
import {
  ALL_TIME,
  type Answered,
  type Entry,
  type LogRequest,
  type LogStore,
  type MetricRequest,
  type MetricResult,
  type TimeRange,
} from '../log-store.js';
import { dataOf, labelSets, MOST_WARNINGS, metricOf, streamsOf, textList, warningsIn } from './answers.js';
import type { LokiAnswer, LokiClient, LokiRequest } from './client.js';
import { readRetryAfter } from './http-answer.js';
import { type Page, pages } from './pages.js';
import { pushBodies } from './push.js';
import { tailEntries } from './tail.js';

const API = '/loki/api/v1';
/** Loki then says what of an entry's labels is its stream's, what structured metadata, and what the query extracted. */
const CATEGORIZED = { 'x-loki-response-encoding-flags': 'categorize-labels' };
/** Of a push, when the server is overloaded. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export interface RemoteOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onDropped?: ((count: number) => void) | undefined;
  /** Hears what the server says beside its answers, each text once. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

export class LokiStore implements LogStore {
  readonly #warned = new Set<string>();

  constructor(
    private readonly client: LokiClient,
    private readonly options: RemoteOptions,
  ) {}

  async append(batch: EntryBatch): Promise<void> {
    for await (const body of pushBodies(batch)) await this.#push(body);
  }

  entries(request: LogRequest): AsyncIterable<Entry> {
    return pages(request, (page) => this.#page(request, page));
  }

  async metric({ query, start, end, step, signal }: MetricRequest): Promise<Answered<MetricResult>> {
    const instant = new URLSearchParams({ query, time: String(end) });
    const range = new URLSearchParams({ query, ...bounds({ start, end }), step: secondsOf(step ?? 0n) });
    const [path, params] = step === undefined ? ['query', instant] : ['query_range', range];
    const data = await this.#data({ path: `${API}/${path}`, params, signal: this.#signal(signal) });
    return { result: metricOf(data), totals: totalsOf(data) };
  }

  async labelNames(range: TimeRange): Promise<readonly string[]> {
    return textList(await this.#list('/labels', new URLSearchParams(bounds(range))), 'a label');
  }

  async labelValues(name: string, range: TimeRange): Promise<readonly string[]> {
    const path = `/label/${encodeURIComponent(name)}/values`;
    return textList(await this.#list(path, new URLSearchParams(bounds(range))), 'a value');
  }

  async series(selectors: readonly string[], range: TimeRange): Promise<readonly Labels[]> {
    const params = new URLSearchParams(bounds(range));
    for (const selector of selectors) params.append('match[]', selector);
    return labelSets(await this.#list('/series', params));
  }

  tail(request: { readonly query: string; readonly start: bigint; readonly signal: AbortSignal }) {
    return tailEntries(this.client.endpoint, { ...request, onDropped: this.options.onDropped });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async #page({ query, direction, signal }: LogRequest, { start, end, limit }: Page): Promise<Entry[]> {
    const params = new URLSearchParams({ query, ...bounds({ start, end }), limit: String(limit), direction });
    const request = { path: `${API}/query_range`, params, headers: CATEGORIZED, signal: this.#signal(signal) };
    return streamsOf(await this.#data(request));
  }

  async #list(path: string, params: URLSearchParams): Promise<unknown> {
    return this.#data({ path: `${API}${path}`, params, signal: this.options.signal });
  }

  async #data(request: LokiRequest): Promise<unknown> {
    const answer = await this.client.json(request);
    for (const warning of warningsIn(answer)) {
      if (this.#warned.has(warning) || this.#warned.size === MOST_WARNINGS) continue;
      this.#warned.add(warning);
      this.options.onWarning?.(warning);
    }
    return dataOf(answer);
  }

  /** Tried again while the server says that it has too much to do. */
  async #push(body: Uint8Array): Promise<void> {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const request = { method: 'POST', path: `${API}/push`, headers, body, signal: this.options.signal } as const;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.client.send(request);
      if (answer.status < 300) return;
      if (attempt === ATTEMPTS || !isOverloaded(answer)) throw this.client.refused(answer);
      const wait = readRetryAfter(answer.retryAfter, this.options.clock.now()) ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      await this.options.clock.sleep(Math.min(wait, LONGEST_WAIT_MS), this.options.signal);
    }
  }

  #signal(own: AbortSignal | undefined): AbortSignal | undefined {
    return own ?? this.options.signal;
  }
}

function isOverloaded({ status }: LokiAnswer): boolean {
  return status === 429 || status === 503;
}

/** What an open end is for a server, which takes nothing before 1970: its own bounds may be narrower, and it says so. */
function bounds({ start, end }: TimeRange): { readonly start: string; readonly end: string } {
  const least = start < 0n ? 0n : start;
  return { start: String(least), end: String(end > ALL_TIME.end ? ALL_TIME.end : end) };
}

function secondsOf(nanos: bigint): string {
  return String(Number(nanos) / 1e9);
}

/** As far as the server says: `stats.summary`. */
function totalsOf(data: unknown): ScanTotals {
  const summary = (data as { readonly stats?: { readonly summary?: Readonly<Record<string, unknown>> } }).stats
    ?.summary;
  const number = (name: string) => (typeof summary?.[name] === 'number' ? summary[name] : 0);
  return {
    ...noTotals(),
    bytes: number('totalBytesProcessed'),
    entries: number('totalLinesProcessed'),
  };
}
