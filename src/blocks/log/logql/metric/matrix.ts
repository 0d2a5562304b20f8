/** Series over the points of a query: what metric expressions are evaluated to. */
import { logErrors } from '../../errors.js';
import type { Labels } from '../../labels.js';

/** Numbers that an expression may keep at once: 8 bytes each, and a byte for whether it is there. */
const MAX_CELLS = 8_000_000;
/** Of all ranges of a query together: `a + (b + (c + …))` holds each until the last one is read. */
const MAX_CELLS_OF_QUERY = 2 * MAX_CELLS;
/** A series by itself takes as much as so many numbers: its labels, its key, its arrays. 2,000,000 series of one number took 1.3 GB. */
const CELLS_OF_SERIES = 64;

export interface MatrixSeries {
  readonly labels: Labels;
  /** One for each point. */
  readonly values: Float64Array;
  /** 1 where the series has a value at that point. */
  readonly isThere: Uint8Array;
}

export type Matrix = readonly MatrixSeries[];

export function newSeries(labels: Labels, points: number): MatrixSeries {
  return { labels, values: new Float64Array(points), isThere: new Uint8Array(points) };
}

export function put({ values, isThere }: MatrixSeries, point: number, value: number): void {
  values[point] = value;
  isThere[point] = 1;
}

export function hasValues({ isThere }: MatrixSeries): boolean {
  return isThere.includes(1);
}

/** What the ranges of a query have made so far. */
export interface CellsUsed {
  cells: number;
}

export function cellsOf(series: number, cellsEach: number): number {
  return series * (cellsEach + CELLS_OF_SERIES);
}

/** Throws `log.query_limit` where so many series of so many numbers are too much, by themselves or beside what is used already. */
export function checkCells(series: number, cellsEach: number, used: CellsUsed = { cells: 0 }): void {
  const cells = cellsOf(series, cellsEach);
  if (cells <= MAX_CELLS && used.cells + cells <= MAX_CELLS_OF_QUERY) return;
  throw logErrors.error(
    'log.query_limit',
    `the query makes more than ${series - 1} series of ${cellsEach} numbers each`,
    {
      hint: 'group with sum by (…), ask for a shorter time, or take a longer step',
      details: { series, numbers: cellsEach },
    },
  );
}
