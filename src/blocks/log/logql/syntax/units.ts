/** Durations (`1h30m`, `250ms`) and sizes (`5KB`, `1.5MiB`) as LogQL, Go and Prometheus write them. */

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 24 * 3600e9,
  w: 7 * 24 * 3600e9,
  y: 365 * 24 * 3600e9,
};

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  ki: 2 ** 10,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mi: 2 ** 20,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gi: 2 ** 30,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  ti: 2 ** 40,
  tib: 2 ** 40,
  p: 1e15,
  pb: 1e15,
  pi: 2 ** 50,
  pib: 2 ** 50,
};

const WHOLE_DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|[smhdwy]))+$/;
const DURATION_PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|[smhdwy])/g;
const WHOLE_SIZE = /^(\d+(?:,\d+)*\.?\d*|\.\d+)\s*([a-z]*)$/i;

/** The largest duration that Go can hold, 292 years; beyond it a duration is refused, not rounded. */
const MAX_NANOS = 2 ** 63 - 1;

/** Nanoseconds; undefined where the text is no duration. Exact for whole numbers of nanoseconds below 2^53. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!WHOLE_DURATION.test(text)) return undefined;
  let nanos = 0;
  for (const [, number = '', unit = ''] of text.matchAll(DURATION_PART))
    nanos += Number(number) * (NANOS_PER_UNIT[unit] ?? 0);
  if (nanos > MAX_NANOS) return undefined;
  return text.startsWith('-') ? -Math.trunc(nanos) : Math.trunc(nanos);
}

/** Bytes; undefined where the text is no size. `KB` is 1000, `KiB` 1024, whatever the case. */
export function parseBytes(text: string): number | undefined {
  const match = WHOLE_SIZE.exec(text.trim());
  const factor = BYTES_PER_UNIT[(match?.[2] ?? '').toLowerCase()];
  if (match === null || factor === undefined || !Object.hasOwn(BYTES_PER_UNIT, (match[2] ?? '').toLowerCase()))
    return undefined;
  const bytes = Math.trunc(Number((match[1] ?? '').replaceAll(',', '')) * factor);
  return bytes < 2 ** 64 ? bytes : undefined;
}

const PRINTED_UNITS: readonly (readonly [unit: string, nanos: number])[] = [
  ['h', 3600e9],
  ['m', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
];

/** A text that {@link parseDuration} reads as the same duration: `1h30m`, `1s250ms`. */
export function formatDuration(nanos: number): string {
  let rest = Math.abs(nanos);
  let text = '';
  for (const [unit, size] of PRINTED_UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : `${nanos < 0 ? '-' : ''}${text}`;
}

const FLOAT = /^[+-]?(?:\d[\d_]*\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|0x[\da-f]+|inf(?:inity)?|nan)$/i;

/** A number as Go's ParseFloat reads it; undefined where the text is none. */
export function parseFloatText(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  const lower = text.toLowerCase();
  if (lower.endsWith('nan')) return Number.NaN;
  if (lower.includes('inf')) return lower.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(lower.startsWith('+') ? lower.slice(1) : lower);
  return Number.isNaN(value) ? undefined : value;
}
