import { hostname } from 'node:os';
import type { Random } from '../../../platform/clock.js';

/** Unique among all that share a store; tells people whom to look for. `kind`: what it is besides a daemon. */
export function workerName(random: Random, kind?: 'run' | 'exec'): string {
  const name = `${hostname()}:${process.pid}:${Buffer.from(random.bytes(4)).toString('hex')}`;
  return kind === undefined ? name : `${kind}:${name}`;
}
