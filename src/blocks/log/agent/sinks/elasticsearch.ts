/**
 * Elasticsearch's _bulk. Each entry is created under an _id made of the batch's: one that was sent before is a conflict then (409), and
 * counts as delivered.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type EntryBatch, lineText, streamOf } from '../../entry-batch.js';
import { emptyLabels, type Labels } from '../../labels.js';
import { STREAM_LABELS } from '../../wire/stream-labels-header.js';
import type { Delivery, Sink } from '../sink.js';
import { isoNanos } from './document.js';
import { authorizationOf, deliveryOf, type HttpAnswer, HttpSender, reasonOf, type SinkContext } from './http-sender.js';
import { badSink, type SinkText } from './sink-text.js';

const HEADERS = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip', [STREAM_LABELS]: 'true' };
/** What is read of the answer: by it the server leaves out the rest. */
const FILTER = 'filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason';
const ALREADY_THERE = 409;
const TOO_MANY = 429;
const compress = promisify(gzip);

/** `elasticsearch+https://host:9200/logs-shop`: the last part of the path is the index. Error: `log.bad_sink`. */
export async function elasticsearchSink(text: SinkText, { env, clock }: SinkContext): Promise<Sink> {
  const url = new URL(text.place);
  const path = url.pathname.replace(/\/+$/, '');
  if (path === '') throw badSink(`${text.name} names no index`, `${text.name.replace(/\/+$/, '')}/logs`);
  const sender = new HttpSender(url, await authorizationOf(text, env), clock);
  return {
    name: text.name,
    async deliver(batch: EntryBatch, id: string, signal: AbortSignal): Promise<Delivery> {
      const answer = await sender.post(await compress(bulkBody(batch, id)), HEADERS, signal, `${path}/_bulk?${FILTER}`);
      const delivery = deliveryOf(answer);
      return delivery.outcome === 'delivered' ? deliveryOfItems(answer, batch.count) : delivery;
    },
    close: () => sender.close(),
  };
}

function bulkBody(batch: EntryBatch, id: string): string {
  let body = '';
  for (let i = 0; i < batch.count; i++) {
    body += `${JSON.stringify({ create: { _id: `${id}-${i}` } })}\n${JSON.stringify({
      ...besideOwn(batch.metadata?.[i]),
      '@timestamp': isoNanos(batch.timestamps[i] ?? 0n),
      message: lineText(batch, i),
      labels: streamOf(batch, i),
    })}\n`;
  }
  return body;
}

const OWN_FIELDS: readonly string[] = ['@timestamp', 'message', 'labels'];

/** Metadata as fields of a document: what is called as one that each document has gets `_extracted` behind its name, as Loki has it. */
function besideOwn(metadata: Labels | undefined): Labels | undefined {
  if (metadata === undefined || !OWN_FIELDS.some((name) => name in metadata)) return metadata;
  const fields = emptyLabels();
  for (const [name, value] of Object.entries(metadata)) {
    let free = name;
    while (OWN_FIELDS.includes(free) || (free !== name && free in metadata)) free += '_extracted';
    fields[free] = value;
  }
  return fields;
}

interface Item {
  readonly status?: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

/** Whatever it says of errors in all, each item is looked at. One that can be tried again has the whole batch tried again: those that are there are conflicts then. */
function deliveryOfItems({ status, text, retryAfterMs }: HttpAnswer, count: number): Delivery {
  const answer = readAnswer(text);
  if (answer === undefined)
    return { outcome: 'retry', reason: `${reasonOf(status, text)}, which is no answer of _bulk` };
  // Of entries that it does not speak of nothing is known.
  if (answer.items.length !== count)
    return { outcome: 'retry', reason: `_bulk answered for ${answer.items.length} of ${count} entries` };
  const refused: number[] = [];
  let reason: string | undefined;
  for (const [index, item] of answer.items.entries()) {
    const code = item.status ?? 0;
    if ((code >= 200 && code < 300) || code === ALREADY_THERE) continue;
    if (code < 400 || code === TOO_MANY || code >= 500) {
      const why = reasonOf(code, wordsOf(item));
      return { outcome: 'retry', reason: why, ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) };
    }
    refused.push(index);
    reason ??= reasonOf(code, wordsOf(item));
  }
  return reason === undefined ? { outcome: 'delivered' } : { outcome: 'rejected', reason, entries: refused };
}

function readAnswer(text: string): { readonly items: Item[] } | undefined {
  try {
    const { errors, items } = JSON.parse(text) as { errors?: unknown; items?: Readonly<Record<string, Item>>[] };
    if (errors === undefined) return undefined;
    return { items: (items ?? []).map((item) => Object.values(item)[0] ?? {}) };
  } catch {
    return undefined;
  }
}

function wordsOf({ error }: Item): string {
  return [error?.type, error?.reason].filter((part) => part !== undefined).join(': ');
}
