/** Processes whose worker has died. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { markOf } from '../../../../src/blocks/cron/runner/mark.js';
import { endLeftovers } from '../../../../src/blocks/cron/runner.js';
import { systemClock } from '../../../../src/platform/clock.js';

test('those of dead runs of this store are ended, others are not', async () => {
  const place = `test of ${process.pid}`;
  const start = (mark: string, script = 'exec sleep 1000') => {
    const child = spawn('/bin/sh', ['-c', `${script} # ${mark}`], {
      env: { DS_CRON_MARK: mark },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { child, ended: once(child, 'exit') };
  };
  const of = (run: number, store = place) => markOf(store, { run, attempt: 1, fence: 5 });
  const dead = start(of(1));
  const stubborn = start(of(1), 'trap "" TERM; echo up; while :; do sleep 1000; done');
  await once(stubborn.child.stdout, 'data');
  const within = start(`${of(7, 'outer')},${of(1)}`);
  const live = start(of(2));
  const elsewhere = start(of(1, 'another store'));

  const asked: unknown[] = [];
  const isLive = async (mark: { readonly run: number }) => {
    asked.push(mark);
    return mark.run === 2;
  };
  const ended = await endLeftovers({ place, clock: systemClock, graceMs: 50, isLive });
  expect(asked).toHaveLength(2);
  expect(asked).toEqual(expect.arrayContaining([1, 2].map((run) => ({ run, attempt: 1, fence: 5 }))));
  expect(ended).toBeGreaterThanOrEqual(3); // and the sleep of the stubborn one
  expect((await dead.ended)[1]).toBe('SIGTERM');
  expect((await within.ended)[1]).toBe('SIGTERM');
  expect((await stubborn.ended)[1]).toBe('SIGKILL');

  expect([live.child.exitCode, live.child.signalCode, elsewhere.child.signalCode]).toEqual([null, null, null]);
  expect(await endLeftovers({ place, clock: systemClock, graceMs: 50, isLive: () => true })).toBe(0);
  for (const { child, ended: end } of [live, elsewhere]) {
    child.kill();
    await end;
  }
});
