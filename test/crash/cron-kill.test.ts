/** See cron-lives.ts. DS_TORTURE_ROUNDS=300 makes it three hundred lives. */
import { join } from 'node:path';
import { test } from 'vitest';
import { openCronStore } from '../../src/blocks/cron/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { liveAndDie } from './cron-lives.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 6);

test(
  `${ROUNDS} lives of schedulers on one file: no slot runs twice, none is unaccounted for`,
  async () => {
    const db = join(temporaryFolder(), 'cron.db');
    const open = () => openCronStore({ path: db, clock: systemClock, random: systemRandom });
    await liveAndDie({ flags: ['--db', db], open, rounds: ROUNDS });
  },
  60_000 + ROUNDS * 8_000,
);
