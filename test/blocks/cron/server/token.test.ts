import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readToken } from '../../../../src/blocks/cron/server/token.js';
import { systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const tokenIn = (home: string, file?: string) =>
  readToken({ home, file, random: systemRandom, logger: pino({ level: 'silent' }) });

test('daemons that start at once in a home that is not there yet agree on one token, which only their user can read', async () => {
  const home = join(temporaryFolder(), 'home');
  const tokens = new Set(await Promise.all(Array.from({ length: 16 }, () => tokenIn(home))));
  expect(tokens.size).toBe(1);
  expect([...tokens][0]).toMatch(/^[\w-]{43}$/);
  expect(readdirSync(home)).toEqual(['cron.token']);
  expect(statSync(join(home, 'cron.token')).mode & 0o777).toBe(0o600);
  expect(await tokenIn(home)).toBe([...tokens][0]);
});

test('a token of the user’s own is read, and none is made beside it', async () => {
  const home = temporaryFolder();
  const file = join(home, 'own');
  writeFileSync(file, 'of my own\n');
  expect(await tokenIn(home, file)).toBe('of my own');
  await expect(tokenIn(home, join(home, 'missing'))).rejects.toMatchObject({ code: 'secret.unreadable' });
  expect(readdirSync(home)).toEqual(['own']);
});
