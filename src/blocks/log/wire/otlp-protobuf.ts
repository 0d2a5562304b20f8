/**
 * OTLP/HTTP logs in protobuf (opentelemetry-proto, collector/logs/v1/logs_service.proto and what it imports):
 *
 *     ExportLogsServiceRequest  1 resource_logs*   ResourceLogs  1 resource (1 attributes*)   2 scope_logs*
 *     ScopeLogs  1 scope (1 name, 2 version, 3 attributes*)   2 log_records*
 *     LogRecord  1 time f64   2 severity_number   3 severity_text   5 body   6 attributes*   7 dropped   8 flags f32
 *                9 trace_id   10 span_id   11 observed_time f64   12 event_name
 *     KeyValue   1 key   2 value        AnyValue  1 text  2 bool  3 int  4 double  5 array  6 kvlist  7 bytes
 */
import { emptyLabels } from '../labels.js';
import { badBody } from './bad-body.js';
import { type Decoded, Intake } from './intake.js';
import { DEEPEST } from './limits.js';
import { type Attributes, emptyRecord, type OtlpRecord, OtlpRecords, type OtlpScope } from './otlp.js';
import { plain } from './otlp-json.js';
import { type Places, ProtobufReader, VARINT } from './protobuf.js';

/** `now`: nanoseconds. Errors: `log.bad_body`, `log.too_large`. */
export function decodeOtlpProtobuf(body: Buffer, now: bigint): Decoded {
  const intake = new Intake();
  const records = new OtlpRecords(intake, now);
  const request = new ProtobufReader(body);
  while (request.next()) {
    if (request.field === 1) readResourceLogs(request.message(), records);
    else request.skip();
  }
  return intake.finish();
}

function readEach(parent: ProtobufReader, places: Places, read: (message: ProtobufReader) => void): void {
  for (let i = 0; i < places.length; i += 2) read(parent.within(places[i] ?? 0, places[i + 1] ?? 0));
}

function readResourceLogs(message: ProtobufReader, records: OtlpRecords): void {
  let attributes: Attributes = [];
  const scopes: Places = [];
  while (message.next()) {
    if (message.field === 1) attributes = readAttributes(message.message(), 1);
    else if (message.field === 2) message.collect(scopes);
    else message.skip();
  }
  records.resource(attributes);
  readEach(message, scopes, (scope) => readScopeLogs(scope, records));
}

function readScopeLogs(message: ProtobufReader, records: OtlpRecords): void {
  let scope: OtlpScope = { name: '', version: '', attributes: [] };
  const found: Places = [];
  while (message.next()) {
    if (message.field === 1) scope = readScope(message.message());
    else if (message.field === 2) {
      records.announce(1);
      message.collect(found);
    } else message.skip();
  }
  records.scope(scope);
  readEach(message, found, (record) => records.record(readRecord(record)));
}

function readScope(message: ProtobufReader): OtlpScope {
  let name = '';
  let version = '';
  const attributes: [string, unknown][] = [];
  while (message.next()) {
    if (message.field === 1) name = message.text();
    else if (message.field === 2) version = message.text();
    else if (message.field === 3) attributes.push(readPair(message.message(), 0));
    else message.skip();
  }
  return { name, version, attributes };
}

function readRecord(message: ProtobufReader): OtlpRecord {
  const record = emptyRecord();
  const attributes: [string, unknown][] = [];
  while (message.next()) {
    switch (message.field) {
      case 1:
        record.timeUnixNano = message.fixed64();
        break;
      case 2:
        record.severityNumber = number(message);
        break;
      case 3:
        record.severityText = message.text();
        break;
      case 5:
        record.body = readAny(message.message(), 0);
        break;
      case 6:
        attributes.push(readPair(message.message(), 0));
        break;
      case 7:
        record.droppedAttributesCount = number(message);
        break;
      case 8:
        record.flags = message.fixed32();
        break;
      case 9:
        record.traceId = message.slice().toString('hex');
        break;
      case 10:
        record.spanId = message.slice().toString('hex');
        break;
      case 11:
        record.observedTimeUnixNano = message.fixed64();
        break;
      case 12:
        record.eventName = message.text();
        break;
      default:
        message.skip();
    }
  }
  record.attributes = attributes;
  return record;
}

function number(message: ProtobufReader): number {
  message.expect(VARINT);
  return message.varint();
}

/** The key-value pairs that a message has in a field. */
function readAttributes(message: ProtobufReader, field: number): Attributes {
  const attributes: [string, unknown][] = [];
  while (message.next()) {
    if (message.field === field) attributes.push(readPair(message.message(), 0));
    else message.skip();
  }
  return attributes;
}

function readPair(message: ProtobufReader, depth: number): [string, unknown] {
  let key = '';
  let value: unknown;
  while (message.next()) {
    if (message.field === 1) key = message.text();
    else if (message.field === 2) value = readAny(message.message(), depth);
    else message.skip();
  }
  return [key, value];
}

function readAny(message: ProtobufReader, depth: number): unknown {
  if (depth > DEEPEST) throw badBody(`a value is nested more than ${DEEPEST} deep`);
  let value: unknown;
  while (message.next()) {
    if (message.field === 1) value = message.text();
    else if (message.field === 2) value = number(message) !== 0;
    else if (message.field === 3) {
      message.expect(VARINT);
      value = message.bigVarint();
    } else if (message.field === 4) value = message.double();
    else if (message.field === 5) value = readList(message.message(), depth + 1);
    else if (message.field === 6) value = readObject(message.message(), depth + 1);
    else if (message.field === 7) value = message.slice().toString('base64');
    else message.skip();
  }
  return value;
}

function readList(message: ProtobufReader, depth: number): unknown[] {
  const list: unknown[] = [];
  while (message.next()) {
    if (message.field === 1) list.push(plain(readAny(message.message(), depth)));
    else message.skip();
  }
  return list;
}

function readObject(message: ProtobufReader, depth: number): unknown {
  const object: Record<string, unknown> = emptyLabels();
  while (message.next()) {
    if (message.field !== 1) message.skip();
    else {
      const [key, value] = readPair(message.message(), depth);
      object[key] = plain(value);
    }
  }
  return object;
}
