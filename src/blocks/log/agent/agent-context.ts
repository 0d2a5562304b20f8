/** What an agent is given to work with. */
import type { Readable } from 'node:stream';
import type { Clock, Random } from '../../../platform/clock.js';
import type { Environment } from '../../../platform/paths.js';
import type { TellEvent } from './events.js';

export interface AgentContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Environment;
  readonly stdin: Readable;
  /** Where the sink `-` writes to. Rejects with ClosedPipe when its reader has gone, which ends the agent. */
  readonly writeOut: (bytes: Uint8Array) => Promise<void>;
  readonly tell: TellEvent;
}
