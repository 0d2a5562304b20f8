/** Schedulers on one PostgreSQL, see cron-lives.ts: it is started for them, and killed and started again while they live. */
import { openPostgresLedger } from '../../src/blocks/cron/remote/postgres.js';
import { systemClock } from '../../src/platform/clock.js';
import { startPostgresServer } from '../helpers/postgres-server.js';
import { liveAndDie } from './cron-lives.js';

export async function liveOnPostgres(rounds: number): Promise<void> {
  const server = await startPostgresServer();
  try {
    await liveAndDie({
      flags: ['--database', server.url],
      open: () => openPostgresLedger(server.url, { clock: systemClock }),
      rounds,
      restart: () => server.restart(),
    });
  } finally {
    await server.stop();
  }
}
