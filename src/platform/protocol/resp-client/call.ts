/** One command of a block's daemon, from the client's side. */
import { peerErrors } from '../errors.js';
import type { WireCommand } from '../resp/wire-command.js';
import { type Argument, ErrorReply, type RemoteConnection } from './connection.js';
import type { WireReply } from './values.js';

/** Errors: what the server sent as a DsError, `peer.refused` for any other error reply, `peer.unreachable`. */
export async function send(connection: RemoteConnection, args: readonly Argument[]): Promise<WireReply> {
  try {
    return await connection.send(args);
  } catch (failure) {
    if (!(failure instanceof ErrorReply)) throw failure;
    throw peerErrors.error('peer.refused', `${connection.address} refused ${args[0]}: ${failure.message}`);
  }
}

/** Errors: as send(), and `peer.protocol` for a result of another form. */
export async function call<Request, Result>(
  connection: RemoteConnection,
  command: WireCommand<Request, Result>,
  request: Request,
): Promise<Result> {
  return command.decodeResult(await send(connection, [command.name, ...command.encodeRequest(request)]));
}
