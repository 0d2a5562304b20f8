/**
 * Loki's push in JSON (grafana.com/docs/loki/latest/reference/loki-http-api, «Ingest logs»):
 *
 *     {"streams": [{"stream": {"app": "shop"}, "values": [["1700000000000000000", "line", {"trace_id": "…"}], …]}, …]}
 *
 * What most senders write is read where it lies (loki-json-scan.ts); the rest, structured metadata above all, by JSON.parse.
 */
import type { EntryBatch } from '../entry-batch.js';
import type { Labels } from '../labels.js';
import { badBody } from './bad-body.js';
import { type Decoded, Intake, lineTooLong, textPairs } from './intake.js';
import { isObject, listOf, parseJson, property } from './json.js';
import { LONGEST_LINE } from './limits.js';
import { type ScannedPush, scanLokiJson } from './loki-json-scan.js';

const NANOSECONDS = /^-?\d{1,19}$/;
/** Who means milliseconds or microseconds of today writes no more than that; of ten digits and more, as nanoseconds, it is before May 1970. */
const SECONDS_TO_MICROSECONDS = /^\d{10,16}$/;

/** Errors: `log.bad_body`, `log.too_large`. */
export function decodeLokiJson(body: Buffer): Decoded {
  const scanned = scanLokiJson(body);
  return scanned === undefined ? decodeParsed(body) : decodeScanned(body, scanned);
}

/** The batch lies in the body. */
function decodeScanned(body: Buffer, { streams, count, starts, ends, timestamps }: ScannedPush): Decoded {
  const intake = new Intake();
  const { refusals } = intake;
  const numbers = new Map<Labels, number>();
  const streamOf = new Uint32Array(count);
  let kept = 0;
  let from = 0;
  streams.forEach(({ labels, to }, index) => {
    const cleaned = intake.stream(labelsOf(parseJson(Buffer.from(labels)), index));
    if (cleaned.reason !== undefined) refusals.add(cleaned.reason, cleaned.message, to - from);
    else if (to > from) {
      const number = numbers.get(cleaned.labels) ?? numbers.size;
      numbers.set(cleaned.labels, number);
      for (let i = from; i < to; i++) {
        const size = (ends[i] ?? 0) - (starts[i] ?? 0);
        if (size > LONGEST_LINE) {
          refusals.add('line_too_long', lineTooLong(size));
          continue;
        }
        // Refused ones are closed up.
        starts[kept] = starts[i] ?? 0;
        ends[kept] = ends[i] ?? 0;
        timestamps[kept] = timestamps[i] ?? 0n;
        streamOf[kept++] = number;
      }
    }
    from = to;
  });
  const batch: EntryBatch = {
    count: kept,
    bytes: body,
    starts: starts.subarray(0, kept),
    ends: ends.subarray(0, kept),
    timestamps: timestamps.subarray(0, kept),
    streams: [...numbers.keys()],
    ...(numbers.size > 1 && { streamOf: streamOf.subarray(0, kept) }),
  };
  return { batch, refusals };
}

function labelsOf(stream: unknown, index: number): Record<string, string> {
  const labels = textPairs(stream);
  if (labels === undefined) throw badBody(`the labels of stream ${index + 1} are not an object of texts`);
  return labels;
}

function decodeParsed(body: Buffer): Decoded {
  const push = parseJson(body);
  if (!isObject(push)) throw badBody('the body is not an object with streams');
  const intake = new Intake();
  listOf(push, 'streams').forEach((stream, index) => {
    if (!isObject(stream)) throw badBody(`stream ${index + 1} is not an object`);
    const values = listOf(stream, 'values');
    intake.announce(values.length);
    const cleaned = intake.stream(labelsOf(property(stream, 'stream') ?? {}, index));
    if (cleaned.reason !== undefined) intake.refusals.add(cleaned.reason, cleaned.message, values.length);
    else for (const value of values) addValue(intake, cleaned.labels, value);
  });
  return intake.finish();
}

function addValue(intake: Intake, stream: Labels, value: unknown): void {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    throw badBody('a value is not a list of timestamp, line and maybe structured metadata');
  }
  const [timestamp, line, metadata]: readonly unknown[] = value;
  if (typeof line !== 'string') throw badBody('a line is not a text');
  const nanos = nanosOf(timestamp);
  if (nanos === undefined) {
    throw badBody(`the timestamp ${shown(timestamp)} is not a text of nanoseconds since 1970`);
  }
  if (SECONDS_TO_MICROSECONDS.test(String(timestamp))) {
    const message = `the timestamp ${shown(timestamp)} is too small for nanoseconds since 1970: is it of seconds, milliseconds or microseconds?`;
    intake.refusals.add('bad_timestamp', message);
    return;
  }
  if (metadata === undefined) {
    intake.add(stream, nanos, line, undefined);
    return;
  }
  const pairs = textPairs(metadata);
  if (pairs === undefined) throw badBody('structured metadata is not an object of texts');
  intake.add(stream, nanos, line, hasAny(pairs) ? pairs : undefined);
}

/** Of a number, too, nanoseconds of today would not be exact: as Loki it has to be a text. */
function nanosOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && NANOSECONDS.test(value) ? BigInt(value) : undefined;
}

function hasAny(pairs: Readonly<Record<string, string>>): boolean {
  for (const _ in pairs) return true;
  return false;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'none').slice(0, 80);
}
