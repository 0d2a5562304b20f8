/**
 * Whether a peer reads what it is sent: above the soft limit nothing more is answered until its socket has drained, above the hard one, or after
 * too long a time, it is cut.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.js';
import type { RespLimits } from './limits.js';

export class SlowReaderWatch {
  readonly #socket: Socket;
  readonly #limits: RespLimits;
  readonly #clock: Clock;
  /** Cuts the connection. */
  readonly #cut: (unsent: number) => void;
  /** Monotonic time since which more than the soft limit is unsent, else undefined. */
  #stalledSince: number | undefined;

  constructor(socket: Socket, limits: RespLimits, clock: Clock, cut: (unsent: number) => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#clock = clock;
    this.#cut = cut;
  }

  get stalled(): boolean {
    return this.#stalledSince !== undefined;
  }

  /** The socket has drained. */
  drained(): void {
    this.#stalledSince = undefined;
  }

  /** To be called when something was handed to the socket. */
  sent(): void {
    const unsent = this.#socket.writableLength;
    if (unsent > this.#limits.outputHardBytes) this.#cut(unsent);
    else if (unsent > this.#limits.outputSoftBytes && this.#socket.writableNeedDrain) {
      this.#stalledSince ??= this.#clock.monotonic();
    }
  }

  /** Called about once a second: true where the peer was cut. */
  checkTime(now: number): boolean {
    if (this.#stalledSince === undefined || now - this.#stalledSince <= this.#limits.outputStallMs) return false;
    this.#cut(this.#socket.writableLength);
    return true;
  }
}
