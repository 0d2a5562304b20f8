/** CLIENT PAUSE timeout [WRITE|ALL] */

import { readInteger } from './integer.js';
import type { Pause } from './pause.js';
import { error, OK, type Reply } from './reply.js';

const NOTHING_WRITES = error('ERR', 'CLIENT PAUSE WRITE has no meaning here: no command writes. Use ALL');

export interface Pausing {
  readonly pause: Pause;
  /** Whether commands are known that write. */
  readonly anyWrites: boolean;
}

export function pauseClients({ pause, anyWrites }: Pausing, [timeout, mode]: readonly Buffer[]): Reply {
  const which = mode?.toString('latin1').toLowerCase() ?? 'all';
  if (which !== 'write' && which !== 'all') return error('ERR', 'CLIENT PAUSE mode must be WRITE or ALL');
  const milliseconds = readInteger(timeout?.toString('latin1') ?? '');
  if (milliseconds === undefined) return error('ERR', 'timeout is not an integer or out of range');
  if (milliseconds < 0n) return error('ERR', 'timeout is negative');
  if (milliseconds > BigInt(Number.MAX_SAFE_INTEGER)) return error('ERR', 'timeout is out of range');
  if (which === 'write' && !anyWrites) return NOTHING_WRITES;
  pause.begin(Number(milliseconds), which === 'all');
  return OK;
}
