/** Answers that this daemon makes itself on raw connections, errors above all, as application/problem+json (RFC 9457). */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Writable } from 'node:stream';
import { DsError } from '../../../platform/errors.js';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Answer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  /** application/problem+json */
  readonly body: string;
}

export function errorAnswer(status: number, error: unknown): Answer {
  const known = error instanceof DsError;
  return {
    status,
    fields: {},
    body: JSON.stringify({
      type: 'about:blank',
      status,
      code: known ? error.code : 'http.internal',
      detail: known ? error.message : 'unexpected error; the log has it',
    }),
  };
}

/** The status that an error of the policies or the store deserves. */
export function statusOf(error: unknown): number {
  if (!(error instanceof DsError)) return 500;
  return error.kind === 'storage' ? 503 : error.kind === 'usage' ? 400 : 500;
}

export function sendError(request: IncomingMessage, response: ServerResponse, status: number, error: unknown): void {
  sendAnswer(request, response, errorAnswer(status, error));
}

/** The connection is closed where a body is still coming: reading it only to drop it would be for the sender to decide. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, { status, fields, body }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(status, {
    ...fields,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** The same on a connection that Node has given away: one that asked for an upgrade. */
export function sendRaw(socket: Writable, { status, fields, body }: Answer): void {
  const lines = Object.entries({
    ...fields,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}
