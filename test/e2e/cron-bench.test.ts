/** `ds cron bench` as it is built: a daemon of its own, on a store of its own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCronStore } from '../../src/blocks/cron/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { runDs, runDsJson, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const FEW = ['cron', 'bench', '--rate', '4/s', '--jobs', '40', '--warmup', '0'];

test('every run that was due is accounted for, and nothing is left behind', async () => {
  const home = temporaryFolder();
  const document = (await runDsJson([...FEW, '-d', '1s', '--http'], { home })) as Record<string, number>;
  expect(document).toMatchObject({ action: 'http', jobs: 40, rate_per_s: 4, due: 4, failed: 0, interrupted: false });
  expect(document['started']).toBe(4 - (document['not_started'] ?? Number.NaN));
  expect(document).toMatchObject({
    lateness: { p50_ms: expect.any(Number), p99_ms: expect.any(Number), max_ms: expect.any(Number) },
    memory_bytes: expect.any(Number),
    over_time: [{ due: 4, started: document['started'], latest_ms: expect.any(Number) }],
  });
  expect(readdirSync(home)).toEqual([]);
}, 30_000);

test('an interrupt ends it early, with what was found until then, between tabs', async () => {
  const home = temporaryFolder();
  const child = spawnDs([...FEW, '-d', '10m'], { home });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const file = await waitFor(() =>
    readdirSync(home, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.db')),
  );
  const ledger = await openCronStore({ path: join(home, file), clock: systemClock });
  // At least three seconds are over: the first may not have been measured, of the last not all was due.
  await waitFor(async () => (await ledger.runs({ limit: 20 })).length === 20, { timeoutMs: 20_000 });
  await ledger.close();
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(lines).toContainEqual(['interrupted', 'true']);
  expect(lines).toContainEqual(['lateness', 'p99_ms', expect.stringMatching(/^\d+$/)]);
  const fact = (name: string) => Number(lines.find(([first]) => first === name)?.[1]);
  expect(fact('due')).toBe((fact('measured_ms') / 1000) * 4);
  expect(fact('measured_ms')).toBeGreaterThanOrEqual(1000);
  expect(readdirSync(home)).toEqual([]);
}, 40_000);

test('a daemon lends no store, and a load that cannot be is refused', async () => {
  const refused = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { code, stderr } = await runDs(['cron', 'bench', ...args], { env });
    return `${code} ${stderr}`;
  };
  expect(await refused(['--rate', '50/s', '--jobs', '10'])).toMatch(/^2 error: --jobs is "10", not 50 or more/);
  expect(await refused([], { DS_CRON_URL: 'http://127.0.0.1:8095' })).toMatch(
    /^2 error: http:\/\/ is a daemon.*: it lends its store to nobody\nhint: {2}DS_CRON_URL= ds cron bench\n/,
  );
});
