/** Only in `npm run torture`: a few rounds are part of `npm run conformance`, which starts servers anyway. */
import { test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { liveOnPostgres } from './cron-lives-postgres.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 0);

test.runIf(ROUNDS > 0 && hasPackages('postgresql'))(
  `${ROUNDS} lives of schedulers on one PostgreSQL: no slot runs twice, none is unaccounted for`,
  { timeout: 120_000 + ROUNDS * 8_000 },
  () => liveOnPostgres(ROUNDS),
);
