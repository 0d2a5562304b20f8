import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../../../src/blocks/cron/job.js';
import type { DueJob, Settlement } from '../../../../src/blocks/cron/ledger.js';
import { jitterOf } from '../../../../src/blocks/cron/rules/jitter.js';
import { ON_TIME_MS, settleBoot, settleJob } from '../../../../src/blocks/cron/rules/settle.js';
import { externalSpec, jobSpec } from '../contract-world.js';

const MINUTE = 60_000;
const START = 1_000 * MINUTE;
const everyMinute = { next: (after: number) => (Math.floor(after / MINUTE) + 1) * MINUTE };

const job = (spec: Partial<JobSpec> = {}, more: Partial<DueJob> = {}): DueJob => ({
  ...{ id: 1, spec: jobSpec('backup', spec), version: 1, createdAt: 0, accountedUntil: START, nextAt: START + MINUTE },
  ...more,
});

const catchUp = (policy: 'skip' | 'last' | 'all', changes: Partial<JobSpec['catchUp']> = {}) => ({
  catchUp: { policy, windowMs: 1_000 * MINUTE, most: 100, ...changes },
});

/** `q` queued on time, `c` caught up, `m` missed, `s` skipped; in order. */
function letters({ slots }: Pick<Settlement, 'slots'>): string {
  return slots
    .map(({ state, reason }) => (state === 'queued' ? (reason === '' ? 'q' : 'c') : state.charAt(0)))
    .join('');
}

const settle = (due: DueJob, minutes: number) => settleJob(due, START + minutes * MINUTE, everyMinute);
const at = (minute: number) => START + minute * MINUTE;

describe('slots', () => {
  // Ten slots have come; the last two of them, now and a minute ago, are on time.
  it.each<[string, DueJob, string]>([
    ['slept through are missed under skip', job(catchUp('skip')), 'mmmmmmmmqq'],
    ['on time are the run after the outage under last', job(catchUp('last')), 'mmmmmmmmqq'],
    ['slept through run under all', job(catchUp('all')), 'ccccccccqq'],
    ['older than the window are missed', job(catchUp('all', { windowMs: 4 * MINUTE })), 'mmmmmcccqq'],
    ['beyond the most are missed, the oldest', job(catchUp('all', { most: 3 })), 'mmmmmcccqq'],
    ['past their start deadline are missed', job({ ...catchUp('all'), startDeadlineMs: 3 * MINUTE }), 'mmmmmmccqq'],
    [
      'on time, but past a start deadline, are missed',
      job({ ...catchUp('skip'), startDeadlineMs: 30_000 }),
      'mmmmmmmmmq',
    ],
    [
      'that cannot start any more are not the last one, nor the newest',
      job({ ...catchUp('last'), startDeadlineMs: 30_000, pauses: [{ from: at(10), until: at(11) }] }),
      'mmmmmmmmms',
    ],
    ['of something that runs elsewhere are not caught up', external(catchUp('all')), 'mmmmmmmmqq'],
    ['rest in a pause without an end', job(catchUp('all'), { paused: { reason: 'moving' } }), 'ssssssssss'],
    [
      'before the end of a pause rest',
      job(catchUp('all'), { paused: { reason: '', until: at(4) } }),
      'sssccccc' + 'qq',
    ],
    ['in a pause window rest', job({ ...catchUp('all'), pauses: [{ from: at(3), until: at(5) }] }), 'ccssccccqq'],
    [
      'that rest are not the last one',
      job({ ...catchUp('last'), pauses: [{ from: at(8), until: at(11) }] }),
      'mmmmmmcsss',
    ],
    ['that were accounted for do not come again', job(catchUp('all'), { accountedUntil: at(9) }), 'q'],
  ])('%s', (_what, due, expected) => {
    const settled = settle(due, 10);
    expect(letters(settled)).toBe(expected);
    expect(settled).toMatchObject({ trigger: 'schedule', accountedUntil: at(10), nextAt: at(11) });
    const instants = settled.slots.map(({ slot }) => slot);
    expect(instants).toEqual(Array.from(expected, (_, index) => at(11 - expected.length + index)));
  });

  it('say why they did not run', () => {
    const reasons = (due: DueJob) => settle(due, 10).slots.map(({ reason }) => reason)[0];
    expect(reasons(job(catchUp('skip')))).toBe('no scheduler ran for 9m after it');
    expect(reasons(job(catchUp('last')))).toMatch(/; only the last slot is caught up$/);
    expect(reasons(job(catchUp('all', { most: 3 })))).toMatch(/; only the newest 3 are caught up$/);
    expect(reasons(job(catchUp('all', { windowMs: MINUTE })))).toMatch(/; the catch-up window is 1m$/);
    expect(reasons(job({ startDeadlineMs: MINUTE }))).toMatch(/; the start deadline is 1m$/);
    const [recent] = settleJob(job({ startDeadlineMs: 5_000 }), at(1) + 12_300, everyMinute).slots;
    expect(recent?.reason).toBe('no scheduler ran for 12s after it; the start deadline is 5s');
    expect(reasons(job({}, { paused: { reason: 'moving' } }))).toBe('paused: moving');
    expect(reasons(job({ pauses: [{ from: 0, until: at(11), reason: 'fair' }] }))).toBe('in a pause window: fair');
  });

  it('are on time for a minute', () => {
    const due = job(catchUp('skip'));
    expect(letters(settleJob(due, at(1) + ON_TIME_MS, everyMinute))).toBe('qq');
    expect(letters(settleJob(due, at(1) + ON_TIME_MS + 1, everyMinute))).toBe('mq');
  });

  it('have their start deadline from when they may start, jitter and all', () => {
    const schedule = { ...jobSpec('').schedule, jitterMs: 40_000 };
    const due = job({ ...catchUp('skip'), schedule, startDeadlineMs: 10_000 });
    const until = at(1) + jitterOf(due.spec, at(1)) + 10_000;
    expect(letters(settleJob(due, until, everyMinute))).toBe('q');
    expect(letters(settleJob(due, until + 1, everyMinute))).toBe('m');
  });

  it('never come twice on a clock that steps back, which waits until it has caught up', () => {
    const due = job({}, { accountedUntil: at(100), nextAt: at(101) });
    expect(settle(due, 10)).toMatchObject({ slots: [], accountedUntil: at(100), nextAt: at(101) });
  });

  it('end where the schedule does', () => {
    const once = { next: (after: number) => (after < at(1) ? at(1) : undefined) };
    expect(settleJob(job(), at(1), once)).not.toHaveProperty('nextAt');
  });
});

describe('more slots than are decided at once', () => {
  /** Settles until nothing is due, as the scheduler does; what became of all slots. */
  function settleAll(spec: Partial<JobSpec>, minutes: number) {
    const parts: number[] = [];
    let all = '';
    for (let accountedUntil = START; accountedUntil < at(minutes); ) {
      const settled = settle(job(spec, { accountedUntil }), minutes);
      parts.push(settled.slots.length);
      all += letters(settled);
      accountedUntil = settled.accountedUntil;
    }
    return { parts, all };
  }

  const wide = { windowMs: 100_000 * MINUTE };

  it.each<[string, number, Partial<JobSpec>, string]>([
    // The cut is after 10,000; the last two slots are on time.
    ['all: the newest, on both sides of it', 10_012, catchUp('all', { ...wide, most: 25 }), '9985m 25c 2q'],
    ['all: those on time are not counted', 10_001, catchUp('all', { ...wide, most: 3 }), '9996m 3c 2q'],
    ['last: the slots on time are behind it', 10_002, catchUp('last', wide), '10000m 2q'],
    [
      'last: all behind it rest',
      10_500,
      { ...catchUp('last', wide), pauses: [{ from: at(9_999), until: at(10_501) }] },
      '9997m 1c 502s',
    ],
    [
      'all: those behind it that cannot start any more are not counted',
      10_012,
      { ...catchUp('all', { ...wide, most: 5 }), startDeadlineMs: 3 * MINUTE },
      '10008m 2c 2q',
    ],
    [
      'all: a pause lies behind it',
      20_012,
      { ...catchUp('all', { ...wide, most: 20 }), pauses: [{ from: at(10_001), until: at(20_001) }] },
      '9990m 10c 10000s 10c 2q',
    ],
  ])('%s', (_what, minutes, spec, expected) => {
    const { parts, all } = settleAll(spec, minutes);
    expect(parts.every((part) => part <= 10_000)).toBe(true);
    expect(parts.length).toBe(Math.ceil(minutes / 10_000));
    expect(summary(all)).toBe(expected);
  });
});

/** `9985m 25c 2q` */
const summary = (text: string) =>
  Array.from(text.matchAll(/(.)\1*/g), ([part, letter]) => `${part.length}${letter}`).join(' ');

describe('jitter', () => {
  it('moves starts, by the same for each slot, within its bound and all over it', () => {
    const spec = jobSpec('backup', { schedule: { ...jobSpec('').schedule, jitterMs: 30_000 } });
    const { slots } = settleJob({ ...job(), spec }, at(2_000), everyMinute);
    const delays = slots.map(({ slot, dueAt }) => dueAt - slot);
    expect(slots.map(({ slot }) => jitterOf(spec, slot))).toEqual(delays);
    expect(delays.every((delay) => Number.isInteger(delay) && delay >= 0 && delay <= 30_000)).toBe(true);
    const halves = delays.filter((delay) => delay < 15_000).length / delays.length;
    expect(Math.abs(halves - 0.5)).toBeLessThan(0.05);
    const other = { ...spec, name: 'other' };
    expect(slots.filter(({ slot }) => jitterOf(other, slot) === jitterOf(spec, slot)).length).toBeLessThan(10);
  });
});

describe('the start of the machine', () => {
  it('is a slot of its own, which a pause skips', () => {
    expect(settleBoot(job(), at(5))).toMatchObject({
      ...{ trigger: 'boot', accountedUntil: START, slots: [{ slot: at(5), state: 'queued', reason: '' }] },
    });
    const [slot] = settleBoot(job({}, { paused: { reason: 'moving' } }), at(5)).slots;
    expect(slot).toMatchObject({ state: 'skipped', reason: 'paused: moving' });
  });
});

function external(changes: Partial<JobSpec>): DueJob {
  return { ...job(), spec: externalSpec('backup', changes) };
}
