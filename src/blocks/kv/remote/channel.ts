/** Commands through a connection to a `ds kv serve`, a Redis or a Valkey. */
import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import type { RemoteServer } from '../../../platform/protocol/resp-client/identify.js';
import { readList, type WireReply } from '../../../platform/protocol/resp-client/values.js';
import { type ByteString, bytesOf } from '../bytes.js';
import type { CommandChannel } from '../channel.js';

export class RemoteChannel implements CommandChannel {
  readonly server: RemoteServer['kind'];
  readonly version: string;
  readonly #connection: RemoteConnection;

  constructor(connection: RemoteConnection, { kind, version }: RemoteServer) {
    this.#connection = connection;
    this.server = kind;
    this.version = version;
  }

  get address(): string {
    return this.#connection.address;
  }

  send(args: readonly ByteString[]): Promise<WireReply> {
    return this.#connection.send(args.map(bytesOf));
  }

  async transaction(commands: readonly (readonly ByteString[])[]): Promise<readonly WireReply[]> {
    const sent = [['MULTI'], ...commands, ['EXEC']].map((command) => this.send(command));
    // All of them are waited for: EXEC's refusal says less than that of the command it was for.
    const answers = await Promise.allSettled(sent);
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const last = answers.at(-1);
    return readList(last?.status === 'fulfilled' ? last.value : null, 'EXEC');
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
