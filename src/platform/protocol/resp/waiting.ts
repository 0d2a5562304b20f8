/**
 * The answer of a command that blocks its connection until something happens elsewhere, such as BLPOP. Unlike a promise's, the answer is
 * written at once, so that it belongs to the turn in which what it tells happened.
 *
 *     waiting ──answer()──▶ answered      the connection goes on with its next command
 *        └──the peer leaves──▶ left       onLeft is called, later answers go nowhere
 *
 * CLIENT UNBLOCK asks for an answer before its time.
 */
import type { Reply } from './reply.js';

export type Unblocking = 'timeout' | 'error';

export class Waiting {
  readonly waits = true;
  /** Called once when the connection ends before the answer. */
  onLeft: (() => void) | undefined;
  /** To answer now: as if the time to wait were over, or with an error. Without it nobody can end the waiting. */
  onUnblock: ((how: Unblocking) => void) | undefined;
  #deliver: ((reply: Reply) => void) | undefined;
  #early: { readonly reply: Reply } | undefined;
  #over = false;

  /** Ignored once it is over. */
  answer(reply: Reply): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#deliver === undefined) this.#early = { reply };
    else this.#deliver(reply);
  }

  /** For the connection alone: where the answer goes. */
  connect(deliver: (reply: Reply) => void): void {
    if (this.#early === undefined) this.#deliver = deliver;
    else deliver(this.#early.reply);
  }

  /** For the connection alone. */
  leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.onLeft?.();
  }
}
