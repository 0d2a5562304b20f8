/**
 * One request through the proxy:
 *
 *     client ──request──▶ policies ──▶ upstream request ──▶ server behind
 *            ◀─response──────────────  upstream response ◀─
 *
 * Both bodies are streamed, and each side waits for the other (pipe). When one side breaks off, so does the other: a
 * client that goes away ends the request behind; an answer that breaks off is broken off for the client, who must not
 * take it for whole.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf, messageOf } from '../../../../platform/errors.js';
import { limitErrors } from '../../errors.js';
import { sendError } from '../problem.js';
import { type Fields, requestFields, responseFields } from './headers.js';
import { hasBody, type ProxyParts, targetOf } from './parts.js';

/** Answers of class 1xx before the answer: a server that sends no other must not hold a connection for ever. */
const MOST_INTERIMS = 100;

/** The answer's head with our fields, `fields`, is sent; resolves when the exchange has ended, well or not. */
export async function forward(
  parts: ProxyParts,
  request: IncomingMessage,
  response: ServerResponse,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  // The client has gone while its turn was waited for.
  if (response.destroyed) return;
  const ended = new Promise<void>((resolve) => response.once('close', resolve));
  send(parts, request, response, fields, isRepeatable(request));
  await ended;
}

function send(
  parts: ProxyParts,
  request: IncomingMessage,
  response: ServerResponse,
  fields: Readonly<Record<string, string>>,
  mayRepeat: boolean,
): void {
  const outgoing = parts.upstream.request({
    method: request.method ?? 'GET',
    path: targetOf(request),
    headers: { ...requestFields({ ...parts, request, authority: parts.upstream.authority }), ...framing(request) },
  });
  const breakOff = () => void (response.writableFinished || outgoing.destroy());
  response.once('close', breakOff);
  outgoing.on('timeout', () => {
    const error = limitErrors.error('limit.upstream_timeout', `no answer within ${parts.upstream.silenceMs / 1000} s`);
    outgoing.destroy(error);
  });
  let answered = false;
  let interims = 0;
  outgoing.on('information', () => {
    if (++interims > MOST_INTERIMS) outgoing.destroy(new Error(`more than ${MOST_INTERIMS} interim answers`));
  });
  const giveUp = (error: Error) => {
    // It did not read all of the request: what it answered is being relayed.
    if (answered) return;
    response.off('close', breakOff);
    // A connection that was kept open may have been closed at the other end just now: that request was never read.
    if (mayRepeat && outgoing.reusedSocket && codeOf(error) === 'ECONNRESET' && !response.headersSent) {
      return send(parts, request, response, fields, false);
    }
    fail(parts, request, response, error);
  };
  outgoing.on('error', giveUp);
  outgoing.on('upgrade', (_incoming, behind) => {
    behind.destroy();
    giveUp(new Error('it changed the protocol without being asked'));
  });
  outgoing.on('continue', () => response.writeContinue());
  outgoing.on('response', (incoming) => {
    answered = true;
    relay(incoming, response, fields);
  });
  if (!hasBody(request)) return void outgoing.end();
  request.pipe(outgoing);
  // The answer is complete and the request is not: a client that sends all of it before it reads must not hang.
  response.once('finish', () => {
    if (request.complete) return;
    request.unpipe(outgoing);
    request.resume();
    outgoing.destroy();
  });
}

function relay(incoming: IncomingMessage, response: ServerResponse, fields: Readonly<Record<string, string>>): void {
  try {
    response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, responseFields(incoming, fields));
  } catch (error) {
    // A field that Node reads and does not write. The answer is an error, so what was asked behind is of no use.
    incoming.destroy(error instanceof Error ? error : undefined);
    response.destroy();
    return;
  }
  incoming.on('error', () => response.destroy());
  incoming.pipe(response);
}

function fail({ logger }: ProxyParts, request: IncomingMessage, response: ServerResponse, error: Error): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const timedOut = codeOf(error) === 'limit.upstream_timeout';
  const problem = timedOut
    ? error
    : limitErrors.error('limit.upstream_unreachable', `the server behind failed: ${messageOf(error)}`, {
        cause: error,
      });
  logger.warn({ method: request.method, reason: problem.message }, 'the server behind did not answer');
  sendError(request, response, timedOut ? 504 : 502, problem);
}

/**
 * How the body is framed on the way out: as it came in. Said outright, since Node would send a body of GET or DELETE
 * without any framing, to be read as the next request.
 */
function framing({ headers }: IncomingMessage): Fields {
  return headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
}

/** Sent twice it does what it does once, and there is no body that is gone (RFC 9110, section 9.2.2). */
function isRepeatable(request: IncomingMessage): boolean {
  return !hasBody(request) && ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'].includes(request.method ?? '');
}
