/**
 * Connections that the requests of one process share. One that has answered is kept for a moment, for the next request to its origin:
 *
 *     take ──▶ the newest that is kept, ──▶ one request ──┬── answered to the end ──▶ kept ──┬─▶ taken again
 *              else a new one                             └── else ──▶ closed                └─▶ half a second, or the server closes it
 *
 * A server may close a connection in the very moment in which a request leaves on it, and then nobody knows whether it was carried out.
 * That is rare here, since servers keep an idle connection for two seconds and longer, and this side for half a second. What was sent
 * is not sent again by itself: whether it may be is for its job to say.
 */
import type { Client } from 'undici';

/** Under load the next request comes at once; at other times a connection more is nothing. Milliseconds. */
const IDLE_MS = 500;
const MOST_KEPT = 256;

/** The job's timeout is the only one. */
const patience = { headersTimeout: 0, bodyTimeout: 0 };

export class HttpConnections {
  /** Idle ones, the newest last. */
  readonly #kept = new Map<string, Client[]>();
  readonly #most: number;
  #count = 0;
  #isClosed = false;

  /** `most`: of idle ones; 0 where there is a single request. */
  constructor({ most = MOST_KEPT }: { readonly most?: number } = {}) {
    this.#most = most;
  }

  /** For one request; then it is given back. Error: no origin of HTTP. */
  async take(origin: string): Promise<Client> {
    const client = this.#kept.get(origin)?.at(-1);
    if (client === undefined) return this.#make(origin);
    this.#forget(origin, client);
    return client;
  }

  /** `isWhole`: the answer was read to its end. */
  async giveBack(origin: string, client: Client, isWhole: boolean): Promise<void> {
    if (!isWhole || this.#isClosed || this.#count >= this.#most) return client.destroy();
    const list = this.#kept.get(origin);
    if (list === undefined) this.#kept.set(origin, [client]);
    else list.push(client);
    this.#count++;
  }

  /** Idle ones are closed; what is in use, when it is given back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const idle = [...this.#kept.values()].flat();
    this.#kept.clear();
    await Promise.all(idle.map((client) => client.destroy()));
  }

  async #make(origin: string): Promise<Client> {
    const { Client } = await import('../../../platform/http-client.js');
    const client = new Client(origin, { ...patience, keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS });
    client.on('disconnect', () => {
      if (this.#forget(origin, client)) void client.destroy();
    });
    return client;
  }

  /** Whether it was kept. */
  #forget(origin: string, client: Client): boolean {
    const list = this.#kept.get(origin) ?? [];
    const index = list.lastIndexOf(client);
    if (index < 0) return false;
    list.splice(index, 1);
    if (list.length === 0) this.#kept.delete(origin);
    this.#count--;
    return true;
  }
}
