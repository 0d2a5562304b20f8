/** What Grafana asks for beside queries, so that people can look around: how much there is, of what, and which fields lines have. */
import type { Clock } from '../../../platform/clock.js';
import { noTotals } from '../entry-source.js';
import type { Answered, MetricResult, TimeRange } from '../log-store.js';
import type { Call } from './call.js';
import { DetectedFields } from './detected-fields.js';
import { metricData, successOf } from './loki-answers.js';
import { MOST_HELD, type QueryParts } from './loki-query.js';
import { warningsOf } from './loki-warnings.js';
import { badParameter, MOST_ENTRIES, type Params } from './params.js';
import { readVolumeOrder, volumeQuery, volumesOf } from './volumes.js';

const USUAL_LINES = 100;
/** Each is parsed twice at worst. */
const MOST_LINES = 5_000;
const USUAL_FIELDS = 1_000;

export class LokiExplore {
  readonly #parts: QueryParts;
  readonly #clock: Clock;

  constructor(parts: QueryParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
  }

  /** index/stats: about how much a selector and a time are. */
  async stats(call: Call): Promise<void> {
    const params = await call.params();
    const selector = params.required('query');
    const range = this.#range(params);
    await this.#parts.turns.take(call, async () => {
      const { streams, blocks, entries, bytes } = await this.#logs(call).indexStats(selector, range, call.signal);
      call.json({ streams, chunks: blocks, entries, bytes });
    });
  }

  /** index/volume: over all of the time asked for; `inSteps`, index/volume_range: over each step of it. */
  async volume(call: Call, inSteps: boolean): Promise<void> {
    const params = await call.params();
    const order = readVolumeOrder(params, this.#parts.read(params.required('query')));
    const range = this.#range(params);
    const step = inSteps ? params.step(range) : range.end - range.start;
    await this.#parts.turns.take(call, async () => {
      const logs = this.#logs(call);
      const names = order.names.length > 0 ? order.names : await logs.labelNames(range);
      const points = stepsBack(range, step);
      const asked = {
        query: volumeQuery(order, names, step),
        ...points,
        ...(inSteps && { step }),
        signal: call.signal,
      };
      const { result, totals } = step === 0n ? nothing() : await logs.metric(asked);
      const data = { ...metricData(volumesOf(result, order)), stats: {} };
      call.json({ status: 'success', ...warningsOf(totals), data });
    });
  }

  async detectedLabels(call: Call): Promise<void> {
    const params = await call.params();
    const query = params.text('query');
    const range = this.#range(params);
    await this.#parts.turns.take(call, async () => {
      const values = new Map<string, Set<string>>();
      for (const stream of await this.#logs(call).series(query === undefined ? [] : [query], range)) {
        for (const name in stream) {
          const known = values.get(name) ?? new Set();
          values.set(name, known.add(stream[name] ?? ''));
        }
      }
      const names = successOf([...values.keys()].sort()).data;
      call.json({ detectedLabels: names.map((label) => ({ label, cardinality: values.get(label)?.size ?? 0 })) });
    });
  }

  async detectedFields(call: Call): Promise<void> {
    const params = await call.params();
    const limit = limitOf(params);
    await this.#detect(call, params, new DetectedFields(limit), ({ fields }) => ({ fields, limit }));
  }

  async detectedValues(call: Call): Promise<void> {
    const params = await call.params();
    const limit = limitOf(params);
    const detected = new DetectedFields(1, call.name ?? '');
    await this.#detect(call, params, detected, ({ values }) => ({ values: values.slice(0, limit), limit }));
  }

  /** Loki's own limits, under its names; what is read of them by Grafana's Logs Drilldown. */
  limits(call: Call, version: string): void {
    const limits = { max_entries_limit_per_query: MOST_ENTRIES, volume_enabled: true, discover_log_levels: false };
    call.json({ limits, pattern_ingester_enabled: false, version });
  }

  async #detect(
    call: Call,
    params: Params,
    detected: DetectedFields,
    answer: (detected: DetectedFields) => object,
  ): Promise<void> {
    const query = params.required('query');
    if (this.#parts.read(query).kind === 'metric') throw badParameter('only a query for lines has fields');
    const limit = params.count('line_limit', USUAL_LINES);
    if (limit > MOST_LINES) throw badParameter(`max entries limit per query exceeded, line_limit > ${MOST_LINES}`);
    const about = { direction: 'backward', signal: call.signal, mostHeld: MOST_HELD } as const;
    const request = { query, limit, ...this.#range(params), ...about };
    await this.#parts.turns.take(call, async () => {
      const totals = noTotals();
      for await (const entry of this.#logs(call).entries(request, totals)) detected.add(entry);
      call.json({ ...answer(detected), ...warningsOf(totals) });
    });
  }

  #logs(call: Call) {
    return this.#parts.logsOf(call);
  }

  #range(params: Params): TimeRange {
    return params.range(BigInt(this.#clock.micros()) * 1_000n);
  }
}

function nothing(): Answered<MetricResult> {
  return { result: { kind: 'vector', series: [] }, totals: noTotals() };
}

function limitOf(params: Params): number {
  return params.count(params.text('limit') === undefined ? 'field_limit' : 'limit', USUAL_FIELDS);
}

/** Points a step apart, the last one at the end; the first window may begin a part of a step before the start. */
function stepsBack({ start, end }: TimeRange, step: bigint): TimeRange {
  if (step === 0n) return { start, end };
  const steps = (end - start + step - 1n) / step;
  return { start: end - (steps > 0n ? steps - 1n : 0n) * step, end };
}
