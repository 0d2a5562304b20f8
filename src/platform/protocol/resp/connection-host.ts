import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.js';
import type { ClientState } from './client-state.js';
import type { CommandTable } from './command.js';
import type { Connection } from './connection.js';
import type { CommandGate } from './gate.js';
import type { RespLimits } from './limits.js';
import type { Pause } from './pause.js';

/** What all connections of a server share. */
export interface ConnectionHost {
  readonly limits: RespLimits;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly table: CommandTable<ClientState>;
  readonly passwordRequired: boolean;
  readonly gate: CommandGate | undefined;
  /** Whether answers wait for the end of their turn (turns.ts). */
  readonly hasTurns: boolean;
  /** Arguments are texts of one character per byte. */
  readonly textArguments: boolean;
  readonly counters: RespCounters;
  readonly pause: Pause;
  /** Calls the connection's {@link Connection.advance} at the end of this turn, once. */
  schedule(connection: Connection): void;
  /** With turns: calls the connection's {@link Connection.endTurn} when the present turn ends. */
  touch(connection: Connection): void;
  /** Everything is sent: takes the socket over until the peer has closed it, too. */
  linger(socket: Socket): void;
}

export interface RespCounters {
  /** Connections accepted since the start. */
  connections: number;
  /** Connections turned away because there were too many. */
  rejected: number;
  /** Commands received, refused ones included. */
  commands: number;
  protocolErrors: number;
  /** Connections cut because they did not read their replies. */
  slowReaders: number;
  /** Handlers running now. */
  running: number;
}
