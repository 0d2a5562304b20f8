/** OTLP over HTTP in JSON (opentelemetry.io/docs/specs/otlp): streams are resources, metadata attributes of the records. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type EntryBatch, lineText, streamOf } from '../../entry-batch.js';
import type { Labels } from '../../labels.js';
import type { Delivery, Sink } from '../sink.js';
import { authorizationOf, deliveryOf, HttpSender, type SinkContext } from './http-sender.js';
import type { SinkText } from './sink-text.js';

const PATH = '/v1/logs';
const HEADERS = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
const compress = promisify(gzip);

/** The lowest number of each range (Log data model, SeverityNumber). */
const SEVERITY_NUMBERS: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
  critical: 21,
};

export async function otlpSink(text: SinkText, { env, clock }: SinkContext): Promise<Sink> {
  const url = new URL(text.place);
  const path = url.pathname.endsWith(PATH) ? url.pathname : url.pathname.replace(/\/+$/, '') + PATH;
  const sender = new HttpSender(url, await authorizationOf(text, env), clock);
  return {
    name: text.name,
    async deliver(batch: EntryBatch, _id: string, signal: AbortSignal): Promise<Delivery> {
      const body = await compress(JSON.stringify({ resourceLogs: resourcesOf(batch) }));
      const answer = await sender.post(body, HEADERS, signal, path);
      const delivery = deliveryOf(answer);
      return delivery.outcome === 'delivered' ? partialSuccessOf(answer.text, batch.count) : delivery;
    },
    close: () => sender.close(),
  };
}

/** The receiver says how many it refused, not which, and they must not be sent again (OTLP, «Partial Success»). */
function partialSuccessOf(text: string, count: number): Delivery {
  const partial = (
    parse(text) as { partialSuccess?: { rejectedLogRecords?: unknown; errorMessage?: unknown } } | undefined
  )?.partialSuccess;
  const entries = Math.min(Number(partial?.rejectedLogRecords ?? 0), count);
  if (!(entries > 0)) return { outcome: 'delivered' };
  return { outcome: 'delivered', refused: { entries, reason: String(partial?.errorMessage ?? 'no reason was given') } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function resourcesOf(batch: EntryBatch) {
  const records = new Map<Labels, object[]>();
  for (let i = 0; i < batch.count; i++) {
    const stream = streamOf(batch, i);
    const list = records.get(stream);
    if (list === undefined) records.set(stream, [recordOf(batch, i)]);
    else list.push(recordOf(batch, i));
  }
  return [...records].map(([stream, logRecords]) => ({
    resource: { attributes: resourceAttributes(stream) },
    scopeLogs: [{ scope: { name: 'ds-log' }, logRecords }],
  }));
}

function recordOf(batch: EntryBatch, index: number): object {
  const { level, ...rest } = batch.metadata?.[index] ?? {};
  return {
    timeUnixNano: String(batch.timestamps[index]),
    ...(level !== undefined && { severityText: level, severityNumber: SEVERITY_NUMBERS[level] ?? 0 }),
    body: { stringValue: lineText(batch, index) },
    attributes: attributesOf(rest),
  };
}

/** Every resource has a service.name by the conventions; `service_name`, `app` or `job` is it here. */
function resourceAttributes(stream: Labels): object[] {
  const { service_name: service = stream['app'] ?? stream['job'] ?? 'unknown_service', ...rest } = stream;
  return [...attributesOf({ 'service.name': service }), ...attributesOf(rest)];
}

function attributesOf(labels: Labels): object[] {
  return Object.keys(labels).map((key) => ({ key, value: { stringValue: labels[key] } }));
}
