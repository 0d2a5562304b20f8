/**
 * When a schedule is due next: ours beside croner's own, in UTC and in a zone whose clocks change. Ours is evaluated by croner, too,
 * but in time without a zone, which is the quickest that croner has (`utcOffset`), and turned into instants by a table of the
 * zone's offsets. Each call starts at a moment of its own.
 */
import { Cron, type CronOptions } from 'croner';
import { compileSchedule } from '../../src/blocks/cron/schedule.js';
import { compare, formatRate, formatRatio, type Spread, wantsJson } from '../support/compare.js';

const ROUNDS = 7;
/** Milliseconds of each measurement. */
const ROUND_MS = 200;
/** Calls between two looks at the clock. */
const BATCH = 32;

const START = Date.UTC(2026, 0, 1);
/** Not a multiple of anything that a cron says. */
const STEP_MS = 7_919_000;
/** Starts in this year and the next, then all over again. */
const STARTS = 8_000;

const EXPRESSIONS = ['*/5 * * * *', '30 2 * * *', '0 9 * * MON-FRI', '15 4 1 */3 *', '0 0 13 * FRI', '0 12 L * *'];
/** What croner is told beside ours. */
const ZONES = [
  { zone: 'UTC', told: 'utcOffset: 0', options: { utcOffset: 0 } },
  { zone: 'UTC', told: 'timezone: UTC', options: { timezone: 'UTC' } },
  { zone: 'America/New_York', told: 'timezone: America/New_York', options: { timezone: 'America/New_York' } },
] as const;

type Next = (after: number) => number | undefined;

/** Answers in a second; one that is missing would make the rate a lie. */
function rateOf(next: Next): number {
  const started = performance.now();
  let calls = 0;
  for (; performance.now() - started < ROUND_MS; calls += BATCH) {
    for (let call = calls; call < calls + BATCH; call++) {
      if (next(START + (call % STARTS) * STEP_MS) === undefined) throw new Error('an instant is missing');
    }
  }
  return (calls * 1_000) / (performance.now() - started);
}

function ours(expression: string, timeZone: string): Next {
  const schedule = { expression, timeZone, clockChanges: 'vixie', jitterMs: 0 } as const;
  return compileSchedule(schedule, { name: 'bench', createdAt: START }).next;
}

function croners(expression: string, options: CronOptions): Next {
  const cron = new Cron(expression, { ...options, paused: true });
  return (after) => cron.nextRun(new Date(after))?.getTime();
}

const rows: { expression: string; zone: string; told: string; ours: Spread; croner: Spread; ratio: Spread }[] = [];
for (const { zone, told, options } of ZONES) {
  if (!wantsJson) process.stdout.write(`\nthe next instant, ${zone}; croner with ${told}\n`);
  for (const expression of EXPRESSIONS) {
    const [mine, theirs] = [ours(expression, zone), croners(expression, options)];
    const { spreads, ratio } = await compare(
      [
        { name: 'ds', measure: () => rateOf(mine) },
        { name: 'croner', measure: () => rateOf(theirs) },
      ],
      ROUNDS,
    );
    const { ds, croner } = spreads;
    if (ds === undefined || croner === undefined) throw new Error('nothing was measured');
    rows.push({ expression, zone, told, ours: ds, croner, ratio });
    if (!wantsJson) {
      process.stdout.write(`    ${expression.padEnd(20)} ${formatRate(ds, '/s')}   ${formatRatio(ratio)} × croner\n`);
    }
  }
}
if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'cron next', rows })}\n`);
