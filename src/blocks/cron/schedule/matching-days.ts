/**
 * Which years have a day that fields ask for, found without a search through years:
 *
 *     a year begins on one of 7 weekdays, and is a leap year or not: of its days there are 14 kinds of calendar
 *     kind ──▶ its last day that matches, or none        worked out once, when a year of that kind is looked at
 *
 * All kinds come within any 40 years, also around a century that is no leap year: what has no day in these has none ever. croner is
 * asked within one year only, so that what is due never, or after centuries, is told as fast as anything else.
 */
import type { CronFields } from './expression.js';
import type { Field } from './field.js';

const DAY_MS = 86_400_000;
/** Any so many years in a row have all kinds. */
const ALL_KINDS_YEARS = 40;
const LAST_YEAR = 9999;
const [SUNDAY, SATURDAY] = [0, 6];

/** A day of a month of a certain length and weekday. */
interface Day {
  /** 1 to 31. */
  readonly date: number;
  /** Of its month. */
  readonly lastDate: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

export class MatchingDays {
  readonly #fields: CronFields['fields'];
  readonly #both: boolean;
  /** Absent: every year. */
  readonly #years: ReadonlySet<number> | undefined;
  /** By kind of year: start of the last day that matches, in milliseconds since the start of the year; −1: none does. */
  readonly #last = new Map<number, number>();

  /** `both`: a day must match both day fields, though neither is a star. */
  constructor({ fields }: CronFields, both: boolean) {
    this.#fields = fields;
    this.#both = both;
    const year = fields.get('year');
    this.#years = year === undefined || year.all ? undefined : new Set(year.values);
  }

  /** The first year from this one on that has a matching day; undefined when there is none up to 9999. */
  yearFrom(year: number): number | undefined {
    if (this.#years === undefined) {
      const end = Math.min(LAST_YEAR, year + ALL_KINDS_YEARS - 1);
      for (let one = year; one <= end; one++) if (this.#lastOfKind(one) >= 0) return one;
      return undefined;
    }
    for (const one of this.#years) if (one >= year && this.#lastOfKind(one) >= 0) return one;
    return undefined;
  }

  /** When the last matching day of the year begins, in milliseconds since the start of the year; −1: there is none. */
  lastIn(year: number): number {
    return this.#years?.has(year) === false ? -1 : this.#lastOfKind(year);
  }

  #lastOfKind(year: number): number {
    const kind = weekdayOf(Date.UTC(year, 0, 1)) + (isLeap(year) ? 7 : 0);
    const known = this.#last.get(kind);
    if (known !== undefined) return known;
    const last = this.#findLast(year);
    this.#last.set(kind, last);
    return last;
  }

  #findLast(year: number): number {
    for (let month = 11; month >= 0; month--) {
      if (this.#fields.get('month')?.values.includes(month + 1) === false) continue;
      const end = Date.UTC(year, month + 1, 0);
      const lastDate = new Date(end).getUTCDate();
      for (let date = lastDate; date >= 1; date--) {
        const at = end - (lastDate - date) * DAY_MS;
        if (this.#matches({ date, lastDate, weekday: weekdayOf(at) })) return at - Date.UTC(year, 0, 1);
      }
    }
    return -1;
  }

  #matches(day: Day): boolean {
    const [date, weekday] = [this.#fields.get('day-of-month'), this.#fields.get('day-of-week')];
    const isDate = date === undefined || isEvery(date) || matchesDate(date, day);
    if (weekday === undefined || isEvery(weekday)) return isDate;
    const isWeekday = matchesWeekday(weekday, day);
    return this.#both || date === undefined || isEvery(date) ? isDate && isWeekday : isDate || isWeekday;
  }
}

/** A star, which leaves the decision to the other field. */
export function isEvery({ all, star }: Field): boolean {
  return all && star;
}

function matchesDate({ values, specials }: Field, day: Day): boolean {
  return values.includes(day.date) || specials.some((special) => matchesSpecialDate(special, day));
}

/** `L`, `LW`, `15W`. */
function matchesSpecialDate(special: string, { date, lastDate, weekday }: Day): boolean {
  if (special === 'L') return date === lastDate;
  const wanted = special === 'LW' ? lastDate : Number.parseInt(special, 10);
  if (wanted > lastDate) return false;
  const wantedWeekday = (((weekday + wanted - date) % 7) + 7) % 7;
  return date === wanted + toWorkday(wanted, lastDate, wantedWeekday);
}

/** Days to the nearest one from Monday to Friday in the same month. */
function toWorkday(date: number, lastDate: number, weekday: number): number {
  if (weekday === SUNDAY) return date === lastDate ? -2 : 1;
  if (weekday === SATURDAY) return date === 1 ? 2 : -1;
  return 0;
}

function matchesWeekday({ values, specials }: Field, day: Day): boolean {
  return values.includes(day.weekday) || specials.some((special) => matchesSpecialWeekday(special, day));
}

/** `5L`, `5#2`. */
function matchesSpecialWeekday(special: string, { date, lastDate, weekday }: Day): boolean {
  const [wanted, nth] = special.split(/[#L]/).map(Number);
  if (weekday !== wanted) return false;
  return special.endsWith('L') ? date + 7 > lastDate : Math.ceil(date / 7) === nth;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** January 1, 1970 was a Thursday. */
function weekdayOf(day: number): number {
  return (((day / DAY_MS + 4) % 7) + 7) % 7;
}
