/**
 * One query over UDP, from a socket of its own: the system chooses its port at random, and as it is connected, only what
 * comes from the address and port that was asked gets through to it (RFC 5452, section 9). All else that comes is ignored
 * until the time is over.
 */
import { createSocket } from 'node:dgram';
import { endOfPatience, Ignored, octetsOf, type Patience, type Reply, unreachable } from './attempt.js';
import type { Reading } from './match.js';
import type { NameServer } from './server-address.js';

/** `address` is what the server's host resolved to. Errors: `dns.timeout`, `dns.unreachable`. */
export function askOverUdp(
  server: NameServer,
  address: string,
  query: Uint8Array,
  read: (bytes: Uint8Array) => Reading,
  patience: Patience,
): Promise<Reply> {
  const { signal, timeoutMs } = patience;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // The address is one already: the usual look-up would load more of Node than a query takes.
    const family = address.includes(':') ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    const ignored = new Ignored();
    let ended = false;
    let sentAt = 0;
    const end = () => {
      ended = true;
      stopWaiting();
      socket.removeAllListeners();
      // A socket that is being closed may still fail to connect.
      socket.on('error', () => {});
      socket.close();
    };
    const stopWaiting = endOfPatience(patience, (reason) => {
      end();
      reject(reason ?? ignored.timeout(server, timeoutMs));
    });
    const fail = (error: Error | null | undefined) => {
      if (error === null || error === undefined || ended) return;
      end();
      reject(unreachable(server, error));
    };
    socket.on('error', fail);
    socket.on('message', (buffer) => {
      const bytes = octetsOf(buffer);
      const reading = read(bytes);
      if (reading.kind === 'reply') {
        end();
        resolve({ message: reading.message, bytes, elapsedMs: patience.clock.monotonic() - sentAt });
      } else ignored.add(reading.kind === 'foreign' ? reading.why : reading.error.message);
    });
    socket.connect(server.port, address, (error?: Error) => {
      if (error !== undefined) return fail(error);
      sentAt = patience.clock.monotonic();
      socket.send(query, fail);
    });
  });
}
