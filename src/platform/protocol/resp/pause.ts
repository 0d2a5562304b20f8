/**
 * CLIENT PAUSE: connections keep what may not run now, and go on when the pause is over.
 *
 *     running ──pause()──▶ paused (writes │ all) ──its time is over, CLIENT UNPAUSE──▶ running: who was kept goes on, in order of arrival
 *
 * A further pause makes it longer and stricter, never shorter, as in Redis. Commands that wait already (BLPOP) go on waiting, and are answered
 * when their time is over.
 */
import type { Clock } from '../../clock.js';
import type { ClientState } from './client-state.js';
import type { CommandEntry } from './command.js';
import type { Connection } from './connection.js';

type Entry = CommandEntry<ClientState>;

interface PauseHost {
  /** Whether a command writes, or what it runs. */
  writes(connection: Connection, entry: Entry): boolean;
  /** Lets a connection try its command again, at the end of the present turn. */
  goOn(connection: Connection): void;
}

export class Pause {
  /** Looked at before each command. */
  active = false;
  readonly #clock: Clock;
  readonly #host: PauseHost;
  #all = false;
  /** On the monotonic clock. */
  #until = 0;
  #timer = new AbortController();
  /** In order of arrival. */
  readonly #kept = new Set<Connection>();

  constructor(clock: Clock, host: PauseHost) {
    this.#clock = clock;
    this.#host = host;
  }

  /** Whether the connection must keep its command: it will be told when to try again. */
  keeps(connection: Connection, entry: Entry): boolean {
    if (!this.active || !(this.#all || this.#host.writes(connection, entry))) return false;
    this.#kept.add(connection);
    return true;
  }

  /** Whether the connection has a command to run when the pause is over. */
  has(connection: Connection): boolean {
    return this.#kept.has(connection);
  }

  /** It has left. */
  forget(connection: Connection): void {
    this.#kept.delete(connection);
  }

  begin(milliseconds: number, all: boolean): void {
    if (milliseconds === 0) return;
    const until = this.#clock.monotonic() + milliseconds;
    this.#until = this.active ? Math.max(this.#until, until) : until;
    this.#all = (this.active && this.#all) || all;
    this.active = true;
    this.#timer.abort();
    this.#timer = new AbortController();
    void this.#endInTime(this.#timer.signal);
  }

  end(): void {
    this.#timer.abort();
    this.active = false;
    const kept = [...this.#kept];
    this.#kept.clear();
    for (const connection of kept) this.#host.goOn(connection);
  }

  async #endInTime(signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(this.#until - this.#clock.monotonic(), signal);
    } catch {
      return;
    }
    if (!signal.aborted) this.end();
  }
}
