/**
 * Offsets of a time zone, as a table of the instants at which they change.
 *
 * The table is found by asking: Intl (or, for the machine's own zone, Date, which is ten times quicker) tells the offset of
 * one instant; a year is asked week by week, and a change in between is found by halving. A zone whose offset goes away and
 * comes back within a week would be missed; there is none since 1970 in which both happen at times that a cron could see.
 * Each year is asked once, while it is among the last few hundred.
 */
import { closest } from '../../../platform/closest.js';
import { cronErrors } from '../errors.js';
import { shown } from './field.js';

/** Between two changes of the clocks. Instants and milliseconds east of UTC. */
export interface Segment {
  readonly start: number;
  /** Not part of it. */
  readonly end: number;
  readonly offset: number;
  /** Equal to `offset` where nothing changed within the year that was looked at. */
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

export interface TimeZone {
  readonly name: string;
  offsetAt(instant: number): number;
  segmentAt(instant: number): Segment;
}

interface Change {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

const WEEK_MS = 7 * 86_400_000;
const YEAR_MS = 53 * WEEK_MS;
const MOST_ZONES = 1_000;
/** Of a zone; all that simulations and searches for leap days walk through. */
const MOST_YEARS = 500;

const zones = new Map<string, TimeZone>();

/**
 * The machine's own zone, without its name: Intl takes 25 ms to tell it, as long as the rest of `ds cron next`. Only for asking;
 * what is stored has a name.
 */
export const MACHINE_TIME_ZONE = 'local';

/** By IANA name, in any case, or {@link MACHINE_TIME_ZONE}. */
export function timeZone(name: string): TimeZone {
  const key = name.slice(0, 100).toLowerCase();
  const known = zones.get(key);
  if (known !== undefined) return known;
  const zone = /^(?:utc|etc\/utc|gmt|etc\/gmt)$/.test(key) ? utc(name) : new AskedZone(name, offsetsOf(name));
  if (zones.size >= MOST_ZONES) zones.clear();
  zones.set(key, zone);
  return zone;
}

/** Whether there is one of this name. */
export function isTimeZone(name: string): boolean {
  try {
    timeZone(name);
    return true;
  } catch {
    return false;
  }
}

function utc(name: string): TimeZone {
  const forever: Segment = { start: -Infinity, end: Infinity, offset: 0, offsetBefore: 0, offsetAfter: 0 };
  return { name, offsetAt: () => 0, segmentAt: () => forever };
}

class AskedZone implements TimeZone {
  readonly #years = new Map<number, readonly Change[]>();
  /** Schedules are mostly asked about the same days. */
  #latest: Segment | undefined;

  constructor(
    readonly name: string,
    readonly offsetAt: (instant: number) => number,
  ) {}

  segmentAt(instant: number): Segment {
    const latest = this.#latest;
    if (latest !== undefined && latest.start <= instant && instant < latest.end) return latest;
    this.#latest = this.#findSegment(instant);
    return this.#latest;
  }

  #findSegment(instant: number): Segment {
    const year = Math.floor(instant / YEAR_MS);
    const offset = this.offsetAt(instant);
    const near = [...this.#changesIn(year - 1), ...this.#changesIn(year), ...this.#changesIn(year + 1)];
    const last = near.findLast(({ at }) => at <= instant);
    const next = near.find(({ at }) => at > instant);
    return {
      start: last?.at ?? (year - 1) * YEAR_MS,
      end: next?.at ?? (year + 2) * YEAR_MS,
      offset,
      offsetBefore: last?.before ?? offset,
      offsetAfter: next?.after ?? offset,
    };
  }

  #changesIn(year: number): readonly Change[] {
    const known = this.#years.get(year);
    if (known !== undefined) return known;
    const changes: Change[] = [];
    let before = this.offsetAt(year * YEAR_MS);
    for (let week = year * YEAR_MS; week < (year + 1) * YEAR_MS; week += WEEK_MS) {
      const after = this.offsetAt(week + WEEK_MS);
      if (before !== after) changes.push({ at: this.#changeWithin(week, week + WEEK_MS, before), before, after });
      before = after;
    }
    if (this.#years.size >= MOST_YEARS) this.#years.clear();
    this.#years.set(year, changes);
    return changes;
  }

  /** The first instant in (from, to] with another offset; changes come at whole seconds. */
  #changeWithin(from: number, to: number, before: number): number {
    let [low, high] = [from / 1_000, to / 1_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle * 1_000) === before) low = middle;
      else high = middle;
    }
    return high * 1_000;
  }
}

function offsetsOf(name: string): (instant: number) => number {
  const machineOffset = (instant: number) => -new Date(instant).getTimezoneOffset() * 60_000;
  if (name === MACHINE_TIME_ZONE) return machineOffset;
  const format = formatOf(name);
  return format.resolvedOptions().timeZone === new Intl.DateTimeFormat().resolvedOptions().timeZone
    ? machineOffset
    : (instant) => askedOffset(format, instant);
}

function formatOf(name: string): Intl.DateTimeFormat {
  try {
    // Newer versions of Node take offsets as names; older ones do not.
    if (!/^[A-Za-z]/.test(name)) throw new RangeError('a name begins with a letter');
    const options = {
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    return new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', year: 'numeric', ...options });
  } catch (error) {
    const nearest = closest(name.slice(0, 100), Intl.supportedValuesOf('timeZone'));
    throw cronErrors.error('cron.bad_time_zone', `there is no time zone ${shown(name)}`, {
      hint: nearest ?? 'names are as Europe/Berlin, UTC, Etc/GMT-2 (two hours east)',
      details: { time_zone: name.slice(0, 100) },
      cause: error,
    });
  }
}

/** Of `12/31/1969, 19:00:00`; format() takes a third of the time of formatToParts(). */
function askedOffset(format: Intl.DateTimeFormat, instant: number): number {
  const whole = Math.floor(instant / 1_000) * 1_000;
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = (
    format.format(whole).match(/\d+/g) ?? []
  ).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}
