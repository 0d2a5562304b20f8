/** `ds cron exec` below the command: a real store, real programs. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Ledger } from '../../../../src/blocks/cron/ledger.js';
import { type ExecRequest, execJob } from '../../../../src/blocks/cron/runner.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { jobOf, textOf } from './attempts.js';

const context = { clock: systemClock, random: systemRandom };

async function openLedger(): Promise<Ledger> {
  const ledger = await openCronStore({ path: join(temporaryFolder(), 'cron.db'), ...context });
  onTestFinished(() => ledger.close());
  return ledger;
}

interface Told {
  passed: string;
  readonly trouble: string[];
  signal: (name: NodeJS.Signals) => void;
}

function exec(ledger: Ledger, script: string, change: Partial<ExecRequest> = {}) {
  const told: Told = { passed: '', trouble: [], signal: () => {} };
  const ended = execJob(
    ledger,
    {
      ...{ name: 'backup', program: '/bin/sh', args: ['-c', script], folder: '/' },
      environment: { PATH: process.env['PATH'], OWN: 'mine', DS_CRON_MARK: 'outer' },
      newJob: jobOf({ kind: 'external', pingKey: 'k' }, { name: 'backup', killAfterMs: 100 }),
      tee: async (_stream, bytes) => {
        told.passed += Buffer.from(bytes).toString();
        return true;
      },
      onSignals: (pass) => {
        told.signal = pass;
      },
      onTrouble: (what) => told.trouble.push(what),
      ...change,
    },
    context,
  );
  onTestFinished(async () => {
    told.signal('SIGKILL');
    await ended.catch(() => {});
  });
  return { told, ended };
}

const isUp = (told: Told) => waitFor(() => told.passed === 'up\n', { timeoutMs: 15_000 });

const history = async (ledger: Ledger) =>
  (await ledger.runs({ limit: 10 })).map(({ trigger, state, reason }) => [trigger, state, reason]);

test('the first makes the job; output is passed on and kept, the end is in the history', async () => {
  const ledger = await openLedger();
  const { told, ended } = exec(
    ledger,
    'echo $OWN $DS_CRON_JOB $DS_CRON_FENCE; echo err >&2; echo $DS_CRON_MARK; exit 3',
  );
  expect(await ended).toMatchObject({ kind: 'ended', outcome: { kind: 'failed', exitCode: 3 } });
  expect(told.passed).toMatch(/^mine backup 1\n(err\n)?outer,[0-9a-f]{16}\/1\/1\/1\n(err\n)?$/);
  expect(await history(ledger)).toEqual([['exec', 'failed', 'exit code 3']]);
  const chunks = await ledger.output(1, 0);
  expect(textOf(chunks.filter(({ stream }) => stream === 'stderr'))).toBe('err\n');

  await exec(ledger, 'true').ended;
  expect((await ledger.get('backup')).last).toMatchObject({ state: 'succeeded', fence: 2 });
  const missing = await exec(ledger, '', { program: '/no/such' }).ended;
  expect(missing).toMatchObject({ startError: { code: 'ENOENT' }, outcome: { kind: 'failed' } });
  expect(told.trouble).toEqual([]);
});

test('while it runs a second one does not; signals reach the program', async () => {
  const ledger = await openLedger();
  const first = exec(ledger, 'trap "echo int; exit 7" INT; echo up; while :; do sleep 0.02; done');
  await isUp(first.told);
  expect(await exec(ledger, 'echo no').ended).toMatchObject({ kind: 'overlapped', run: { state: 'overlapped' } });
  first.told.signal('SIGINT');
  expect(await first.ended).toMatchObject({ outcome: { exitCode: 7 } });
  expect(first.told.passed).toBe('up\nint\n');

  const early = exec(ledger, 'sleep 1000');
  early.told.signal('SIGTERM');
  expect(await early.ended).toMatchObject({ outcome: { kind: 'failed', signal: 'SIGTERM' } });
});

test('when nobody reads its output any more, it hears of it', async () => {
  const { ended } = exec(await openLedger(), 'exec yes', { tee: async () => false });
  expect(await ended).toMatchObject({ outcome: { kind: 'failed', signal: 'SIGPIPE' } });
});

test('it is ended by its timeout, by whoever cancels it, and when its lease was lost', async () => {
  const ledger = await openLedger();
  const timedOut = await exec(ledger, 'sleep 1000', { timeoutMs: 50 }).ended;
  expect(timedOut).toMatchObject({ outcome: { kind: 'failed', reason: 'timed out after 50ms' } });

  const cancelled = exec(ledger, 'echo up; sleep 1000', { leaseMs: 200 });
  await isUp(cancelled.told);
  await ledger.cancel(2);
  expect(await cancelled.ended).toMatchObject({ outcome: { kind: 'cancelled' } });

  const lost = exec(ledger, 'echo up; sleep 1000', { leaseMs: 200 });
  await isUp(lost.told);
  const [run] = await ledger.runs({ limit: 1 });
  await ledger.retire(run?.worker ?? '');
  const leadership = await ledger.lead('leader', 1_000);
  if (leadership !== undefined) await ledger.watchOver(leadership);
  expect(await lost.ended).toMatchObject({ outcome: { reason: 'its lease was lost: another may run by now' } });
  expect(lost.told.trouble).toEqual(['the run was not counted']);
});

test('a wrapper that died is in nobody’s way once its lease has ended, and no daemon is needed for that', async () => {
  const ledger = await openLedger();
  const newJob = jobOf({ kind: 'external', pingKey: 'k' }, { name: 'backup' });
  await ledger.put(newJob);
  await ledger.begin('backup', 'exec', 'dead', 1);
  await waitFor(async () => (await exec(ledger, 'true').ended).kind === 'ended');
  expect((await history(ledger)).at(-1)).toEqual(['exec', 'fenced', expect.any(String)]);
});
