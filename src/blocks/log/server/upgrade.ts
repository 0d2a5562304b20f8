/**
 * Requests that offer another protocol. Node hands each of them out as an upgrade, and takes its parser off the connection. But who is offered
 * one need not take it (RFC 9110, section 7.8): Java's HttpClient offers `h2c` with the first request on every connection.
 *
 *     request with Upgrade ──websocket──▶ tail
 *                          └─anything else──▶ its head without the offer, put back in front of what follows it ──▶ the port's own parser
 */
import type { IncomingMessage } from 'node:http';

export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && namesIn(headers.upgrade).includes('websocket');
}

/** Headers that are of the offer alone. */
const OFFER: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/** As it was sent, but for the offer. */
export function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = [rawHeaders[i], rawHeaders[i + 1]];
    const lower = name.toLowerCase();
    if (OFFER.has(lower)) continue;
    if (lower !== 'connection') lines.push(`${name}: ${value}`);
    else {
      const kept = namesIn(value).filter((option) => !OFFER.has(option));
      if (kept.length > 0) lines.push(`${name}: ${kept.join(', ')}`);
    }
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function namesIn(list = ''): string[] {
  return list.split(',').flatMap((name) => name.trim().toLowerCase() || []);
}
