/** What commands of Redis's go through: a file in this process, or a connection. */
import type { WireReply } from '../../platform/protocol/resp-client/values.js';
import type { ByteString } from './bytes.js';
import type { StoreStats } from './key-value-store.js';

export interface CommandChannel {
  readonly server: StoreStats['server'];
  readonly version?: string;
  /**
   * One command, its name first. Replies are those of RESP2: numbers as decimal texts, bulk strings with one character a byte. Errors:
   * `storage.*`, `peer.*`, `kv.*`, and {@link ErrorReply} for what Redis's own error replies say.
   */
  send(args: readonly ByteString[]): Promise<WireReply>;
  /**
   * All of them together, and nobody between them. An error reply of one of them is an error of all; a file then has none of them, a
   * server the others.
   */
  transaction(commands: readonly (readonly ByteString[])[]): Promise<readonly WireReply[]>;
  close(): Promise<void>;
}
