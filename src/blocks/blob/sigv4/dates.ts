/** Dates as signatures have them: `20130524T000000Z`, and RFC 9110's in the header Date. */

const BASIC = /^[1-9]\d{3}[01]\d[0-3]\dT[0-2]\d[0-5]\d[0-5]\dZ$/;

/** `20130524T000000Z`. */
export function formatDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Milliseconds since the epoch; undefined where it is no such date. */
export function parseDate(text: string): number | undefined {
  if (!BASIC.test(text)) return undefined;
  const part = (from: number, to: number) => Number(text.slice(from, to));
  const [month, day, hour] = [part(4, 6) - 1, part(6, 8), part(9, 11)];
  const date = new Date(Date.UTC(part(0, 4), month, day, hour, part(11, 13), part(13, 15)));
  // 30 February would be 2 March.
  return date.getUTCMonth() === month && date.getUTCDate() === day && hour < 24 ? date.getTime() : undefined;
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|\+0000)$/;

/** What the header Date says, as a signature has it: some clients write it as signatures do. Undefined where it is none. */
export function dateHeader(text: string): string | undefined {
  if (parseDate(text) !== undefined) return text;
  const ms = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : formatDate(ms);
}
