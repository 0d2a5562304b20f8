/**
 * Plain lines, for whoever has nothing but an HTTP client. What a line is says the content type:
 *
 *     application/x-ndjson, application/json, application/jsonl   a JSON object each
 *     anything else                                               text, at the time of arrival
 *
 * An object with a text `line` is an envelope, as ds log's own agent and export write it; any other object is the line, as it came:
 *
 *     {"timestamp": "2026-01-31T12:00:00.123456789Z", "line": "GET /a", "labels": {"app": "shop"}, "metadata": {"trace_id": "…"}}
 *     {"time": 1769860800123, "level": "info", "msg": "GET /a"}
 */
import { DsError } from '../../../platform/errors.js';
import { emptyLabels, type Labels } from '../labels.js';
import { badBody } from './bad-body.js';
import { timeOf } from './document.js';
import { type Decoded, Intake, textPairs } from './intake.js';
import { isObject, type JsonObject, parseJson, property } from './json.js';
import { eachLine } from './lines.js';
import { readEntryTime } from './time-text.js';

/** `given`: labels of all entries. `now`: nanoseconds. A line that is no object is refused by itself. Errors: `log.bad_body`. */
export function decodeNdjson(body: Buffer, given: Labels, now: bigint): Decoded {
  const intake = new Intake();
  eachLine(body, (start, end, number) => {
    try {
      const value = parseJson(body, start, end, undefined, 'it');
      if (!isObject(value)) throw badBody('it is JSON, and no object');
      takeObject(intake, value, body.subarray(start, end), given, now);
    } catch (error) {
      if (!(error instanceof DsError) || error.code !== 'log.bad_body') throw error;
      intake.refusals.add('bad_entry', `line ${number}: ${error.message}`);
    }
  });
  return intake.finish();
}

/** Every line is an entry. Errors: `log.bad_body` where `given` is no stream. */
export function decodeTextLines(body: Buffer, given: Labels, now: bigint): Decoded {
  const intake = new Intake();
  const stream = intake.stream(given);
  if (stream.reason !== undefined) throw badBody(stream.message);
  eachLine(body, (start, end) => void intake.add(stream.labels, now, body.subarray(start, end), undefined));
  return intake.finish();
}

function takeObject(intake: Intake, object: JsonObject, bytes: Buffer, given: Labels, now: bigint): void {
  const line = property(object, 'line');
  const isEnvelope = typeof line === 'string';
  const labels = isEnvelope ? pairsIn(object, 'labels') : undefined;
  const metadata = isEnvelope ? pairsIn(object, 'metadata') : undefined;
  const exact = isEnvelope ? readEntryTime(property(object, 'timestamp_ns')) : undefined;
  const stream = intake.stream(Object.assign(emptyLabels(), labels, given));
  if (stream.reason !== undefined) intake.refusals.add(stream.reason, stream.message);
  else intake.add(stream.labels, exact ?? timeOf(object) ?? now, isEnvelope ? line : bytes, metadata);
}

function pairsIn(object: JsonObject, name: string): Record<string, string> | undefined {
  const value = property(object, name);
  if (value === undefined || value === null) return undefined;
  const pairs = textPairs(value);
  if (pairs === undefined) throw badBody(`the ${name} of a line are not an object of texts`);
  return pairs;
}
