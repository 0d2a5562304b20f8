/** Any HTTP server that takes NDJSON, a line an entry (document.ts), in gzip. The batch's id is the Idempotency-Key. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EntryBatch } from '../../entry-batch.js';
import type { Delivery, Sink } from '../sink.js';
import { envelopes } from './document.js';
import { authorizationOf, deliveryOf, HttpSender, type SinkContext } from './http-sender.js';
import type { SinkText } from './sink-text.js';

const HEADERS = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
const compress = promisify(gzip);

export async function ndjsonSink(text: SinkText, { env, clock }: SinkContext): Promise<Sink> {
  const sender = new HttpSender(new URL(text.place), await authorizationOf(text, env), clock);
  return {
    name: text.name,
    async deliver(batch: EntryBatch, id: string, signal: AbortSignal): Promise<Delivery> {
      const headers = { ...HEADERS, 'idempotency-key': JSON.stringify(id) };
      return deliveryOf(await sender.post(await compress(envelopes(batch)), headers, signal));
    },
    close: () => sender.close(),
  };
}
