/** Loki's push: JSON in gzip. Also `ds log serve`. */
import type { EntryBatch } from '../../entry-batch.js';
import { pushBody, pushRanges } from '../../remote/push.js';
import { ALL_OR_NOTHING } from '../../wire/all-or-nothing.js';
import type { Delivery, Sink } from '../sink.js';
import { authorizationOf, deliveryOf, HttpSender, type SinkContext } from './http-sender.js';
import type { SinkText } from './sink-text.js';

const PATH = '/loki/api/v1/push';
const HEADERS = { 'content-type': 'application/json', 'content-encoding': 'gzip', [ALL_OR_NOTHING]: 'true' };

/** A path in the URL is in front of Loki's own, unless it ends with it. */
export async function lokiSink(text: SinkText, { env, clock }: SinkContext): Promise<Sink> {
  const url = new URL(text.place);
  const path = url.pathname.endsWith(PATH) ? url.pathname : url.pathname.replace(/\/+$/, '') + PATH;
  const tenant = text.settings.text('tenant');
  const who = { ...(await authorizationOf(text, env)), ...(tenant !== undefined && { 'x-scope-orgid': tenant }) };
  const sender = new HttpSender(url, who, clock);
  return {
    name: text.name,
    async deliver(batch: EntryBatch, _id: string, signal: AbortSignal): Promise<Delivery> {
      return deliveryOf(await sender.post(await pushBody(batch, 0, batch.count), HEADERS, signal, path));
    },
    pieces: pushRanges,
    close: () => sender.close(),
  };
}
