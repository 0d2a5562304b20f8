/** A command of a block's own, in one definition for both ends of the wire. */
import type { WireReply } from '../resp-client/values.js';
import type { RespCommand } from './command.js';
import type { Reply } from './reply.js';

/** The server decodes requests and encodes results, the client does the opposite. */
export interface WireCommand<Request, Result> {
  readonly name: string;
  readonly arity: number;
  readonly flags: readonly string[];
  readonly firstKey?: number;
  readonly summary: string;
  /** Arguments without the name. */
  encodeRequest(request: Request): (string | Buffer)[];
  /** Errors: the block's, for arguments that cannot be read. */
  decodeRequest(args: readonly Buffer[]): Request;
  encodeResult(result: Result): Reply;
  /** Error: `peer.protocol`. */
  decodeResult(reply: WireReply): Result;
}

/** The server's end: what a call answers, at once where `call` does. */
export function served<Request, Result>(
  wire: WireCommand<Request, Result>,
  call: (request: Request) => Result | Promise<Result>,
): RespCommand {
  const { name, arity, flags, summary, firstKey } = wire;
  return {
    name,
    arity,
    flags,
    summary,
    ...(firstKey !== undefined && { firstKey }),
    handle(_connection, args) {
      const result = call(wire.decodeRequest(args));
      return result instanceof Promise
        ? result.then((value: Result) => wire.encodeResult(value))
        : wire.encodeResult(result);
    },
  };
}
