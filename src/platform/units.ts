/**
 * Durations, sizes, rates and instants as people write them: `250ms`, `64KB`, `100/s`, `-1h`. Parsers return undefined for what they
 * cannot read; whoever calls knows which flag or key it was and makes the error.
 */

/** Milliseconds in each unit of a duration. */
const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `250ms`, `1.5s`, `1h30m` → milliseconds. A bare number has no unit and is refused, `0` aside. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (DURATION_UNITS[unit ?? ''] ?? Number.NaN);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}

/** Milliseconds → the shortest exact text that {@link parseDuration} reads back: 90000 → `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let left = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = DURATION_UNITS[unit] ?? 1;
    const amount = Math.floor(left / size);
    if (amount > 0) text += `${amount}${unit}`;
    left -= amount * size;
  }
  return text;
}

/** `10`, `50_000`, `5e4` → a whole number, negative ones too. */
export function parseCount(text: string): number | undefined {
  return /^-?\d+(?:_\d+)*(?:e\d{1,2})?$/.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

/** Bytes in each unit of a size, by IEC 80000-13: `KB` is 1000, `KiB` 1024. */
const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** `64KB`, `10MiB`, `1.5 GiB`, `4096` → bytes, whole ones. Case of the unit does not matter; a bare number is bytes. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = 'b'] = /^(\d{1,16}(?:\.\d{1,6})?) ?([kmgt]i?b|b)?$/i.exec(text) ?? [];
  const bytes = Number(amount) * (SIZE_UNITS[unit.toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes → `64 KiB`, `1.5 MiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = bytes;
  let step = 0;
  for (; amount >= 1024 && step < units.length - 1; step++) amount /= 1024;
  return `${Number(amount.toFixed(1))} ${units[step]}`;
}

/** So many events in so much time. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** `100/s`, `5/min`, `10/250ms`, `1000/d` → a rate. A bare number is per second. */
export function parseRate(text: string): Rate | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:\/(.+))?$/.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  const per = (match[2] ?? 's').replace(/^(\d*)(?:min|minute)$/, '$1m').replace(/^sec(?:ond)?$/, 's');
  const perMs = parseDuration(/^\d/.test(per) ? per : `1${per}`);
  return perMs === undefined || perMs === 0 || !Number.isFinite(count) ? undefined : { count, perMs };
}

/**
 * ISO 8601 (`2026-01-31`, `2026-01-31T12:00:00Z`, an offset; without one it is UTC), milliseconds since the Unix epoch,
 * `now`, or relative to now (`-1h` is an hour ago, `+7d` in a week) → milliseconds since the Unix epoch.
 */
export function parseInstant(text: string, now: number): number | undefined {
  if (text === 'now') return now;
  if (/^\d{1,16}$/.test(text) && text.length !== 4) return Number(text);
  const relative = /^([+-])(.+)$/.exec(text);
  if (relative !== null && !/^[+-]\d{6}-/.test(text)) {
    const ms = parseDuration(relative[2] ?? '');
    return ms === undefined ? undefined : now + (relative[1] === '-' ? -ms : ms);
  }
  if (!/^\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?$/i.test(text)) {
    return undefined;
  }
  const hasTime = /[T ]\d{2}:/i.test(text);
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) && hasTime;
  const ms = Date.parse(hasTime && !hasZone ? `${text.replace(' ', 'T')}Z` : text.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : ms;
}
