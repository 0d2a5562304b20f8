/** Sockets that are closed on our side, for as long as their peers may take to close theirs. */
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.js';

/** How long a connection lingers, once everything is sent, for its peer to close; milliseconds. */
const LINGER_MS = 1_000;

export class LingeringSockets {
  readonly #clock: Clock;
  /** For a peer that does not read what is left, milliseconds. */
  readonly #mostMs: number;
  /** With the monotonic time when they are destroyed. */
  readonly #deadlines = new Map<Socket, number>();

  constructor(clock: Clock, mostMs: number) {
    this.#clock = clock;
    this.#mostMs = mostMs;
  }

  /** Everything was handed to it: throws away what still comes in. */
  add(socket: Socket): void {
    this.#deadlines.set(socket, this.#clock.monotonic() + this.#mostMs);
    socket.once('close', () => this.#deadlines.delete(socket));
    socket.once('end', () => socket.destroySoon());
    socket.resume();
    socket.end(() => {
      if (this.#deadlines.has(socket)) this.#deadlines.set(socket, this.#clock.monotonic() + LINGER_MS);
    });
    if (socket.readableEnded) socket.destroySoon();
  }

  /** Called about once a second. */
  checkTime(now: number): void {
    for (const [socket, deadline] of this.#deadlines) if (now >= deadline) socket.destroy();
  }
}
