/**
 * Lua scripts on a Redis server: one atomic step each. They are called by digest (EVALSHA), and sent whole only to a
 * server that does not have them yet.
 */
import { createHash } from 'node:crypto';
import { peerErrors } from '../errors.js';
import { type Argument, ErrorReply, type RemoteConnection } from './connection.js';
import type { WireReply } from './values.js';

export interface Script {
  readonly lua: string;
  readonly digest: string;
}

export const defineScript = (lua: string): Script => ({ lua, digest: createHash('sha1').update(lua).digest('hex') });

export class ScriptRunner {
  readonly #connection: RemoteConnection;

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
  }

  async run(
    script: Script,
    keys: readonly Argument[],
    args: readonly (Argument | number | bigint)[],
  ): Promise<WireReply> {
    const values = args.map((arg) => (Buffer.isBuffer(arg) ? arg : String(arg)));
    const rest = [String(keys.length), ...keys, ...values];
    try {
      return await this.#connection.send(['EVALSHA', script.digest, ...rest]);
    } catch (failure) {
      if (!(failure instanceof ErrorReply) || failure.code !== 'NOSCRIPT') throw this.#explain(failure);
    }
    return this.#guarded(['EVAL', script.lua, ...rest]);
  }

  /** A plain command. */
  send(args: readonly Argument[]): Promise<WireReply> {
    return this.#guarded(args);
  }

  #guarded(args: readonly Argument[]): Promise<WireReply> {
    return this.#connection.send(args).catch((failure: unknown) => {
      throw this.#explain(failure);
    });
  }

  #explain(failure: unknown): unknown {
    if (!(failure instanceof ErrorReply)) return failure;
    // A cluster's answer: MOVED <slot> <host:port of the node that has the keys>.
    const node = failure.code === 'MOVED' ? failure.message.split(' ')[2] : undefined;
    return peerErrors.error('peer.refused', `${this.#connection.address} refused: ${failure.message}`, {
      ...(node === undefined ? {} : { hint: `ask the node that has the keys: --url redis://${node}` }),
    });
  }
}
