import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createCronHttpServer, MOST_CALLS, MOST_PINGS } from '../../../../src/blocks/cron/server/http.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { externalSpec, pingKeyOf } from '../contract-world.js';

const TOKEN = 'secret';

async function openPort() {
  const ledger = await openCronStore({ path: join(temporaryFolder(), 'cron.db'), clock: systemClock });
  const logger = pino({ level: 'silent' });
  const app = createCronHttpServer({ ledger, logger, secret: TOKEN, open: false, onPing: () => {} });
  onTestFinished(async () => {
    await app.close();
    await ledger.close();
  });
  // Pings of a job are taken one after the other, those of several together.
  const jobs = Array.from({ length: 64 }, (_, index) => `backup-${index}`);
  await ledger.apply({ put: jobs.map((name) => externalSpec(name)), remove: [] });
  await app.ready();
  const ping = (index = 0) =>
    app.inject({ method: 'POST', url: `/ping/${pingKeyOf(`backup-${index % jobs.length}`)}` });
  const call = (url = '/v1/status', method: 'GET' | 'HEAD' = 'GET') =>
    app.inject({ method, url, headers: { authorization: `Bearer ${TOKEN}` } });
  return { ledger, ping, call };
}

const statusesOf = (answers: readonly { readonly statusCode: number }[]) => {
  const counts: Record<number, number> = {};
  for (const { statusCode } of answers) counts[statusCode] = (counts[statusCode] ?? 0) + 1;
  return counts;
};

test('calls beyond what is carried out at a time are told to come again; whoever has no token counts for nothing', async () => {
  const { call } = await openPort();
  const answers = await Promise.all(Array.from({ length: MOST_CALLS + 20 }, () => call()));
  expect(statusesOf(answers)).toEqual({ 200: MOST_CALLS, 503: 20 });
  const refused = answers.find(({ statusCode }) => statusCode === 503);
  expect(refused?.headers).toMatchObject({
    'retry-after': '1',
    'content-type': expect.stringMatching(/^application\/problem/),
  });
  expect(refused?.json()).toMatchObject({ code: 'storage.overloaded', status: 503, waiting: MOST_CALLS });
  expect((await call()).statusCode).toBe(200);
  const heads = await Promise.all(Array.from({ length: MOST_CALLS }, () => call('/v1/status', 'HEAD')));
  expect(statusesOf(heads)).toEqual({ 200: MOST_CALLS });
  // Also those that end with an error are over.
  await Promise.all(Array.from({ length: MOST_CALLS }, () => call('/v1/jobs/none')));
  expect((await call()).statusCode).toBe(200);
});

test('a flood of pings is bounded by itself: what was answered with OK is recorded, and the API answers meanwhile', async () => {
  const { ledger, ping, call } = await openPort();
  const flood = Promise.all(Array.from({ length: MOST_PINGS + 30 }, (_, index) => ping(index)));
  expect((await call()).statusCode).toBe(200);
  const answers = await flood;
  expect(statusesOf(answers)).toEqual({ 200: MOST_PINGS, 503: 30 });
  expect(answers.find(({ statusCode }) => statusCode === 503)?.headers).toMatchObject({ 'retry-after': '1' });
  expect(await ledger.runs({ limit: 1_000 })).toHaveLength(MOST_PINGS);
  expect((await ping()).statusCode).toBe(200);
});
