/** `npm run torture` does the same hundreds of times. */
import { describe, test } from 'vitest';
import { liveOnPostgres } from '../crash/cron-lives-postgres.js';
import { hasPackages } from '../helpers/programs.js';

const ROUNDS = 8;

describe.runIf(hasPackages('postgresql'))('schedulers on one PostgreSQL, killed and paused, and it, too', () => {
  test('run no slot twice and leave none unaccounted for', { timeout: 180_000 }, () => liveOnPostgres(ROUNDS));
});
