/**
 * Works connections off at the end of a turn of the event loop, after all sockets of this turn were read and all promises of it settled:
 *
 *     schedule ──setImmediate──▶ advance each ──with turns──▶ end the turn ──▶ endTurn each ──settled──▶ turnSettled each
 */
import type { Connection } from './connection.js';
import { TurnEnd, type Turns } from './turns.js';

export class TurnLoop {
  readonly #turns: Turns | undefined;
  /** Called when the end of a turn has settled. */
  readonly #settled: () => void;
  #scheduled: Connection[] = [];
  #touched: Connection[] = [];

  constructor(turns: Turns | undefined, settled: () => void) {
    this.#turns = turns;
    this.#settled = settled;
  }

  /** Calls the connection's {@link Connection.advance} at the end of this turn, once. */
  schedule(connection: Connection): void {
    if (connection.scheduled) return;
    connection.scheduled = true;
    this.#scheduled.push(connection);
    if (this.#scheduled.length === 1) setImmediate(() => this.#advance());
  }

  /** With turns: calls the connection's {@link Connection.endTurn} when the present turn ends. */
  touch(connection: Connection): void {
    if (connection.touched) return;
    connection.touched = true;
    this.#touched.push(connection);
  }

  #advance(): void {
    const scheduled = this.#scheduled;
    this.#scheduled = [];
    for (const connection of scheduled) {
      connection.scheduled = false;
      connection.advance();
    }
    if (this.#turns !== undefined) this.#endTurn(this.#turns);
  }

  #endTurn(turns: Turns): void {
    const touched = this.#touched;
    this.#touched = [];
    const end = new TurnEnd();
    const waits = turns.end((failure) => {
      end.settled = true;
      end.failure = failure;
      for (const connection of touched) connection.turnSettled();
      this.#settled();
    });
    for (const connection of touched) connection.endTurn(waits ? end : undefined);
  }
}
