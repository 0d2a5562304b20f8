import { expect, test } from 'vitest';
import { StopTally } from '../../../../src/blocks/cron/server/stop-tally.js';

const full = new Error('the disk is full');

test('says how many runs were cut off, and how many of them begin anew', () => {
  const tally = new StopTally();
  expect([tally.describe(), tally.problem(0, undefined)]).toEqual([undefined, undefined]);
  tally.addCutOff('at-least-once');
  expect(tally.describe()).toBe('1 run queued again');
  tally.addCutOff('at-most-once');
  tally.addCutOff('at-most-once');
  expect(tally.describe()).toBe('2 runs cut off, 1 run queued again');
});

test('what was not recorded before the stop, and what was lost, the store settles when the worker can sign off, and only then', () => {
  const tally = new StopTally();
  tally.addUnrecorded(new Error('a minute ago'));
  tally.addLost();
  const earlier = tally.unrecorded;
  expect(tally.problem(earlier, undefined)).toBeUndefined();
  expect(tally.problem(earlier, full)?.message).toBe('what became of 2 runs is not recorded: the disk is full');
  tally.addUnrecorded(full);
  expect(tally.problem(earlier, undefined)).toMatchObject({
    code: 'cron.not_recorded',
    details: { runs: 1 },
    cause: full,
  });
});
