/**
 * Hears of others' changes by LISTEN, on a connection of its own:
 *
 *     idle ──start──▶ connecting ──▶ listening ──lost──▶ waiting 1 s ──▶ connecting …
 *
 * What was changed while nobody listened is not told; so each new connection counts as a change.
 */
import type { Client } from 'pg';
import type { Clock } from '../../../../platform/clock.js';
import type { PostgresAddress } from './address.js';
import { makeClient } from './connect.js';

const AGAIN_AFTER_MS = 1_000;

export interface ListenerOptions {
  readonly address: PostgresAddress;
  readonly clock: Clock;
  /** Changes that carry this name are own ones, and not told. */
  readonly self: string;
  tell(): void;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #client: Client | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Resolves when the connection is closed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#client?.end().catch(() => {});
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Why it failed is told to whoever asks the database for something next.
      await this.#listen().catch(() => {});
      if (!signal.aborted) await this.#options.clock.sleep(AGAIN_AFTER_MS, signal).catch(() => {});
    }
  }

  /** Until the connection is lost or the listener stopped. */
  async #listen(): Promise<void> {
    const { address, self, tell } = this.#options;
    const client = await makeClient(address);
    client.on('notification', ({ payload }) => {
      if (payload !== self) tell();
    });
    const lost = untilLost(client);
    try {
      await client.connect();
      await client.query(`LISTEN ${address.schema}`);
      this.#client = client;
      tell();
      if (!this.#stopping.signal.aborted) await lost;
    } finally {
      this.#client = undefined;
      await client.end().catch(() => {});
    }
  }
}

function untilLost(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', resolve);
    // 'end' follows; without a listener the error would end the process.
    client.on('error', () => resolve());
  });
}
