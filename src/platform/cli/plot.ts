/**
 * Lines and dots over two axes, drawn in characters: latency, rate over time, the run of a test.
 *
 *     renderPlot(
 *       [{ label: 'requests/s', points: [[0, 980], [1, 1002], …] }],      // style: 'line' (default) or 'dots'
 *       { width: 80, height: 8, formatX: (s) => `${s} s`, paint: out.paintStdout, unicode: speaksUnicode(env) },
 *     )
 *
 *      requests/s ⠒⠒
 *      1.2k ┤⠤⠤⠤⠤⣀⣀⣀⡠⠤⠤⠤⠒⠒⠒⠒⠒⠒      `height` rows of drawing, each cell 2 × 4 dots of a braille character
 *       600 ┤                            (1 × 1 and one letter a series where the terminal has no Unicode);
 *         0 ┤                            no line is wider than `width`
 *           └┬────────┬────────┬
 *            0 s      5 s     10 s
 *
 * The axes reach from the least to the greatest value, y from 0 unless `fromY` says otherwise, and end on round numbers. What
 * is not finite is left out. `mark` draws one character a point instead of dots, for things that are told apart.
 */
import { type Color, type Paint, plain } from '../colors.js';
import { Canvas } from './plot-canvas.js';
import { cutToWidth, foldPieces, textWidth } from './text-width.js';

export interface PlotSeries {
  readonly label: string;
  /** In any order for dots, by rising x for a line. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Default `line`. */
  readonly style?: 'line' | 'dots';
  /** One character for each point; it wins over what else is in the cell. */
  readonly mark?: string;
  readonly color?: Color;
}

export interface PlotOptions {
  /** Columns of everything, labels included; at least 20 are used. */
  readonly width: number;
  /** Rows of the drawing; axis and legend take three more. */
  readonly height: number;
  /** Default true: braille and box characters. False: plain ASCII. */
  readonly unicode?: boolean;
  readonly paint?: Paint;
  /** Lower end of the y axis; `data` is the least value. Default 0, or the least value where that is negative. */
  readonly fromY?: number | 'data';
  /** Upper end of the y axis; default: the greatest value, rounded up. */
  readonly toY?: number;
  /** Ends of the x axis; default: the least and greatest value. */
  readonly fromX?: number;
  readonly toX?: number;
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const NARROWEST = 20;
/** A letter a series where there is no braille; beyond them they repeat. */
const ASCII_MARKS = '*+ox#@%&';

/** Lines, each with its line end; '' when there is no point to draw. */
export function renderPlot(series: readonly PlotSeries[], options: PlotOptions): string {
  const points = series.flatMap((one) => one.points.filter(isFinitePoint));
  if (points.length === 0) return '';
  const width = Math.max(NARROWEST, Math.floor(options.width));
  const height = Math.max(2, Math.floor(options.height));
  const x = rangeOf(
    points.map((point) => point[0]),
    options.fromX,
    options.toX,
  );
  const y = rangeOfY(
    points.map((point) => point[1]),
    options,
  );
  const labels = labelsOfY(y, height, options.formatY ?? shortNumber);
  const gutter = Math.max(...labels.map((label) => textWidth(label)));
  const canvas = new Canvas(Math.max(1, width - gutter - 2), height, options.unicode ?? true);
  series.forEach((one, index) => {
    drawSeries(canvas, one, index, x, y);
  });
  const paint = options.paint ?? plain;
  const rows = canvas.rows((text, owner) => painted(paint, series[owner]?.color, text));
  const tick = canvas.unicode ? '┤' : '|';
  const body = rows.map((row, i) => `${pad(labels[i] ?? '', gutter)} ${tick}${row}`);
  const legend = series.length > 1 || series[0]?.label !== '' ? legendOf(series, canvas, width, paint) : [];
  return [...legend, ...body, ...axisOfX(x, gutter, canvas, options.formatX ?? shortNumber)]
    .map((line) => `${line}\n`)
    .join('');
}

function isFinitePoint([x, y]: readonly [number, number]): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function rangeOf(values: readonly number[], from?: number, to?: number): Range {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const start = from ?? least;
  const end = to ?? greatest;
  return end > start ? { from: start, to: end } : { from: start, to: start + 1 };
}

function rangeOfY(values: readonly number[], { fromY, toY }: PlotOptions): Range {
  const data = rangeOf(values);
  const from = fromY === 'data' ? data.from : (fromY ?? Math.min(0, data.from));
  const greatest = values.reduce((most, value) => Math.max(most, value), from);
  return { from, to: toY ?? (greatest > from ? from + roundUp(greatest - from) : from + 1) };
}

/** The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

function drawSeries(canvas: Canvas, { points, style, mark }: PlotSeries, owner: number, x: Range, y: Range): void {
  const letter = mark ?? (canvas.unicode ? undefined : ASCII_MARKS[owner % ASCII_MARKS.length]);
  const place = (value: number, { from, to }: Range, dots: number) =>
    Math.round(((value - from) / (to - from)) * (dots - 1));
  let last: { readonly column: number; readonly row: number } | undefined;
  for (const point of points) {
    if (!isFinitePoint(point)) {
      last = undefined;
      continue;
    }
    const column = place(point[0], x, canvas.dotColumns);
    const row = canvas.dotRows - 1 - place(point[1], y, canvas.dotRows);
    if (style === 'dots' || mark !== undefined) canvas.dot(column, row, owner, letter);
    else canvas.line(last?.column ?? column, last?.row ?? row, column, row, owner, letter);
    last = { column, row };
  }
}

/** A label for the top, the middle and the bottom row. */
function labelsOfY({ from, to }: Range, height: number, format: (y: number) => string): string[] {
  const labels = Array.from({ length: height }, () => '');
  labels[0] = format(to);
  const middle = Math.floor((height - 1) / 2);
  if (height > 4) labels[middle] = format(to - ((to - from) * middle) / (height - 1));
  labels[height - 1] = format(from);
  return labels;
}

/** Two lines: the axis with its ticks, and their labels: as many as have room, the first and the last always. */
function axisOfX({ from, to }: Range, gutter: number, canvas: Canvas, format: (x: number) => string): string[] {
  const [corner, along, tick] = canvas.unicode ? ['└', '─', '┬'] : ['+', '-', '+'];
  const axis = Array.from({ length: canvas.columns }, () => along);
  const labels = Array.from({ length: canvas.columns }, () => ' ');
  const pieces = Math.max(1, Math.floor(canvas.columns / 18));
  let free = 0;
  for (let i = 0; i <= pieces; i++) {
    const column = Math.round(((canvas.columns - 1) * i) / pieces);
    const text = format(from + ((to - from) * i) / pieces);
    const start = Math.max(0, Math.min(column - Math.floor(text.length / 2), canvas.columns - text.length));
    if (start < free || start + text.length > canvas.columns) continue;
    axis[column] = tick;
    for (const [offset, character] of [...text].entries()) labels[start + offset] = character;
    free = start + text.length + 1;
  }
  const indent = ' '.repeat(gutter + 1);
  return [`${indent}${corner}${axis.join('')}`, `${indent} ${labels.join('').trimEnd()}`];
}

function legendOf(series: readonly PlotSeries[], canvas: Canvas, width: number, paint: Paint): string[] {
  const pieces = series.map(({ label, mark, style }, i) => {
    const sample = mark ?? (canvas.unicode ? (style === 'dots' ? '⠂⠂' : '⠒⠒') : ASCII_MARKS[i % ASCII_MARKS.length]);
    return cutToWidth(`${label} ${sample}`, width);
  });
  // Folded as plain text first: colours take no columns.
  const lines = foldPieces(pieces, width, 0);
  return lines.map((line) =>
    pieces.reduce((text, piece, i) => text.replace(piece, () => painted(paint, series[i]?.color, piece)), line),
  );
}

function painted(paint: Paint, color: Color | undefined, text: string): string {
  return color === undefined ? text : paint(color, text);
}

function pad(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

/** `0`, `0.25`, `950`, `1.2k`, `30M`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  for (const [unit, suffix] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= unit) return `${Number((value / unit).toPrecision(3))}${suffix}`;
  }
  return `${Number(value.toPrecision(3))}`;
}

/** Whether text may hold more than ASCII: the locale, read in the order of POSIX (LC_ALL, LC_CTYPE, LANG). */
export function speaksUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux';
}
