/** Dates as signatures have them: `20130524T000000Z`, and RFC 9110's in the header Date. */

const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** `20130524T000000Z`. */
export function formatDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Milliseconds since the epoch; undefined where it is no such date. */
export function parseDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = BASIC.exec(text) ?? [];
  if (year === undefined) return undefined;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse() knows 30 February as 2 March.
  return Number.isNaN(ms) || formatDate(ms) !== text ? undefined : ms;
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|\+0000)$/;

/** What the header Date says, as a signature has it: some clients write it as signatures do. Undefined where it is none. */
export function dateHeader(text: string): string | undefined {
  if (parseDate(text) !== undefined) return text;
  const ms = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : formatDate(ms);
}
