import type { Logger } from 'pino';
import type { Clock } from '../../clock.js';
import type { ClientState } from './client-state.js';
import type { CommandTable } from './command.js';
import type { CommandGate } from './gate.js';
import type { RespLimits } from './limits.js';

/** What a server gives to all of its connections. */
export interface ServerContext {
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
  /** Bytes of commands that have not arrived whole. */
  unfinishedBytes: number;
  /** Handlers running now. */
  running: number;
}
