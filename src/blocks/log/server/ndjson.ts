/** POST /ingest: lines, from whoever has nothing but an HTTP client. Parameters of the URL are labels: /ingest?app=shop&host=web1. */
import { emptyLabels } from '../labels.js';
import { badBody } from '../wire/bad-body.js';
import { addPair } from '../wire/clean.js';
import { MOST_LABELS } from '../wire/limits.js';
import { decodeNdjson, decodeTextLines } from '../wire/ndjson.js';
import type { Call } from './call.js';
import type { Writer } from './writer.js';

const JSON_TYPES = new Set([
  'application/json',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
]);

/** Of entries whose sender says nothing of them. */
const DEFAULT_JOB = 'ingest';

export async function pushLines(call: Call, writer: Writer): Promise<void> {
  const given = emptyLabels();
  let count = 0;
  for (const [name, value] of call.query.pairs()) {
    if (++count > MOST_LABELS) throw badBody(`the URL has more than ${MOST_LABELS} labels`);
    addPair(given, name, value);
  }
  if (count === 0) given['job'] = DEFAULT_JOB;
  const decode = JSON_TYPES.has(call.contentType) ? decodeNdjson : decodeTextLines;
  const { refusals, accepted } = await writer.write(call, 'ndjson', decode(await call.body(), given, writer.now));
  const { total } = refusals;
  call.json({ accepted, refused: total, ...(total > 0 && { reason: refusals.first }) }, total > 0 ? 400 : 200);
}
