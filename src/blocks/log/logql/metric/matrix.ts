/** Series over the points of a query: what metric expressions are evaluated to. */
import { logErrors } from '../../errors.js';
import { type Labels, sizeOfLabels } from '../../labels.js';

/** Numbers that an expression may keep at once: 8 bytes each, and a byte for whether it is there. */
const MAX_CELLS = 8_000_000;
/** Of all ranges of a query together: `a + (b + (c + …))` holds each until the last one is read. */
const MAX_CELLS_OF_QUERY = 2 * MAX_CELLS;
/** A series by itself takes as much as so many numbers: objects and arrays. 2,000,000 series of one number took 1.3 GB. */
const CELLS_OF_SERIES = 64;
/** Of labels and keys, most of one byte each. */
const CHARACTERS_OF_CELL = 8;

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

/** Cells of a series with so many numbers; `characters`: of its labels, and of what it is known by. */
function cellsOfSeries(cellsEach: number, characters: number): number {
  return cellsEach + CELLS_OF_SERIES + Math.ceil(characters / CHARACTERS_OF_CELL);
}

export function cellsOfMatrix(matrix: Matrix, cellsEach: number): number {
  return matrix.reduce((sum, { labels }) => sum + cellsOfSeries(cellsEach, sizeOfLabels(labels)), 0);
}

/** Counts what the series of an expression take, as they are made. */
export class CellCount {
  readonly #cellsEach: number;
  readonly #used: CellsUsed;
  #series = 0;
  #cells = 0;

  /** `used`: by what else the query holds. */
  constructor(cellsEach: number, used: CellsUsed = { cells: 0 }) {
    this.#cellsEach = cellsEach;
    this.#used = used;
  }

  /** `key`: what the series is known by. Error: `log.query_limit`, where it is too much, by itself or beside what is used already. */
  addSeries(labels: Labels, key: string): void {
    this.#cells += cellsOfSeries(this.#cellsEach, sizeOfLabels(labels) + key.length);
    if (this.#cells > MAX_CELLS)
      throw logErrors.error(
        'log.query_limit',
        `the query makes more than ${this.#series} series of ${this.#cellsEach} numbers each, labels of that length included`,
        {
          hint: 'group with sum by (…), ask for a shorter time, or take a longer step',
          details: { series: this.#series, numbers: this.#cellsEach },
        },
      );
    if (this.#used.cells + this.#cells > MAX_CELLS_OF_QUERY)
      throw logErrors.error(
        'log.query_limit',
        `the operands of the query hold more than ${MAX_CELLS_OF_QUERY} numbers together`,
        { hint: 'ask for the operands one by one, for a shorter time, or with a longer step' },
      );
    this.#series++;
  }
}
