/** POST /v1/logs: OTLP/HTTP in protobuf or JSON (opentelemetry.io/docs/specs/otlp). Records that are refused are told as a partial success. */
import { badBody } from '../wire/bad-body.js';
import type { Decoded } from '../wire/intake.js';
import { decodeOtlpJson } from '../wire/otlp-json.js';
import { decodeOtlpProtobuf } from '../wire/otlp-protobuf.js';
import type { Refusals } from '../wire/refusals.js';
import type { Call } from './call.js';
import { bytesField, PROTOBUF, textField, varint } from './protocols.js';
import type { Writer } from './writer.js';

export async function pushOtlp(call: Call, writer: Writer): Promise<void> {
  const isProtobuf = call.contentType === PROTOBUF;
  if (!isProtobuf && call.contentType !== 'application/json') {
    throw badBody(`the content type is ${call.contentType || 'none'}, neither ${PROTOBUF} nor application/json`);
  }
  const body = await call.body();
  const decoded: Decoded = isProtobuf ? decodeOtlpProtobuf(body, writer.now) : decodeOtlpJson(body, writer.now);
  const { refusals, accepted } = await writer.write(call, 'otlp', decoded);
  if (isProtobuf) call.send(200, PROTOBUF, protobufAnswer(refusals, accepted));
  else call.json(jsonAnswer(refusals, accepted));
}

function jsonAnswer(refusals: Refusals, accepted: number) {
  if (refusals.total === 0) return { partialSuccess: {} };
  return {
    partialSuccess: { rejectedLogRecords: String(refusals.total), errorMessage: refusals.describe(accepted) },
  };
}

/** ExportLogsServiceResponse: 1 partial_success (1 rejected_log_records, 2 error_message). */
function protobufAnswer(refusals: Refusals, accepted: number): Buffer {
  if (refusals.total === 0) return Buffer.alloc(0);
  const rejected = Buffer.concat([Buffer.from([1 << 3]), varint(refusals.total)]);
  return bytesField(1, Buffer.concat([rejected, textField(2, refusals.describe(accepted))]));
}
