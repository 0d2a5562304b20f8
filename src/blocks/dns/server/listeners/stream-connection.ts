/**
 * One connection of DNS over TCP or TLS (RFC 7766): messages with their length in front, many under way, answered in the
 * order in which answers are ready.
 *
 *     reading ──too many under way, or answers not taken──▶ paused ──▶ reading
 *        │  the peer ended, or we are stopping                           ▲
 *        ▼                                                               │
 *     ending ──nothing under way──▶ closed          a zone transfer ─────┘ (nothing else is read meanwhile)
 *
 * Bounds: messages under way, octets that the peer has not taken, and silence.
 */
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from '../client.js';
import type { Handler } from '../handler.js';

/** Queries of one connection that are being answered; reading pauses beyond it. */
const MOST_UNDER_WAY = 128;
/** Octets of answers that the peer has not taken; reading pauses beyond it. */
const MOST_UNREAD = 1024 * 1024;
/** Milliseconds without a query or an answer taken. */
export const IDLE_MS = 30_000;
/** For a message to arrive as a whole, milliseconds: else an octet now and then would hold a connection for ever. */
const MESSAGE_MS = 10_000;
/** The same once we have ended: how long the peer may take to end, too. */
const LINGER_MS = 1_000;

export class StreamConnection {
  readonly #socket: Socket;
  readonly #handler: Handler;
  readonly #client: Client;
  readonly #onClose: () => void;
  #held: Buffer = Buffer.alloc(0);
  #underWay = 0;
  #transferring = false;
  #deadline: NodeJS.Timeout | undefined;
  #state: 'open' | 'peer-ended' | 'ending' = 'open';

  constructor(socket: Socket, handler: Handler, client: Client, onClose: () => void) {
    this.#socket = socket;
    this.#handler = handler;
    this.#client = client;
    this.#onClose = onClose;
    socket.setNoDelay(true);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#continue());
    socket.on('end', () => this.#peerEnded());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(this.#deadline);
      this.#onClose();
    });
  }

  /** Answers what was read, then closes. */
  end(): void {
    this.#state = 'ending';
    this.#endWhenDone();
  }

  /** It will ask nothing more; what it has asked is answered. */
  #peerEnded(): void {
    if (this.#state === 'open') this.#state = 'peer-ended';
    this.#continue();
  }

  #endWhenDone(): void {
    const socket = this.#socket;
    if (this.#state === 'open' || this.#underWay > 0 || this.#isFull() || socket.writableEnded) return;
    socket.end();
    // What still comes is read and dropped: unread, it would make the kernel reset the connection under the last answer.
    this.#held = Buffer.alloc(0);
    socket.setTimeout(LINGER_MS);
    socket.resume();
  }

  #receive(chunk: Buffer): void {
    if (this.#state === 'ending' || this.#socket.writableEnded) return;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#read();
  }

  /** Every whole message that is here, as far as there may be more under way. Their answers leave in one packet. */
  #read(): void {
    const socket = this.#socket;
    socket.cork();
    let at = 0;
    while (!this.#isFull() && this.#held.length - at >= 2) {
      const end = at + 2 + this.#held.readUInt16BE(at);
      if (end > this.#held.length) break;
      this.#answer(this.#held.subarray(at + 2, end));
      at = end;
    }
    if (at > 0) this.#held = this.#held.subarray(at);
    this.#watchMessage(at > 0);
    socket.uncork();
    if (this.#isFull()) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  /** Gives what is left of a message its time; `moved`: it is another one than before. */
  #watchMessage(moved: boolean): void {
    const isPartial = this.#held.length > 0 && !this.#isFull();
    if (this.#deadline !== undefined && (moved || !isPartial)) {
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
    }
    if (isPartial) this.#deadline ??= setTimeout(() => this.#socket.destroy(), MESSAGE_MS);
  }

  #isFull(): boolean {
    return this.#transferring || this.#underWay >= MOST_UNDER_WAY || this.#socket.writableLength > MOST_UNREAD;
  }

  #answer(query: Buffer): void {
    const messages = this.#handler.transfer(query, this.#client);
    if (messages !== undefined) {
      void this.#transfer(messages);
      return;
    }
    const answer = this.#handler.answer(query, this.#client);
    if (answer instanceof Promise) void this.#later(answer);
    else if (answer === undefined) this.#socket.destroy();
    else this.#write(answer);
  }

  async #later(answer: Promise<Uint8Array | undefined>): Promise<void> {
    this.#underWay++;
    const wire = await answer;
    this.#underWay--;
    if (wire !== undefined) this.#write(wire);
    this.#continue();
  }

  /** The order of messages matters, so nothing else is answered meanwhile. What fails cuts the connection (RFC 5936, 2.2). */
  async #transfer(messages: AsyncIterable<Uint8Array>): Promise<void> {
    this.#transferring = true;
    try {
      for await (const message of messages) {
        if (this.#socket.destroyed) return;
        if (!this.#write(message)) await drained(this.#socket);
        // A peer that takes all at once would have this process to itself until the end of its zone.
        await nextTurn();
      }
    } catch {
      this.#socket.destroy();
    } finally {
      this.#transferring = false;
    }
    this.#continue();
  }

  #continue(): void {
    if (this.#socket.destroyed) return;
    if (this.#state !== 'ending') this.#read();
    this.#endWhenDone();
  }

  #write(wire: Uint8Array): boolean {
    const framed = Buffer.allocUnsafe(wire.length + 2);
    framed.writeUInt16BE(wire.length, 0);
    framed.set(wire, 2);
    return this.#socket.write(framed);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
