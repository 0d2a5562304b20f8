import type { Socket } from 'node:net';
import type { Connection } from './connection.js';
import type { Pause } from './pause.js';
import type { ServerContext } from './server-context.js';

/** The server, as its connections see it. */
export interface ConnectionHost extends ServerContext {
  readonly pause: Pause;
  /** Calls the connection's {@link Connection.advance} at the end of this turn, once. */
  schedule(connection: Connection): void;
  /** With turns: calls the connection's {@link Connection.endTurn} when the present turn ends. */
  touch(connection: Connection): void;
  /** Everything is sent: takes the socket over until the peer has closed it, too. */
  linger(socket: Socket): void;
}
