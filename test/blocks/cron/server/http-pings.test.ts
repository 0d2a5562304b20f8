/** Pings as healthchecks.io takes them: https://healthchecks.io/docs/http_api/ */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createCronHttpServer } from '../../../../src/blocks/cron/server/http.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { ask, type Sent } from '../../limit/server/serve.js';
import { jobSpec } from '../contract-world.js';
import { outputOf, type Served, serve } from './serve.js';

const silent = pino({ level: 'silent' });

const UUID = '5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278';
const [RID, OTHER_RID] = ['728b3763-ea80-4113-9fc0-f99d4e5d6ae2', '0d2b1a7c-4b7e-4b59-a2a6-bb1ce7a0a0f0'];

const external = (changes: object = {}) => ({ external: { 'ping-key': UUID }, concurrency: 'allow-all', ...changes });
const ping = ({ http }: Served, path: string, options: Sent = {}) => ask(`${http}/ping/${path}`, options);
const states = async (served: Served) => (await served.runs('offsite')).map(({ state }) => state).join(' ');

test('a ping is a run: success, failure, an exit status, or a start and its end', async () => {
  const served = await serve({ workers: 0 });
  await served.add('offsite', external());
  expect(await ping(served, UUID)).toMatchObject({
    ...{ status: 200, text: 'OK', headers: { 'content-type': expect.stringMatching(/^text\/plain/) } },
  });
  await ping(served, UUID.toUpperCase(), { method: 'HEAD' });
  await ping(served, `${UUID}/fail`, { method: 'POST', body: 'disk full', headers: { 'content-type': 'text/x-log' } });
  await ping(served, `${UUID}/0`);
  await ping(served, `${UUID}/255`);
  expect((await served.runs('offsite')).map(({ state, exit_code, reason }) => [state, exit_code, reason])).toEqual([
    ['succeeded', undefined, undefined],
    ['succeeded', undefined, undefined],
    ['failed', undefined, 'it said so'],
    ['succeeded', 0, undefined],
    ['failed', 255, 'exit code 255'],
  ]);
  const [, , failed] = await served.runs('offsite');
  expect(failed).toMatchObject({ trigger: 'ping', output_bytes: 9 });
  expect(await outputOf(served, Number(failed?.['id']))).toBe('disk full');
});

test('ends belong to the start of the same rid; logs are kept with the output, within its bound', async () => {
  const served = await serve({ workers: 0 });
  await served.add('offsite', external({ output: 10 }));
  await ping(served, `${UUID}/start?rid=${RID}`);
  await ping(served, `${UUID}/start?rid=${OTHER_RID}`, { method: 'POST', body: 'up\n' });
  expect(await states(served)).toBe('running running');
  await ping(served, `${UUID}/log?rid=${OTHER_RID}`, { method: 'POST', body: 'half\n' });
  expect(await states(served)).toBe('running running');
  await ping(served, `${UUID}/fail?rid=${OTHER_RID}`, { method: 'POST', body: 'end\n' });
  expect(await states(served)).toBe('running failed');
  await ping(served, `${UUID}?rid=${RID.toUpperCase()}`);
  expect(await states(served)).toBe('succeeded failed');
  const [, second] = await served.runs('offsite');
  expect(await outputOf(served, Number(second?.['id']))).toBe('up\nhalf\nen');
  expect(second).toMatchObject({ output_bytes: 10 });
});

test('notes that come in the same moment are all kept', async () => {
  const ledger = await openCronStore({ path: join(temporaryFolder(), 'cron.db'), clock: systemClock });
  onTestFinished(() => ledger.close());
  const app = createCronHttpServer({ ledger, logger: silent, secret: 'secret', open: false, onPing() {} });
  await ledger.put(jobSpec('offsite', { action: { kind: 'external', pingKey: UUID } }));
  // Without sockets between them, which would let one come after the other.
  const note = (signal: string, payload: string) =>
    app.inject({ method: 'POST', url: `/ping/${UUID}/${signal}`, payload });
  await note('start', '');
  const notes = Array.from({ length: 8 }, (_, index) => `note ${index}\n`);
  const answers = await Promise.all(notes.map((text) => note('log', text)));
  expect(answers.map(({ body }) => body)).toEqual(notes.map(() => 'OK'));
  const [run] = await ledger.runs({ limit: 1 });
  const chunks = await ledger.output(run?.id ?? 0, 0);
  expect(chunks.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(notes);
});

test('of a body the first 100,000 bytes are kept, however much more is sent', async () => {
  const served = await serve({ workers: 0 });
  await served.add('offsite', external());
  // More than the API takes, and than a peer without the token may fill the memory with.
  const large = Buffer.alloc(8 * 1024 * 1024, 'x');
  expect(await ping(served, UUID, { method: 'POST', body: large })).toMatchObject({ status: 200, text: 'OK' });
  const run = await served.runIn('offsite', 'succeeded');
  expect(await outputOf(served, run.id)).toBe('x'.repeat(100_000));
});

test('what no ping is, is refused, and is no run', async () => {
  const served = await serve({ workers: 0 });
  await served.add('offsite', external({ schedule: '* * * * * *' }));
  await served.add('command', { command: 'true' });
  const refused: [string, number][] = [
    [RID, 404],
    ['not-a-uuid', 404],
    [`${UUID}/strat`, 404],
    [`${UUID}/256`, 404],
    [`${UUID}/-1`, 404],
    [`${UUID}?rid=1`, 400],
    [`${UUID}?rid=${RID}&rid=${RID}`, 400],
  ];
  for (const [path, status] of refused) expect([path, (await ping(served, path)).status]).toEqual([path, status]);
  expect((await ping(served, UUID, { method: 'DELETE' })).status).toBe(401);
  // A slot that waits to be heard of is not done by a note.
  await served.runIn('offsite', 'queued');
  expect(await ping(served, `${UUID}/log`)).toMatchObject({ status: 409, text: '(no run goes on)' });
  expect(await states(served)).not.toMatch(/running|succeeded/);
});

test('a slot that is not heard of before the next one is missed, and told of as late', async () => {
  const served = await serve({ workers: 0 });
  const told = join(served.home, 'told');
  const notify = { on: 'late', command: `echo "$DS_CRON_EVENT $DS_CRON_STATE $DS_CRON_RUN" >> ${told}` };
  await served.add('offsite', external({ schedule: '* * * * * *', 'late-after': '1h', notify }));
  const missed = await served.runIn('offsite', 'missed');
  await waitFor(() => readFileSync(told, 'utf8').startsWith(`late missed ${missed.id}\n`));
  // What is heard of becomes the run of the slot that waits.
  await ping(served, UUID);
  expect(await served.runIn('offsite', 'succeeded')).toMatchObject({ trigger: 'schedule' });
});
