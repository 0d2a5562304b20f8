/**
 * WebSocket (RFC 6455) through the proxy: the request that asks for it is judged as any other; after that the two
 * connections are joined, and what passes is not looked at. Other protocols are refused with 501.
 */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limitErrors } from '../../errors.js';
import { errorAnswer, sendRaw } from '../problem.js';
import { type Fields, requestFields, responseFields } from './headers.js';
import { hasBody, type ProxyParts, targetOf } from './parts.js';

/** Silence after which TCP asks whether the peer is still there, milliseconds. */
const PROBE_AFTER_MS = 60_000;

const isWebSocket = ({ headers }: IncomingMessage) => headers.upgrade?.trim().toLowerCase() === 'websocket';

/** Resolves when the connection has ended. */
export async function forwardUpgrade(
  parts: ProxyParts,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  if (socket.destroyed) return;
  const ended = new Promise<void>((resolve) => socket.once('close', resolve));
  if (!isWebSocket(request)) {
    const error = limitErrors.error('limit.bad_request', 'no protocol but websocket can be upgraded to');
    sendRaw(socket, errorAnswer(501, error));
    return ended;
  }
  if (hasBody(request)) {
    // Behind, it would be waited for: the next request on that connection would be taken for it.
    const error = limitErrors.error('limit.bad_request', 'a request to upgrade cannot have a body');
    sendRaw(socket, errorAnswer(400, error));
    return ended;
  }
  const outgoing = parts.upstream.request({
    method: request.method ?? 'GET',
    path: targetOf(request),
    headers: {
      ...requestFields({ ...parts, request, authority: parts.upstream.authority }),
      connection: 'Upgrade',
      upgrade: 'websocket',
    },
  });
  socket.once('close', () => outgoing.destroy());
  outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
  outgoing.on('error', (error) => {
    const problem = limitErrors.error('limit.upstream_unreachable', `the server behind failed: ${error.message}`);
    if (!socket.writableEnded) sendRaw(socket, errorAnswer(502, problem));
  });
  outgoing.on('upgrade', (incoming, behind, first) => {
    outgoing.removeAllListeners('timeout');
    for (const end of [socket, behind]) allowSilence(end);
    const answer = { ...responseFields(incoming, fields), connection: 'Upgrade', upgrade: 'websocket' };
    socket.write(headOf(incoming, answer));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) behind.write(head);
    join(socket, behind);
  });
  // It does not want to: its answer, and no more requests on this connection.
  outgoing.on('response', (incoming) => {
    socket.write(headOf(incoming, { ...responseFields(incoming, fields), connection: 'close' }));
    incoming.on('error', () => socket.destroy());
    incoming.pipe(socket);
  });
  outgoing.end();
  await ended;
}

/** A WebSocket may say nothing for days; a peer that is gone is noticed by TCP. */
function allowSilence(end: Duplex): void {
  if (!(end instanceof Socket)) return;
  end.setTimeout(0);
  end.setKeepAlive(true, PROBE_AFTER_MS);
}

function join(socket: Duplex, behind: Duplex): void {
  socket.pipe(behind);
  behind.pipe(socket);
  behind.on('error', () => socket.destroy());
  behind.once('close', () => socket.destroy());
  socket.once('close', () => behind.destroy());
}

/** Node has checked the fields when it read them: they hold no line ends. */
function headOf({ statusCode = 502, statusMessage = '' }: IncomingMessage, fields: Fields): string {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join('')}\r\n`;
}
