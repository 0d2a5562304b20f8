/**
 * From the time on a wall to seconds since the Unix epoch.
 *
 * A zone with daylight saving time has times that never were and times that were twice. They are decided as java.time and Temporal
 * («compatible») do:
 *
 *     gap        02:30 on the night when clocks go from 02:00 to 03:00   by the offset before: 03:30
 *     overlap    02:30 on the night when clocks go from 03:00 to 02:00   the first of the two
 *
 * The rules are those of Intl (the IANA database that Node brings). They are asked once per quarter of an hour on the wall, which no
 * change of clocks since 1972 has fallen into, and remembered.
 */
import { logErrors } from '../../errors.js';

/** Quarters of an hour that are remembered: a month of lines in any order. */
const REMEMBERED = 4096;
const QUARTER = 900;
const DAY = 86_400;

export interface Zone {
  /** `UTC`, `Europe/Berlin`, `+02:00`. */
  readonly name: string;
  /** `wall`: seconds of the wall clock, counted as if it were UTC's. Seconds since the Unix epoch. */
  toEpoch(wall: number): number;
}

class FixedZone implements Zone {
  constructor(
    readonly name: string,
    /** Seconds east of UTC. */
    private readonly offset: number,
  ) {}

  toEpoch(wall: number): number {
    return wall - this.offset;
  }
}

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();
  #lastQuarter = Number.NaN;
  #lastOffset = 0;

  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  toEpoch(wall: number): number {
    const quarter = Math.floor(wall / QUARTER);
    if (quarter === this.#lastQuarter) return wall - this.#lastOffset;
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = this.#offsetOfWall(quarter * QUARTER);
      if (this.#offsets.size >= REMEMBERED) this.#offsets.clear();
      this.#offsets.set(quarter, offset);
    }
    this.#lastQuarter = quarter;
    this.#lastOffset = offset;
    return wall - offset;
  }

  /** A day before and a day after, the offset is one of those that can be meant; which one, is seen by going back to the wall. */
  #offsetOfWall(wall: number): number {
    const before = this.#offsetAt(wall - DAY);
    const after = this.#offsetAt(wall + DAY);
    if (this.#offsetAt(wall - before) === before) return before;
    return this.#offsetAt(wall - after) === after ? after : before;
  }

  /** Seconds east of UTC at an instant. */
  #offsetAt(epoch: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(epoch * 1000)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - epoch;
  }
}

export const UTC: Zone = new FixedZone('UTC', 0);

/**
 * `UTC`, an offset (`+02:00`, `-0530`), or a name of the IANA database (`Europe/Berlin`). Error: `log.bad_timezone`.
 */
export function readZoneName(name: string): Zone {
  if (/^(?:utc|z|gmt)$/i.test(name)) return UTC;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(name) ?? [];
  if (sign !== undefined && Number(hours) < 16 && Number(minutes) < 60) {
    const seconds = Number(hours) * 3600 + Number(minutes) * 60;
    return new FixedZone(name, sign === '-' ? -seconds : seconds);
  }
  try {
    return new NamedZone(name);
  } catch (cause) {
    throw logErrors.error('log.bad_timezone', `"${name}" is not a time zone`, {
      hint: 'give a name such as Europe/Berlin, an offset such as +02:00, or UTC',
      details: { timezone: name },
      cause,
    });
  }
}
