/**
 * A histogram as it is written and drawn.
 *
 *     2026-01-31 12:00  ████████████████░░░  1,204   the last part of a bar is what is worst
 *     2026-01-31 12:05  ██████               411
 */
import type { Color, Paint } from '../../../platform/colors.js';
import { isoTime } from '../../../platform/relative-time.js';
import { escapeForTerminal } from '../../../platform/terminal-safety.js';
import { millisOf } from '../nanos.js';
import type { Bucket } from './histogram.js';

const MINUTE = 60_000_000_000n;
const SECOND = 1_000_000_000n;
/** Empty bars one after the other that say no more than their number. */
const LONG_RUN = 5;

export function histogramJson(buckets: readonly Bucket[], step: bigint, by: string) {
  return {
    step_ms: Number(step) / 1e6,
    by,
    buckets: buckets.map(({ start, total, counts }) => ({
      timestamp: isoTime(millisOf(start)),
      total,
      counts: Object.fromEntries(counts),
    })),
  };
}

/** Value by value, by time. */
export function histogramRows(buckets: readonly Bucket[]) {
  return buckets.flatMap(({ start, counts }) =>
    [...counts].map(([value, count]) => ({ time: isoTime(millisOf(start)), value, count })),
  );
}

export interface HistogramLook {
  readonly step: bigint;
  readonly width: number;
  readonly paint: Paint;
  readonly unicode: boolean;
}

/** From what is usual to what is worst; of a bar without colours each has a character of its own. */
const ORDER = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'fatal'];
const COLORS: Readonly<Record<string, Color>> = {
  trace: 'dim',
  debug: 'dim',
  warn: 'yellow',
  error: 'red',
  critical: 'red',
  fatal: 'red',
};
const BLOCKS = ['█', '▓', '▒', '░', '▚', '▞'];
const SIGNS = ['#', '=', '+', '-', '%', '@'];

/** Lines, each with its line end, and what the parts of the bars stand for. */
export function renderHistogram(buckets: readonly Bucket[], { step, width, paint, unicode }: HistogramLook): string {
  const values = valuesOf(buckets);
  const texts = buckets.map(({ total }) => total.toLocaleString('en-US'));
  const times = buckets.map(({ start }) => timeText(start, step));
  const most = Math.max(1, ...buckets.map(({ total }) => total));
  const used = (times[0]?.length ?? 0) + Math.max(...texts.map((text) => text.length)) + 3;
  const room = Math.max(10, width - used);
  const sign = (value: string, length: number) => partOf(values, value, length, paint, unicode);
  const bars = buckets.map((bucket, i) => {
    const hidden = hiddenAt(buckets, i);
    if (hidden === 'within') return '';
    if (hidden !== undefined) return `${' '.repeat(times[i]?.length ?? 0)}  (${hidden} without lines)\n`;
    const bar = lengthsOf(bucket, values, (bucket.total / most) * room).map(([value, length]) => sign(value, length));
    return `${times[i]}  ${bar.join('')}${bucket.total > 0 ? ' ' : ''}${texts[i]}\n`;
  });
  const legend = values.map((value) => `${sign(value, 1)} ${escapeForTerminal(value)}`).join('  ');
  return `${bars.join('')}${legend}\n`;
}

/** A long run of empty bars is one line: at its first bar how many they are, `within` at the others; undefined where it is drawn. */
function hiddenAt(buckets: readonly Bucket[], at: number): number | 'within' | undefined {
  let [from, to] = [at, at];
  while (buckets[from - 1]?.total === 0) from--;
  while (buckets[to]?.total === 0) to++;
  if (to === at || to - from < LONG_RUN) return undefined;
  return from === at ? to - from : 'within';
}

/** Levels in their order, other values by how many there are. */
function valuesOf(buckets: readonly Bucket[]): string[] {
  const totals = new Map<string, number>();
  for (const { counts } of buckets) {
    for (const [value, count] of counts) totals.set(value, (totals.get(value) ?? 0) + count);
  }
  const rank = (value: string) => ORDER.indexOf(value);
  return [...totals.keys()].sort((a, b) => rank(a) - rank(b) || (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
}

/** Columns of each part: what is there has one at least. */
function lengthsOf({ total, counts }: Bucket, values: readonly string[], columns: number): [string, number][] {
  const parts = values.filter((value) => (counts.get(value) ?? 0) > 0);
  return parts.map((value) => [value, Math.max(1, Math.round(((counts.get(value) ?? 0) / total) * columns))]);
}

function partOf(values: readonly string[], value: string, length: number, paint: Paint, unicode: boolean): string {
  const color = COLORS[value];
  const signs = unicode ? BLOCKS : SIGNS;
  // A colour tells it apart only where there are colours.
  const isColored = color !== undefined && paint(color, '') !== '';
  const sign = isColored ? signs[0] : signs[values.indexOf(value) % signs.length];
  const bar = (sign ?? '#').repeat(length);
  return color === undefined ? bar : paint(color, bar);
}

function timeText(start: bigint, step: bigint): string {
  const iso = isoTime(millisOf(start)).replace('T', ' ');
  if (step % MINUTE === 0n) return iso.slice(0, 16);
  return step % SECOND === 0n ? iso.slice(0, 19) : iso.slice(0, 23);
}
