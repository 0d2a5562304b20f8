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

const noticeOf = (id: number, command: string, tries = 0): Notice => ({
  ...{ id, event: 'failure', run, tries },
  spec: jobSpec('backup', { notifications: { on: ['failure'], command } }),
});

type Settled = readonly [id: number, retryAt: number | undefined];

/** Tells the notices, which come one by one, until the condition holds; what became of them then, and at the end. */
async function tell(notices: readonly Notice[], until: (settled: readonly Settled[]) => boolean) {
  const waiting = [...notices];
  const settled: Settled[] = [];
  const ledger = {
    now: () => NOW,
    takeNotices: async () => waiting.splice(0, 1),
    settleNotice: async (id: number, retryAt: number | undefined) => void settled.push([id, retryAt]),
  };
  const context = { clock: systemClock, random: systemRandom, version: '0.0.0', place: 'nowhere' };
  const notifier = new Notifier({
    ...{ ledger, logger: pino({ level: 'silent' }) },
    runner: { ...context, environment: { PATH: process.env['PATH'] } },
  });
  const stop = new AbortController();
  const running = notifier.run(stop.signal);
  await waitFor(() => until(settled));
  const before = [...settled];
  stop.abort();
  await running;
  return { before, settled };
}

/** When a notice that could not be delivered comes again; undefined: never. */
async function after(tries: number, command: string): Promise<number | undefined> {
  const { settled } = await tell([noticeOf(7, command, tries)], ({ length }) => length > 0);
  const [settlement] = settled;
  return settlement?.[1] === undefined ? undefined : settlement[1] - NOW;
}

test('a notice that was not delivered comes again, later each time, and is given up at last', async () => {
  const delays = await Promise.all([0, 1, 8, 9].map((tries) => after(tries, 'exit 1')));
  expect(delays).toEqual([5 * SECOND, 10 * SECOND, 5 * 256 * SECOND, undefined]);
  expect(await after(0, 'cat > /dev/null')).toBeUndefined();
});

test('a notice that hangs holds up no other, and comes again when the daemon stops', async () => {
  const notices = [noticeOf(1, 'exec sleep 1000'), noticeOf(2, 'true')];
  const { before, settled } = await tell(notices, ({ length }) => length > 0);
  expect(before).toEqual([[2, undefined]]);
  expect(settled).toEqual([
    [2, undefined],
    [1, NOW],
  ]);
});
