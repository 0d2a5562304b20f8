/** Second opinions: croner and cron-parser by themselves, and, where the clocks change, a walk from minute to minute. */
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockChangePolicies } from '../../../../src/blocks/cron/job.js';
import { monthNames, weekdayNames } from '../../../../src/blocks/cron/schedule/fields.js';
import { type CompiledSchedule, compileSchedule } from '../../../../src/blocks/cron/schedule.js';

const MINUTE_MS = 60_000;

function compile(expression: string, timeZone: string, clockChanges: (typeof clockChangePolicies)[number] = 'vixie') {
  return compileSchedule({ expression, timeZone, clockChanges, jitterMs: 0 }, { name: 'job', createdAt: 0 });
}

function following({ next }: CompiledSchedule, from: number, count: number): string[] {
  const times: string[] = [];
  for (let at = next(from); at !== undefined && times.length < count; at = next(at)) {
    times.push(new Date(at).toISOString());
  }
  return times;
}

/** What all dialects share: values, ranges, lists and steps of ranges, names. */
function fieldTexts(lowest: number, highest: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const value = fc.integer({ min: lowest, max: highest });
  const named = names.length === 0 ? value.map(String) : fc.constantFrom(...names).map((name) => name.toUpperCase());
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const stepped = fc.tuple(range, fc.integer({ min: 1, max: 6 })).map(([text, step]) => `${text}/${step}`);
  const item = fc.oneof(value.map(String), named, range, stepped);
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','));
}

const day = fc.oneof(
  fc.constant('* * *'),
  fieldTexts(1, 28).map((text) => `${text} * *`),
  fieldTexts(1, 12, monthNames).map((text) => `* ${text} *`),
  fieldTexts(0, 6, weekdayNames).map((text) => `* * ${text}`),
  // Both days: either is enough, as neither begins with a star.
  fc.tuple(fieldTexts(1, 28), fieldTexts(0, 6, weekdayNames)).map(([date, weekday]) => `${date} * ${weekday}`),
  fc.constantFrom('L * *', '* * 5L', '* * 2#1', '*/9 * *', '* */5 *', '* * 7', '31 1,3 *', '29 2 *'),
);
const time = fc.tuple(
  fc.oneof(fieldTexts(0, 59), fc.constantFrom('*', '*/7')),
  fc.oneof(fieldTexts(0, 23), fc.constantFrom('*', '*/5')),
);
const start = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });

/** Undefined for lists in which a value comes twice: cron-parser refuses them, though cron does not. */
function cronParserTimes(expression: string, tz: string, from: number, count: number): string[] | undefined {
  try {
    const runs = CronExpressionParser.parse(expression, { currentDate: new Date(from), tz }).take(count);
    return runs.map((run) => new Date(run.getTime()).toISOString());
  } catch (error) {
    if (error instanceof Error && error.message.includes('duplicate values found')) return undefined;
    throw error;
  }
}

test('croner and cron-parser find the same times in zones whose clocks do not change', () => {
  const zones = fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/Phoenix');
  fc.assert(
    fc.property(time, day, zones, start, ([minute, hour], date, timeZone, from) => {
      const expression = `${minute} ${hour} ${date}`;
      const ours = following(compile(expression, timeZone), from, 4);
      const croner = new Cron(expression, { timezone: timeZone, paused: true });
      expect(ours).toEqual(croner.nextRuns(4, new Date(from)).map((run) => run.toISOString()));
      expect(ours).toEqual(cronParserTimes(expression, timeZone, from, 4) ?? ours);
    }),
    { numRuns: 100 },
  );
});

/** Local time of every minute of two days in which the clocks change, asked of Intl one by one. */
function walk(zone: string, from: string): { readonly instant: number; readonly local: number }[] {
  const part = (type: 'year' | 'month' | 'day' | 'hour' | 'minute') => ({ [type]: 'numeric' });
  const options = Object.assign({}, part('year'), part('month'), part('day'), part('hour'), part('minute'));
  const format = new Intl.DateTimeFormat('sv-SE', { ...options, timeZone: zone });
  return Array.from({ length: 2 * 1440 }, (_, index) => {
    const instant = Date.parse(from) + index * MINUTE_MS;
    return { instant, local: Date.parse(`${format.format(instant).replace(' ', 'T')}Z`) };
  });
}

const CHANGES = [
  ['America/New_York', '2026-03-07T12:00Z'],
  ['America/New_York', '2026-10-31T12:00Z'],
  ['Australia/Lord_Howe', '2026-04-03T22:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T02:00Z'],
  ['America/Sao_Paulo', '2017-10-14T12:00Z'],
  ['America/Sao_Paulo', '2018-02-17T12:00Z'],
  ['Pacific/Apia', '2011-12-29T12:00Z'],
  ['Antarctica/Troll', '2026-03-28T12:00Z'],
  ['Africa/Casablanca', '2026-02-14T12:00Z'],
] as const;
const walks = CHANGES.map(([zone, from]) => ({ zone, minutes: walk(zone, from) }));

const someOf = (highest: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max: highest }), { minLength: 1, maxLength: 5 }).map((list) => list.join(','));

test.each(clockChangePolicies)('%s: a walk from minute to minute finds the same times around changes', (policy) => {
  const minutes = fc.oneof(someOf(59), fc.constantFrom('*', '*/7', '*/20'));
  const hours = fc.oneof(someOf(23), someOf(3), fc.constantFrom('*', '*/2', '0-23'));
  fc.assert(
    fc.property(fc.constantFrom(...walks), minutes, hours, (walked, minute, hour) => {
      const schedule = compile(`${minute} ${hour} * * *`, walked.zone, policy);
      const matches = matcher(minute, hour);
      const wild = /^\*/.test(minute) || /^\*/.test(hour);
      const expected: number[] = [];
      const first = walked.minutes[0]?.instant ?? 0;
      let latest = Number.NEGATIVE_INFINITY;
      for (const { instant, local } of walked.minutes.slice(1)) {
        const again = local <= latest;
        const skipped = again || !Number.isFinite(latest) ? 0 : local - latest - MINUTE_MS;
        const runsGap = !wild && policy !== 'skip' && (policy === 'both' || skipped <= 180 * MINUTE_MS);
        const inGap = runsGap && matchesWithin(matches, local - skipped, local);
        if (inGap || (matches(local) && (wild || policy === 'both' || !again))) expected.push(instant);
        latest = Math.max(latest, local);
      }
      const end = (walked.minutes.at(-1)?.instant ?? 0) + 1;
      const ours: number[] = [];
      for (let at = schedule.next(first); at !== undefined && at < end; at = schedule.next(at)) ours.push(at);
      expect(ours).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('answers follow from the instant alone, however often it is stepped back and forth', () => {
  const expressions = fc.constantFrom('30 1,2 * * *', '*/20 * * * *', '0 0 * * *', '15 4 L * *', '5 0 29 2 *');
  const instants = fc.array(start, { minLength: 2, maxLength: 12 });
  const zones = fc.constantFrom('America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo');
  fc.assert(
    fc.property(expressions, zones, fc.constantFrom(...clockChangePolicies), instants, (text, zone, policy, afters) => {
      const { next } = compile(text, zone, policy);
      const seen = new Map(afters.map((after) => [after, next(after)]));
      const back = [...seen].sort(([a], [b]) => b - a);
      let later = Number.POSITIVE_INFINITY;
      for (const [after, found = Number.NaN] of back) {
        expect(next(after)).toBe(found);
        expect(found).toBeGreaterThan(after);
        expect(found).toBeLessThanOrEqual(later);
        // Nothing lies between: asked from just before, it is the same.
        expect(next(found - 1)).toBe(found);
        later = found;
      }
    }),
    { numRuns: 50 },
  );
});

function matcher(minute: string, hour: string): (local: number) => boolean {
  const minutes = valuesOf(minute, 59);
  const hours = valuesOf(hour, 23);
  return (local) => minutes.has(new Date(local).getUTCMinutes()) && hours.has(new Date(local).getUTCHours());
}

function valuesOf(text: string, highest: number): Set<number> {
  const step = text === '0-23' ? 1 : Number(/^\*(?:\/(\d+))?$/.exec(text)?.[1] ?? (text === '*' ? 1 : Number.NaN));
  if (Number.isNaN(step)) return new Set(text.split(',').map(Number));
  return new Set(Array.from({ length: highest + 1 }, (_, value) => value).filter((value) => value % step === 0));
}

function matchesWithin(matches: (local: number) => boolean, from: number, until: number): boolean {
  for (let local = from; local < until; local += MINUTE_MS) if (matches(local)) return true;
  return false;
}
