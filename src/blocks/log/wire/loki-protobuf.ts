/**
 * Loki's push in protobuf (pkg/push/push.proto of grafana/loki), once it is unpacked from Snappy:
 *
 *     PushRequest  1 streams*     Stream  1 labels `{app="shop"}`   2 entries*   3 hash
 *     Entry        1 timestamp (1 seconds, 2 nanos)   2 line   3 structured metadata* (1 name, 2 value)   4 parsed*
 */
import { emptyLabels, type Labels } from '../labels.js';
import { badBody } from './bad-body.js';
import { type Decoded, Intake } from './intake.js';
import { parseLabelText } from './label-text.js';
import { type Places, ProtobufReader, VARINT } from './protobuf.js';

/** Errors: `log.bad_body`, `log.too_large`. */
export function decodeLokiProtobuf(body: Buffer): Decoded {
  const intake = new Intake();
  const request = new ProtobufReader(body);
  while (request.next()) {
    if (request.field === 1) readStream(request.message(), intake);
    else request.skip();
  }
  return intake.finish();
}

/** The labels may come after the entries, so that these are looked at last. */
function readStream(stream: ProtobufReader, intake: Intake): void {
  let labels = '';
  const places: Places = [];
  while (stream.next()) {
    if (stream.field === 1) labels = stream.text();
    else if (stream.field === 2) {
      intake.announce(1);
      stream.collect(places);
    } else stream.skip();
  }
  const cleaned = intake.stream(parseLabelText(labels));
  if (cleaned.reason !== undefined) {
    intake.refusals.add(cleaned.reason, cleaned.message, places.length / 2);
    return;
  }
  const entry = stream.within(0, 0);
  for (let i = 0; i < places.length; i += 2) {
    entry.reset(places[i] ?? 0, places[i + 1] ?? 0);
    readEntry(entry, cleaned.labels, intake);
  }
}

const NO_LINE = Buffer.alloc(0);

function readEntry(entry: ProtobufReader, stream: Labels, intake: Intake): void {
  let timestamp: bigint | undefined;
  let line: Buffer = NO_LINE;
  let metadata: Record<string, string> | undefined;
  while (entry.next()) {
    if (entry.field === 1) timestamp = readTimestamp(entry.message());
    else if (entry.field === 2) line = entry.slice();
    else if (entry.field === 3) {
      metadata ??= emptyLabels();
      readPair(entry.message(), metadata);
    } else entry.skip();
  }
  if (timestamp === undefined) throw badBody('an entry has no timestamp');
  intake.add(stream, timestamp, line, metadata);
}

/** google.protobuf.Timestamp, as nanoseconds. */
function readTimestamp(message: ProtobufReader): bigint {
  let seconds = 0n;
  let nanos = 0n;
  while (message.next()) {
    if (message.field === 1) {
      message.expect(VARINT);
      seconds = message.bigVarint();
    } else if (message.field === 2) {
      message.expect(VARINT);
      nanos = message.bigVarint();
    } else message.skip();
  }
  return seconds * 1_000_000_000n + nanos;
}

function readPair(message: ProtobufReader, pairs: Record<string, string>): void {
  let name = '';
  let value = '';
  while (message.next()) {
    if (message.field === 1) name = message.text();
    else if (message.field === 2) value = message.text();
    else message.skip();
  }
  if (value !== '') pairs[name] = value;
}
