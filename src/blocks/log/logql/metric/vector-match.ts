/** Matching of the series of two vectors by their labels, one to one or many to one. */
import { logErrors } from '../../errors.js';
import { emptyLabels, formatLabels, type Labels, labelsKey } from '../../labels.js';
import type { VectorMatching } from '../syntax/ast.js';
import { CellCount, hasValues, type Matrix, type MatrixSeries, newSeries, put } from './matrix.js';
import { apply, type BinaryExpression } from './operators.js';
import { onlyLabels, withoutLabels } from './sample-series.js';

/** Numbers for the labels that are matched. */
export class Signatures {
  readonly #numbers = new Map<string, number>();
  readonly #matching: VectorMatching | undefined;
  readonly #names: ReadonlySet<string>;

  constructor(matching: VectorMatching | undefined) {
    this.#matching = matching;
    this.#names = new Set(matching?.labels);
  }

  get count(): number {
    return this.#numbers.size;
  }

  of(matrix: Matrix): Int32Array {
    return Int32Array.from(matrix, ({ labels }) => this.#numberOf(labels));
  }

  #numberOf(labels: Labels): number {
    const on = this.#matching?.on === true;
    const matched = on ? onlyLabels((name) => labels[name], [...this.#names]) : withoutLabels(labels, this.#names);
    const key = labelsKey(matched);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Samples of the side that may have many, with those of the side that has one. */
export class VectorMatch {
  readonly #expression: BinaryExpression;
  readonly #many: Matrix;
  readonly #one: Matrix;
  readonly #points: number;
  readonly #cells: CellCount;
  readonly #isOneToOne: boolean;
  readonly #results = new Map<string, MatrixSeries>();

  constructor(expression: BinaryExpression, many: Matrix, one: Matrix, points: number) {
    this.#expression = expression;
    this.#many = many;
    this.#one = one;
    this.#points = points;
    this.#cells = new CellCount(points);
    this.#isOneToOne = expression.matching?.many === undefined;
  }

  results(): Matrix {
    return [...this.#results.values()].filter(hasValues);
  }

  run(manyIds: Int32Array, oneIds: Int32Array, count: number): void {
    // Of each series of the one side that a series meets, the series of results; most meet one.
    const known = new Map<number, MatrixSeries>();
    for (let k = 0; k < this.#points; k++) {
      const ones = this.#onesAt(oneIds, count, k);
      const matched = new Uint8Array(count);
      for (let i = 0; i < this.#many.length; i++) {
        const id = manyIds[i] ?? 0;
        const one = ones[id] ?? -1;
        if (one < 0 || this.#many[i]?.isThere[k] !== 1) continue;
        if (this.#isOneToOne && matched[id] === 1)
          throw tooMany('many-to-one matching must be explicit (group_left/group_right)');
        matched[id] = 1;
        const pair = i * this.#one.length + one;
        const series = known.get(pair) ?? this.#seriesOf(i, one);
        known.set(pair, series);
        this.#putAt(series, k, this.#many[i]?.values[k] ?? 0, this.#one[one]?.values[k] ?? 0);
      }
    }
  }

  #putAt(series: MatrixSeries, point: number, many: number, one: number): void {
    const isRightMany = this.#expression.matching?.many === 'right';
    const [left, right] = isRightMany ? [one, many] : [many, one];
    const value = apply(this.#expression, left, right, left);
    if (value === undefined) return;
    if (series.isThere[point] === 1) throw tooMany('grouping labels must ensure unique matches');
    put(series, point, value);
  }

  #onesAt(oneIds: Int32Array, count: number, point: number): Int32Array {
    const ones = new Int32Array(count).fill(-1);
    for (let i = 0; i < this.#one.length; i++) {
      if (this.#one[i]?.isThere[point] !== 1) continue;
      const id = oneIds[i] ?? 0;
      if ((ones[id] ?? -1) >= 0) {
        const side = this.#expression.matching?.many === 'right' ? 'left' : 'right';
        throw logErrors.error(
          'log.bad_query',
          `found duplicate series on the ${side} hand-side, ${formatLabels(this.#one[i]?.labels ?? emptyLabels())}: matching labels must be unique on one side`,
          { hint: 'name more labels in on (…)' },
        );
      }
      ones[id] = i;
    }
    return ones;
  }

  #seriesOf(many: number, one: number): MatrixSeries {
    const labels = resultLabels(
      this.#many[many]?.labels ?? emptyLabels(),
      this.#one[one]?.labels ?? emptyLabels(),
      this.#expression.matching,
    );
    const key = labelsKey(labels);
    let series = this.#results.get(key);
    if (series === undefined) {
      this.#cells.addSeries(labels, key);
      series = newSeries(labels, this.#points);
      this.#results.set(key, series);
    }
    return series;
  }
}

function tooMany(what: string) {
  return logErrors.error('log.bad_query', `multiple matches for labels: ${what}`, {
    hint: 'a / on (app) group_left () b',
  });
}

function resultLabels(many: Labels, one: Labels, matching: VectorMatching | undefined): Labels {
  if (matching === undefined) return many;
  const names = new Set(matching.labels);
  if (matching.many === undefined) {
    return matching.on ? onlyLabels((name) => many[name], matching.labels) : withoutLabels(many, names);
  }
  const labels = Object.assign(emptyLabels(), many);
  for (const name of matching.include) {
    const value = one[name];
    if (value === undefined || value === '') delete labels[name];
    else labels[name] = value;
  }
  return labels;
}
