/** What a listener hands queries to. Octets that it gets are its own until it has answered. */
import type { Client } from './client.js';

export interface Handler {
  /** Undefined: no response. Never throws, never rejects. */
  answer(query: Buffer, client: Client): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The messages of a zone transfer, where the query asks for one; only of streams. */
  transfer(query: Buffer, client: Client): AsyncIterable<Uint8Array> | undefined;
}
