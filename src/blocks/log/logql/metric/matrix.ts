/** Series over the points of a query: what metric expressions are evaluated to. */
import { logErrors } from '../../errors.js';
import type { Labels } from '../../labels.js';

/** Numbers that an expression may keep at once: 8 bytes each, and a byte for whether it is there. */
const MAX_CELLS = 8_000_000;
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

/** Throws `log.query_limit` where so many series of so many numbers are too much. */
export function checkCells(series: number, cellsEach: number): void {
  if (series * (cellsEach + CELLS_OF_SERIES) <= MAX_CELLS) return;
  throw logErrors.error(
    'log.query_limit',
    `the query makes more than ${series - 1} series of ${cellsEach} numbers each`,
    {
      hint: 'group with sum by (…), ask for a shorter time, or take a longer step',
      details: { series, numbers: cellsEach },
    },
  );
}
