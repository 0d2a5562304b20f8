/**
 * Times of day without a zone. They are counted in milliseconds as if they were UTC: 1970-01-01T00:00:01 is 1000, wherever
 * that is. An offset of a zone turns them into instants: instant = local − offset.
 */

export interface LocalTime {
  /** Local milliseconds, or the instant itself when `fixed`. */
  readonly ms: number;
  /** Was written with `Z` or an offset. */
  readonly fixed: boolean;
}

/** `2027-01-31`, `2027-01-31T08:00`, with a space, seconds, a fraction, `Z` or an offset; undefined for all else. */
export function parseTime(text: string): LocalTime | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)? ?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(text);
  if (match === null) return undefined;
  const [, day = '', minutes = '00:00', seconds = ':00', zone] = match;
  // Date.parse() reads 24:00 as the next day, and February 30 as March 2.
  const local = Date.parse(`${day}T${minutes}${seconds}Z`);
  if (Number.isNaN(local) || !isoLocal(local).startsWith(`${day}T${minutes}`)) return undefined;
  if (zone === undefined) return { ms: local, fixed: false };
  const ms = Date.parse(`${day}T${minutes}${seconds}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : { ms, fixed: true };
}

/** Local milliseconds → `2027-01-31T08:00:00`. */
export function isoLocal(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

/** Milliseconds east of UTC → `+05:30`, as ISO 8601 has it. */
export function isoOffset(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
