/**
 * One connection over TCP or TLS, kept for several queries. Queries are sent without waiting for the replies to earlier ones
 * (RFC 7766, section 6.2.1.1), which may come in any order: a reply is its query's by its id, unique on the connection.
 *
 *     connecting ──▶ open ──▶ ended      by the peer, an error, close(), or IDLE_MS without a query under way
 *
 * A peer that sends what nobody asked for, again and again, is hung up on.
 */
import type { Socket } from 'node:net';
import type { Clock, Random } from '../../../platform/clock.js';
import type { DsError } from '../../../platform/errors.js';
import { readUint16 } from '../wire/octets.js';
import { endOfPatience, Ignored, octetsOf, type Patience, type Reply, unreachable } from './attempt.js';
import { FrameReader, frame } from './frames.js';
import type { Reading } from './match.js';
import type { NameServer } from './server-address.js';

/** How long a connection without queries is kept, milliseconds: servers close theirs after 10 to 30 s. */
const IDLE_MS = 9_000;
/** Ids in use on one connection; one more query gets another connection. */
const MOST_UNDER_WAY = 1_000;
/** Messages that belong to no query, in a row, before the connection is ended. */
const MOST_FOREIGN = 100;

/** A query that takes the id it is told to. */
export interface StreamQuery {
  write(id: number): Uint8Array;
  read(bytes: Uint8Array, id: number): Reading;
}

interface Waiting {
  take(bytes: Uint8Array): boolean;
  end(error: DsError): void;
}

export interface StreamOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Called once the connection has ended. */
  readonly onEnd: () => void;
}

export class Stream {
  readonly #server: NameServer;
  readonly #socket: Socket;
  readonly #options: StreamOptions;
  readonly #frames = new FrameReader();
  readonly #waiting = new Map<number, Waiting>();
  /** Ids of queries that were given up: their replies may still come. */
  readonly #givenUp = new Set<number>();
  #stopIdling: (() => void) | undefined;
  #foreign = 0;
  /** Messages that have come. */
  #received = 0;
  /** Nothing came while a query waited for all of its time: there may be nobody left. */
  #silent = false;
  #ended = false;

  /** The socket is connected, its handshake done. */
  constructor(server: NameServer, socket: Socket, options: StreamOptions) {
    this.#server = server;
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#onData(bytes));
    socket.on('error', (error) => this.#end(unreachable(server, error)));
    socket.on('close', () => this.#end(hungUp(server)));
    socket.on('end', () => this.#end(hungUp(server)));
    this.#idle();
  }

  get hasRoom(): boolean {
    return !this.#ended && !this.#silent && this.#waiting.size + this.#givenUp.size < MOST_UNDER_WAY;
  }

  /** Errors: `dns.timeout`, `dns.unreachable` (the connection ended meanwhile), `dns.malformed`. */
  ask(query: StreamQuery, patience: Patience): Promise<Reply> {
    const { signal, timeoutMs } = patience;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#ended) return reject(hungUp(this.#server));
      const id = this.#freeId();
      const sentAt = patience.clock.monotonic();
      const receivedBefore = this.#received;
      const ignored = new Ignored();
      const settle = (outcome: () => void) => {
        stopWaiting();
        this.#waiting.delete(id);
        if (this.#waiting.size === 0) this.#idle();
        outcome();
      };
      const stopWaiting = endOfPatience(patience, (reason) => {
        this.#givenUp.add(id);
        if (reason === undefined && this.#received === receivedBefore) this.#silent = true;
        settle(() => reject(reason ?? ignored.timeout(this.#server, timeoutMs)));
      });
      this.#stopIdling?.();
      this.#waiting.set(id, {
        take: (bytes) => {
          const reading = query.read(bytes, id);
          if (reading.kind === 'foreign') ignored.add(reading.why);
          else if (reading.kind === 'reply') {
            const elapsedMs = patience.clock.monotonic() - sentAt;
            settle(() => resolve({ message: reading.message, bytes, elapsedMs }));
          } else settle(() => reject(reading.error));
          return reading.kind !== 'foreign';
        },
        end: (error) => settle(() => reject(error)),
      });
      this.#socket.write(frame(query.write(id)));
    });
  }

  close(): void {
    this.#end(hungUp(this.#server));
  }

  #freeId(): number {
    for (;;) {
      const id = readUint16(this.#options.random.bytes(2), 0);
      if (!this.#waiting.has(id) && !this.#givenUp.has(id)) return id;
    }
  }

  #onData(buffer: Uint8Array): void {
    for (const bytes of this.#frames.push(octetsOf(buffer))) {
      const id = readUint16(bytes, 0);
      this.#received++;
      const taken = this.#waiting.get(id)?.take(bytes) ?? this.#givenUp.delete(id);
      this.#foreign = taken ? 0 : this.#foreign + 1;
      if (this.#foreign > MOST_FOREIGN) this.#end(hungUp(this.#server, 'it sends what nobody asked for'));
    }
  }

  #idle(): void {
    if (this.#ended) return;
    this.#stopIdling = endOfPatience({ clock: this.#options.clock, timeoutMs: IDLE_MS }, () => this.close());
  }

  #end(error: DsError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopIdling?.();
    this.#socket.destroy();
    for (const waiting of [...this.#waiting.values()]) waiting.end(error);
    this.#options.onEnd();
  }
}

function hungUp(server: NameServer, why = 'it hung up'): DsError {
  return unreachable(server, new Error(why));
}
