/** How each protocol tells an error, and which HTTP status an error has. */
import type { DsError } from '../../../platform/errors.js';

export type Protocol = 'loki' | 'otlp' | 'elasticsearch' | 'ds';

/** Statuses of errors of this daemon; those of the store are 503, anything else 500. */
const STATUSES: Readonly<Record<string, number>> = {
  'log.bad_body': 400,
  'log.bad_parameter': 400,
  'log.bad_query': 400,
  'log.bad_pattern': 400,
  'log.forbidden': 403,
  'log.too_large': 413,
  'log.limited': 429,
  'log.overloaded': 429,
  'http.bad_request': 400,
  'http.unauthorized': 401,
  'http.not_found': 404,
  'http.wrong_host': 421,
};

export function statusOf(error: DsError): number {
  return STATUSES[error.code] ?? (error.kind === 'storage' ? 503 : error.kind === 'usage' ? 400 : 500);
}

/** Whole seconds, for Retry-After: of what may go well later. */
export function retryAfter(status: number, error: DsError): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const ms = error.details['retry_after_ms'];
  return Math.max(1, Math.ceil((typeof ms === 'number' ? ms : 1_000) / 1_000));
}

export interface WireError {
  readonly type: string;
  readonly body: string | Buffer;
}

/** `accept`: of an OTLP request its content type, which the answer has, too. */
export function errorBody(
  protocol: Protocol,
  status: number,
  error: DsError,
  contentType: string | undefined,
): WireError {
  const { message, code } = error;
  switch (protocol) {
    case 'loki':
      return { type: 'text/plain; charset=utf-8', body: `${message}\n` };
    case 'otlp':
      return rpcStatus(status, message, contentType);
    case 'elasticsearch': {
      const cause = { type: elasticType(status), reason: message };
      return { type: ELASTIC_JSON, body: JSON.stringify({ error: { root_cause: [cause], ...cause }, status }) };
    }
    case 'ds': {
      const { hint, details } = error;
      const problem = { ...details, type: 'about:blank', status, code, detail: message, hint };
      return { type: 'application/problem+json', body: JSON.stringify(problem) };
    }
  }
}

/** Elastic's clients of version 8 and later ask for this type, and take plain JSON as well. */
export const ELASTIC_JSON = 'application/json';

function elasticType(status: number): string {
  if (status === 429) return 'es_rejected_execution_exception';
  if (status === 401 || status === 403) return 'security_exception';
  if (status === 413) return 'content_too_large_exception';
  return status < 500 ? 'illegal_argument_exception' : 'exception';
}

export const PROTOBUF = 'application/x-protobuf';

/** google.rpc.Status, of which OTLP wants the message. Codes: grpc.io/docs/guides/status-codes. */
function rpcStatus(status: number, message: string, contentType: string | undefined): WireError {
  const code = { 400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 503: 14 }[status] ?? (status < 500 ? 3 : 13);
  if (contentType?.startsWith(PROTOBUF) !== true) {
    return { type: 'application/json', body: JSON.stringify({ code, message }) };
  }
  return { type: PROTOBUF, body: Buffer.concat([Buffer.from([1 << 3, code]), textField(2, message)]) };
}

/** A field of length-delimited text; of an empty one, nothing. */
export function textField(number: number, text: string): Buffer {
  if (text === '') return Buffer.alloc(0);
  return bytesField(number, Buffer.from(text));
}

export function bytesField(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return Buffer.from([...bytes, left]);
}
