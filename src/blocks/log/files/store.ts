/**
 * Files as something that can be asked like the store, with no server and nothing written anywhere.
 *
 *     log queries      one family: in the order of its lines; several: merged by time, each in its own order; one reading
 *     metric queries   in order of time, so that windows can be closed: a reading ahead for the times (time-map.ts), then the query
 *     tail             what is appended to the newest file of each family
 */
import type { Clock } from '../../../platform/clock.js';
import type { DsError } from '../../../platform/errors.js';
import { present } from '../../../platform/present.js';
import { noTotals } from '../entry-source.js';
import { logErrors } from '../errors.js';
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
import { runLogQuery, runMetricQuery } from '../logql/index.js';
import type { ContextLine, ContextRequest } from '../report/context.js';
import { fileContext } from './context.js';
import { type FileContext, FileSource, streamLabels } from './file-source.js';
import { FollowedSource } from './followed-source.js';
import type { LogFile } from './log-file.js';
import { mergeByTime } from './merge.js';
import { newest } from './newest.js';
import { type Spooled, spool } from './spool.js';
import { TimeMap } from './time-map.js';
import { type MappedFamily, TimedFileSource } from './timed-source.js';

export class FileLogs implements LogStore {
  #mapped: Promise<readonly MappedFamily[]> | undefined;
  readonly #spooled: Spooled[] = [];
  readonly #now = () => this.clock.now();

  constructor(
    private readonly families: readonly (readonly LogFile[])[],
    private readonly fileContext: FileContext,
    private readonly clock: Clock,
  ) {}

  /** Of the first file that could not be read to its end. */
  get damage(): DsError | undefined {
    return this.families.flat().find(({ damage }) => damage !== undefined)?.damage;
  }

  async append(): Promise<void> {
    throw logErrors.error('log.bad_target', 'entries cannot be appended to files of logs', {
      hint: 'they go into a store: ds log ship FILE',
    });
  }

  entries(request: LogRequest): AsyncIterable<Entry> {
    return request.direction === 'forward'
      ? this.#forward(request)
      : newest(this.#forward(withoutLimit(request)), request.limit);
  }

  async metric({ query, start, end, step, signal }: MetricRequest): Promise<Answered<MetricResult>> {
    const totals = noTotals();
    const source = new TimedFileSource(await this.#timeMaps(), this.fileContext);
    const request = { ...present({ start, end, step, signal }), now: this.#now };
    return { result: await runMetricQuery(source, query, request, totals), totals };
  }

  /** From the first entry of all files to behind the last; undefined where there is none. Files are read for it, stdin is kept. */
  async span(): Promise<TimeRange | undefined> {
    const spans = (await this.#timeMaps()).flatMap(({ map }) => map.span ?? []);
    const [first] = spans;
    if (first === undefined) return undefined;
    let { start, end } = first;
    for (const span of spans) {
      if (span.start < start) start = span.start;
      if (span.end > end) end = span.end;
    }
    return { start, end };
  }

  async labelNames(): Promise<readonly string[]> {
    return ['filename'];
  }

  async labelValues(name: string): Promise<readonly string[]> {
    return (await this.series()).flatMap((labels) => labels[name] ?? []).sort();
  }

  async series(): Promise<readonly Labels[]> {
    return this.families.flat().map(streamLabels);
  }

  /** What is written from now on, behind what a query of these files has read; `start` is left to that query. */
  tail({ query, signal }: { readonly query: string; readonly signal: AbortSignal }): AsyncIterable<Entry> {
    // What comes from stdin has been read to its end.
    const files = this.families.flatMap((family) => family.at(-1) ?? []).filter(({ name }) => name !== '-');
    const source = new FollowedSource(files, this.fileContext, this.clock, signal);
    return runLogQuery(source, query, { ...ALL_TIME, direction: 'forward', now: this.#now }, noTotals());
  }

  /** Lines around those that a query selects, family by family. */
  async *context(request: ContextRequest): AsyncGenerator<ContextLine> {
    let left = request.limit ?? Infinity;
    let isGroupBefore = false;
    for (const files of this.families) {
      if (left === 0) return;
      let isFirst = true;
      for await (const line of fileContext(files, { ...request, limit: left }, this.fileContext)) {
        if (isFirst && isGroupBefore) yield { kind: 'gap' };
        isFirst = false;
        isGroupBefore = true;
        if (line.kind === 'match') left--;
        yield line;
      }
    }
  }

  async close(): Promise<void> {
    for (const file of this.families.flat()) if (file.cutLines > 0) this.fileContext.onCut?.(file);
    for (const { close } of this.#spooled.splice(0)) await close();
  }

  async *#forward({ query, start, end, limit, signal }: LogRequest): AsyncGenerator<Entry> {
    const context = { ...this.fileContext, signal };
    const request = { ...present({ start, end, limit, signal, direction: 'forward' as const }), now: this.#now };
    const streams = this.families.map((files) =>
      runLogQuery(new FileSource(files, context), query, request, noTotals()),
    );
    let left = limit ?? Infinity;
    if (left === 0) return;
    for await (const entry of mergeByTime(streams)) {
      yield entry;
      if (--left === 0) return;
    }
  }

  #timeMaps(): Promise<readonly MappedFamily[]> {
    this.#mapped ??= this.#readTimeMaps();
    return this.#mapped;
  }

  async #readTimeMaps(): Promise<MappedFamily[]> {
    const mapped: MappedFamily[] = [];
    for (const family of this.families) {
      const files: LogFile[] = [];
      for (const file of family) files.push(file.rereadable ? file : await this.#kept(file));
      mapped.push({ files, map: await TimeMap.of(files, this.fileContext) });
    }
    return mapped;
  }

  async #kept(file: LogFile): Promise<LogFile> {
    const spooled = await spool(file);
    this.#spooled.push(spooled);
    return spooled.file;
  }
}

function withoutLimit({ limit: _, ...request }: LogRequest): LogRequest {
  return { ...request, direction: 'forward' };
}
