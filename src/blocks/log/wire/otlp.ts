/**
 * OpenTelemetry's logs as entries, mapped as Loki's own OTLP endpoint maps them (grafana.com/docs/loki/latest/send-data/otel):
 *
 *     attributes of the resource that say where it runs   labels of the stream (STREAM_ATTRIBUTES), dots as _
 *     its other attributes, those of the scope and record structured metadata
 *     severity, trace_id, span_id, flags                  structured metadata
 *     body                                                the line: a text as it is, anything else as JSON
 *     time_unix_nano, else observed_time_unix_nano, else the time of arrival
 *
 * A record that is refused (its line is too long) is counted in the answer's partial success.
 */
import { emptyLabels, type Labels } from '../labels.js';
import { flatten, textOf } from './attributes.js';
import { addPair } from './clean.js';
import type { Intake } from './intake.js';
import { MOST_LABELS, MOST_METADATA } from './limits.js';

/** Name and value, nested ones as plain JSON values. */
export type Attributes = readonly (readonly [name: string, value: unknown])[];

export interface OtlpScope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

export interface OtlpRecord {
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body: unknown;
  attributes: Attributes;
  droppedAttributesCount: number;
  flags: number;
  /** In hexadecimal digits; empty: none. */
  traceId: string;
  spanId: string;
  eventName: string;
}

export function emptyRecord(): OtlpRecord {
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body: undefined,
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
}

/** Loki's default_resource_attributes_as_index_labels. */
const STREAM_ATTRIBUTES: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
  'container.name',
  'k8s.replicaset.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
]);

/** The level that Loki and Grafana know a severity number by (opentelemetry.io/docs/specs/otel/logs/data-model, SeverityNumber). */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const NO_SCOPE: OtlpScope = { name: '', version: '', attributes: [] };

/** What the records of one resource and scope have in common. */
export class OtlpRecords {
  readonly #intake: Intake;
  /** Nanoseconds, for records without a time. */
  readonly #now: bigint;
  #stream: Labels | undefined;
  #refused: Parameters<Intake['refusals']['add']> | undefined;
  #ofResource: Record<string, string> = emptyLabels();
  #scope: OtlpScope = NO_SCOPE;
  /** Of the resource and the scope; undefined until a record asks for it. */
  #ofScope: Record<string, string> | undefined;

  constructor(intake: Intake, now: bigint) {
    this.#intake = intake;
    this.#now = now;
  }

  /** Records that are about to be read. Error: `log.too_large`. */
  announce(count: number): void {
    this.#intake.announce(count);
  }

  resource(attributes: Attributes): void {
    const stream = emptyLabels();
    this.#ofResource = emptyLabels();
    let labels = 0;
    for (const [name, value] of attributes) {
      if (STREAM_ATTRIBUTES.has(name) && labels++ < MOST_LABELS) addPair(stream, name, textOf(value));
      else flatten(this.#ofResource, name, value);
    }
    // As Loki names what says nothing of itself.
    if (labels === 0) stream['service_name'] = 'unknown_service';
    const cleaned = this.#intake.stream(stream);
    this.#stream = cleaned.reason === undefined ? cleaned.labels : undefined;
    this.#refused = cleaned.reason === undefined ? undefined : [cleaned.reason, cleaned.message];
    this.#ofResource = upToTooMany(this.#ofResource);
    this.scope(NO_SCOPE);
  }

  scope(scope: OtlpScope): void {
    this.#scope = scope;
    this.#ofScope = undefined;
  }

  #pairsOfScope(): Record<string, string> {
    const { name, version, attributes } = this.#scope;
    const pairs = Object.assign(emptyLabels(), this.#ofResource);
    if (name !== '') pairs['scope_name'] = name;
    if (version !== '') pairs['scope_version'] = version;
    for (const [key, value] of attributes) flatten(pairs, key, value);
    return upToTooMany(pairs);
  }

  record(record: OtlpRecord): void {
    if (this.#stream === undefined) {
      if (this.#refused !== undefined) this.#intake.refusals.add(...this.#refused);
      return;
    }
    const time = record.timeUnixNano || record.observedTimeUnixNano || this.#now;
    this.#intake.add(this.#stream, time, textOf(record.body ?? ''), this.#metadataOf(record));
  }

  #metadataOf(record: OtlpRecord): Record<string, string> {
    this.#ofScope ??= this.#pairsOfScope();
    const pairs = Object.assign(emptyLabels(), this.#ofScope);
    for (const [name, value] of record.attributes) flatten(pairs, name, value);
    const { severityNumber, severityText, observedTimeUnixNano, droppedAttributesCount, flags } = record;
    if (observedTimeUnixNano !== 0n) pairs['observed_timestamp'] = String(observedTimeUnixNano);
    if (severityNumber !== 0) pairs['severity_number'] = String(severityNumber);
    if (severityText !== '') pairs['severity_text'] = severityText;
    const level = LEVELS[Math.ceil(severityNumber / 4) - 1];
    if (level !== undefined) pairs['level'] ??= level;
    if (droppedAttributesCount !== 0) pairs['dropped_attributes_count'] = String(droppedAttributesCount);
    if (flags !== 0) pairs['flags'] = String(flags);
    if (record.traceId !== '') pairs['trace_id'] = record.traceId;
    if (record.spanId !== '') pairs['span_id'] = record.spanId;
    if (record.eventName !== '') pairs['event_name'] = record.eventName;
    return pairs;
  }
}

/** What all records of a resource get is copied for each: of too much as much as is enough to have them refused. */
function upToTooMany(pairs: Record<string, string>): Record<string, string> {
  const names = Object.keys(pairs);
  if (names.length <= MOST_METADATA) return pairs;
  const some = emptyLabels();
  for (const name of names.slice(0, MOST_METADATA + 1)) some[name] = pairs[name] ?? '';
  return some;
}
