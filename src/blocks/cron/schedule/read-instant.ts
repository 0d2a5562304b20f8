/** An instant as people type it beside a schedule. */
import { parseInstant } from '../../../platform/units.js';
import { compileSchedule } from './compile.js';
import { parseTime } from './local-time.js';

/** `2027`, `2027-03`, `2027-03-28`, `2027-03-28 02:30:00`: no offset behind it. */
const LOCAL = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/i;

/**
 * As every command reads a time, but for one without an offset: it is what a clock in the zone shows. One that the clocks skip is the end of
 * the gap, one that they repeat its first. Milliseconds since the epoch; undefined for what is no time. Error: `cron.bad_time_zone`.
 */
export function readInstant(text: string, timeZone: string, now: number): number | undefined {
  const instant = parseInstant(text, now);
  const local = LOCAL.exec(text);
  if (instant === undefined || local === null) return instant;
  const [, year = '', month = '01', day = '01', time = '00:00'] = local;
  const whole = `${year}-${month}-${day}T${time}`;
  if (parseTime(whole) === undefined) return undefined;
  const schedule = { expression: `at ${whole}`, timeZone, clockChanges: 'both', jitterMs: 0 } as const;
  return compileSchedule(schedule, { name: '', createdAt: 0 }).next(-Infinity);
}
