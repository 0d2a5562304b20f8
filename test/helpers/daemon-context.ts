import { pino } from 'pino';
import { Registry } from 'prom-client';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import type { DaemonContext } from '../../src/platform/daemon/block.js';

/** What a block's daemon is given in a test: the real time, and a log that is only read where DS_TEST_LOG names its level. */
export function daemonContext(given: Pick<DaemonContext, 'home'> & Partial<DaemonContext>): DaemonContext {
  return {
    clock: systemClock,
    random: systemRandom,
    logger: pino({ level: process.env['DS_TEST_LOG'] ?? 'silent' }),
    metrics: new Registry(),
    machine: 'this machine',
    environment: {},
    version: '0.0.0',
    ...given,
  };
}
