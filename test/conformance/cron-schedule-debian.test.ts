/** Debian's own cron says when expressions are due; ours must agree, minute by minute, and where the clocks change. */
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../src/blocks/cron/schedule.js';
import { type CronDay, runDebianCron } from '../helpers/debian-cron.js';
import { hasPackages } from '../helpers/programs.js';

/** Where a job was started late: Debian looks once a minute, and under load some of these quick minutes go by. */
const LATE_MS = 3 * 60_000;

function ours(expression: string, day: CronDay): number[] {
  const schedule = { expression, timeZone: day.zone, clockChanges: 'vixie', jitterMs: 0 } as const;
  const { next } = compileSchedule(schedule, { name: 'oracle', createdAt: 0 });
  const start = Date.parse(day.start);
  const instants: number[] = [];
  for (let at = next(start); at !== undefined && at < start + day.minutes * 60_000 - LATE_MS; at = next(at)) {
    instants.push(at);
  }
  return instants;
}

/** Each run of Debian's as the instant of ours that it belongs to, or, without one, as it is. */
function paired(theirs: readonly number[], instants: readonly number[]): string[] {
  return theirs.map((run, index) => {
    const instant = instants[index] ?? Number.NaN;
    return iso(run >= instant && run < instant + LATE_MS ? instant : run);
  });
}

const iso = (instant: number) => new Date(instant).toISOString();

async function expectAgreement(day: CronDay, expressions: readonly string[]): Promise<number> {
  const runs = await runDebianCron(day, expressions);
  const end = Date.parse(day.start) + (day.minutes - LATE_MS / 60_000) * 60_000;
  let count = 0;
  for (const [expression, theirs] of runs) {
    const instants = ours(expression, day);
    const settled = theirs.filter((run, index) => run < end || index < instants.length);
    count += settled.length;
    expect(paired(settled, instants), `${expression} from ${day.start}`).toEqual(instants.map(iso));
  }
  return count;
}

const EXPRESSIONS = [
  ...['0 * * * *', '0 0 * * *', '0 */6 * * *', '0 8-18/2 * * *', '0 22,0,2 * * *', '0 0,12 * * *', '*/30 * * * *'],
  // Both days are told: either is enough ...
  ...['0 0 1 * 1', '0 0 13 * FRI', '0 0 1-7 * mon', '0 0 2,4 3 sun', '0 0 1-31/2 * tue', '0 0 31 * 1-5'],
  // ... unless one begins with a star.
  ...['0 0 */2 * 1', '0 0 */2 * tue', '0 0 1-7 * */2', '0 0 */10 * *', '0 0 */3 * 1-5', '0 0 * * */3', '0 0 *,5 * 3'],
  // Sunday has two numbers, ranges may end in the second one.
  ...['0 0 * * 7', '0 0 * * 0', '0 0 * * 5-7', '0 0 * * 1-7/2', '0 0 * * 0-7', '0 0 * * sat,sun', '0 0 * * Mon-Fri'],
  ...['0 0 28 2 *', '0 0 29 2 *', '0 0 1 jan,mar,may *', '0 0 1 */2 *', '0 0 1 1-12/3 *', '0 0 15 mar 5'],
  ...['@daily', '@hourly', '@weekly', '@monthly', '@yearly', '@midnight'],
];

const MOMENTS = [
  ...['2026-01-01T00:00', '2026-02-28T00:00', '2026-03-01T00:00', '2026-03-02T00:00'],
  ...['2026-03-03T00:00', '2026-03-06T00:00', '2026-03-13T00:00', '2026-03-15T00:00'],
  ...['2026-03-31T00:00', '2026-05-04T12:00', '2028-02-29T00:00', '2026-04-05T22:00'],
];

/** By an hour and by half an hour. */
const CLOCK_CHANGES: readonly CronDay[] = [
  { zone: 'America/New_York', start: '2026-03-08T01:55:00-05:00', minutes: 20, speed: 60 },
  { zone: 'Australia/Lord_Howe', start: '2026-10-04T01:55:00+10:30', minutes: 20, speed: 60 },
  { zone: 'America/New_York', start: '2026-11-01T00:58:00-04:00', minutes: 78, speed: 200 },
  { zone: 'Australia/Lord_Howe', start: '2026-04-05T01:25:00+11:00', minutes: 75, speed: 200 },
];

describe.runIf(hasPackages('cron', 'faketime', 'util-linux'))("Debian's cron", () => {
  it('runs the same expressions on the same days', { retry: 2 }, async () => {
    const left = [...MOMENTS];
    let count = 0;
    const work = async () => {
      for (let moment = left.pop(); moment !== undefined; moment = left.pop()) {
        const start = new Date(Date.parse(`${moment}Z`) - 20_000).toISOString();
        const runs = await expectAgreement({ zone: 'UTC', start, minutes: 4, speed: 40 }, EXPRESSIONS);
        count += runs;
      }
    };
    await Promise.all(Array.from({ length: 3 }, work));
    expect(count).toBeGreaterThan(100);
  });

  it('does the same when the clocks go forward and back', { retry: 2 }, async () => {
    const expressions = [
      ...['30 2 * * *', '15 2 8 3 *', '5 3 * * *', '0 2 * * 0', '1 1 * * *', '40 1 * * *', '59 1 * * *'],
      ...['*/20 * * * *', '*/30 2 * * *', '20 * * * *'],
    ];
    const counts = await Promise.all(CLOCK_CHANGES.map((day) => expectAgreement(day, expressions)));
    expect(Math.min(...counts)).toBeGreaterThan(3);
  });
});
