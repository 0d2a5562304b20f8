/** DNS over UDP (RFC 1035, section 4.2.1). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Logger } from 'pino';
import { formatAddress, type ListenAddress } from '../../../../platform/daemon/address.js';
import { datagramType, listenDatagram } from '../../../../platform/daemon/listen.js';
import type { Client } from '../client.js';
import type { Handler } from '../handler.js';

/** Octets that the kernel keeps while the event loop is busy; it takes as much as it may (net.core.rmem_max). */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
const SEND_BUFFER = 1024 * 1024;
/** Queries on their way to other servers; beyond it new ones that need that are dropped. */
const MOST_WAITING = 10_000;

export class UdpListener {
  readonly #socket: Socket;
  readonly #handler: Handler;
  readonly #logger: Logger;
  #waiting = 0;
  #idle: (() => void) | undefined;

  constructor(host: string, handler: Handler, logger: Logger) {
    this.#handler = handler;
    this.#logger = logger;
    this.#socket = createSocket({
      type: datagramType(host),
      recvBufferSize: RECEIVE_BUFFER,
      sendBufferSize: SEND_BUFFER,
      // Replies go to addresses, never to names: without this each send() waits for a turn of the event loop.
      lookup: (address, _options, callback) => callback(null, address, datagramType(host) === 'udp6' ? 6 : 4),
    });
  }

  /** Resolves with the address bound. Errors: `listen.*`. */
  async listen(address: ListenAddress, flag: string): Promise<ListenAddress> {
    const bound = await listenDatagram(this.#socket, { address, flag });
    this.#socket.on('message', (query, peer) => this.#receive(query, peer));
    this.#socket.on('error', (error) => this.#logger.warn({ err: error }, 'the UDP socket reported an error'));
    return bound;
  }

  /** Queries that have no answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Stops reading; resolves when what waits is answered. */
  async drain(): Promise<void> {
    this.#socket.removeAllListeners('message');
    if (this.#waiting > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  close(): void {
    this.#socket.close();
  }

  #receive(query: Buffer, { address, port }: RemoteInfo): void {
    // Port 0 cannot be answered.
    if (port === 0) return;
    const client: Client = { transport: 'udp', address, port };
    const answer = this.#handler.answer(query, client);
    if (answer instanceof Promise) this.#later(answer, client);
    else if (answer !== undefined) this.#socket.send(answer, port, address);
  }

  #later(answer: Promise<Uint8Array | undefined>, { address, port }: Client): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    void answer.then((wire) => {
      this.#waiting--;
      if (wire !== undefined) this.#send(wire, port, address);
      if (this.#waiting === 0) this.#idle?.();
    });
  }

  #send(wire: Uint8Array, port: number, address: string): void {
    this.#socket.send(wire, port, address, (error) => {
      if (error)
        this.#logger.debug({ err: error, peer: formatAddress({ host: address, port }) }, 'a response was not sent');
    });
  }
}
