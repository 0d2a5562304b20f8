import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Notice } from '../../../../src/blocks/cron/ledger.js';
import type { Run } from '../../../../src/blocks/cron/run.js';
import { Notifier } from '../../../../src/blocks/cron/server/notifier.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { jobSpec } from '../contract-world.js';

const NOW = 1_750_000_000_000;
const SECOND = 1_000;

const run: Run = {
  ...{ id: 1, job: 'backup', trigger: 'manual', slot: NOW, dueAt: NOW, state: 'failed', reason: 'exit code 3' },
  ...{ attempt: 1, fence: 1, outputBytes: 0 },
};

/** When a notice that could not be delivered comes again; undefined: never. */
async function after(tries: number, command: string): Promise<number | undefined> {
  const notice: Notice = {
    ...{ id: 7, event: 'failure', run, tries },
    spec: jobSpec('backup', { notifications: { on: ['failure'], command } }),
  };
  const settled: [number, number | undefined][] = [];
  const ledger = {
    now: () => NOW,
    takeNotices: async () => (settled.length === 0 ? [notice] : []),
    settleNotice: async (id: number, retryAt: number | undefined) => void settled.push([id, retryAt]),
  };
  const context = { clock: systemClock, random: systemRandom, version: '0.0.0', place: 'nowhere' };
  const notifier = new Notifier({
    ...{ ledger, logger: pino({ level: 'silent' }) },
    runner: { ...context, environment: { PATH: process.env['PATH'] } },
  });
  const stop = new AbortController();
  const running = notifier.run(stop.signal);
  await waitFor(() => settled.length > 0);
  stop.abort();
  await running;
  const [settlement] = settled;
  return settlement?.[1] === undefined ? undefined : settlement[1] - NOW;
}

test('a notice that was not delivered comes again, later each time, and is given up at last', async () => {
  const delays = await Promise.all([0, 1, 8, 9].map((tries) => after(tries, 'exit 1')));
  expect(delays).toEqual([5 * SECOND, 10 * SECOND, 5 * 256 * SECOND, undefined]);
  expect(await after(0, 'cat > /dev/null')).toBeUndefined();
});
