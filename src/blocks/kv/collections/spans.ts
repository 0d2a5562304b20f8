/**
 * Ranks of large sorted sets in O(log n): counted ranges of the rows in `ranked`, and of those ranges, as a B+ tree keeps them.
 *
 *     level 2   (-∞, '') 9,000                                      (70, m) 8,100            each spans the rows from its place to the next
 *     level 1   (-∞, '') 5,000      (31, c) 4,000                   (70, m) 8,100            place of its level, and counts them
 *     level 0   (-∞, '') 130  (2, x) 97 …   (31, c) 101  (33, a) …  (70, m) 88 …
 *     ranked    … rows …
 *
 * Each place of a level is one of the level below, too; each level begins before all rows. A row that comes or goes changes one count of each
 * level. What has grown too large is cut in two; what is empty is removed, unless a level above has its place.
 *
 * The rank of a place: at each level, from the top, the counts before the span that holds it; at last the rows before it in its span.
 */
import type { Store } from '../../../platform/store/store.js';
import { byteStringOf, bytesOf } from '../bytes.js';
import { type Place, START } from './place.js';

/** Rows of a span of level 0 when it is made; it is cut in two at twice as many. */
const ROWS = 128;
/** Spans of a span of the level below, likewise. */
const CHILDREN = 64;

interface SpanRow {
  readonly place: number;
  readonly member: Buffer;
  readonly count: number;
}

interface RankedRow {
  readonly score: number;
  readonly member: Buffer;
}

const isStart = ({ place, member }: SpanRow): boolean => place === Number.NEGATIVE_INFINITY && member.length === 0;

export class Spans {
  readonly #store: Store;
  readonly #owner: number;

  constructor(store: Store, owner: number) {
    this.#store = store;
    this.#owner = owner;
  }

  /** Counts all rows, in one pass, in place of what there is. */
  build(): void {
    this.drop();
    let level = this.#countRows();
    for (let height = 0; ; height++) {
      for (const { place, member, count } of level) this.#insert(height, place, member, count);
      if (level.length <= CHILDREN) return;
      level = grouped(level);
    }
  }

  drop(): void {
    this.#store.statement<[number]>('DELETE FROM span WHERE owner = ?').run(this.#owner);
  }

  /** Rows before a place. */
  before(place: Place): number {
    const member = bytesOf(place.member);
    let rank = 0;
    let from: SpanRow | undefined;
    for (let level = this.#top(); level >= 0; level--) {
      const span = this.#spanOf(level, place.score, member);
      rank += this.#sum(level, from, span);
      from = span;
    }
    return rank + this.#rowsBetween(from, place.score, member);
  }

  /** The row with so many before it; `rank` is less than the number of rows. */
  at(rank: number): Place | undefined {
    let left = rank;
    let from: SpanRow | undefined;
    for (let level = this.#top(); level >= 0; level--) {
      const counts = this.#countsFrom(level, from);
      let index = 0;
      for (; index < counts.length - 1 && left >= (counts[index] ?? 0); index++) left -= counts[index] ?? 0;
      from = this.#spanFrom(level, from, index);
    }
    if (from === undefined) return undefined;
    const sql = `SELECT score, member FROM ranked WHERE owner = ? AND (score, member) >= (?, ?) ORDER BY score, member LIMIT 1 OFFSET ?`;
    const row = this.#store
      .statement<[number, number, Buffer, number], RankedRow>(sql)
      .get(this.#owner, from.place, from.member, left);
    return row && { score: row.score, member: byteStringOf(row.member) };
  }

  /** To be called after the row was written. */
  added({ score, member }: Place): void {
    const name = bytesOf(member);
    const top = this.#top();
    for (let level = top; level >= 0; level--) {
      const span = this.#add(level, score, name, 1);
      if (level === 0 && span !== undefined && span.count > 2 * ROWS) this.#cutRows(span, top);
    }
  }

  /** To be called after the row was removed. */
  removed({ score, member }: Place): void {
    const name = bytesOf(member);
    const top = this.#top();
    let above: SpanRow | undefined;
    for (let level = top; level >= 0; level--) {
      const span = this.#add(level, score, name, -1);
      if (span === undefined) return;
      const isPlaceAbove = above !== undefined && above.place === span.place && above.member.equals(span.member);
      if (span.count === 0 && !isStart(span) && !isPlaceAbove) {
        // With all that is below it: there is nothing left to be counted.
        this.#removeEmpty(level, span);
        return;
      }
      above = span;
    }
  }

  #top(): number {
    const sql = 'SELECT level FROM span WHERE owner = ? ORDER BY level DESC LIMIT 1';
    return this.#store.statement<[number], { level: number }>(sql).get(this.#owner)?.level ?? -1;
  }

  #spanOf(level: number, score: number, member: Buffer): SpanRow | undefined {
    const sql = `SELECT place, member, count FROM span WHERE owner = ? AND level = ? AND (place, member) <= (?, ?)
      ORDER BY place DESC, member DESC LIMIT 1`;
    return this.#store.statement<[number, number, number, Buffer], SpanRow>(sql).get(this.#owner, level, score, member);
  }

  #add(level: number, score: number, member: Buffer, difference: number): SpanRow | undefined {
    const span = this.#spanOf(level, score, member);
    if (span === undefined) return undefined;
    this.#setCount(level, span, span.count + difference);
    return { ...span, count: span.count + difference };
  }

  #setCount(level: number, { place, member }: SpanRow, count: number): void {
    const sql = 'UPDATE span SET count = ? WHERE owner = ? AND level = ? AND place = ? AND member = ?';
    this.#store.statement<[number, number, number, number, Buffer]>(sql).run(count, this.#owner, level, place, member);
  }

  #insert(level: number, place: number, member: Buffer, count: number): void {
    const sql = 'INSERT INTO span (owner, level, place, member, count) VALUES (?, ?, ?, ?, ?)';
    this.#store.statement<[number, number, number, Buffer, number]>(sql).run(this.#owner, level, place, member, count);
  }

  /** Counts of a level from one span on, up to another one. */
  #sum(level: number, from: SpanRow | undefined, to: SpanRow | undefined): number {
    if (to === undefined) return 0;
    const sql = `SELECT coalesce(sum(count), 0) AS sum FROM span
      WHERE owner = ? AND level = ? AND (place, member) >= (?, ?) AND (place, member) < (?, ?)`;
    const { place, member } = from ?? { place: START.score, member: Buffer.alloc(0) };
    return (
      this.#store
        .statement<[number, number, number, Buffer, number, Buffer], { sum: number }>(sql)
        .get(this.#owner, level, place, member, to.place, to.member)?.sum ?? 0
    );
  }

  #rowsBetween(from: SpanRow | undefined, score: number, member: Buffer): number {
    const sql = `SELECT count(*) AS n FROM ranked WHERE owner = ? AND (score, member) >= (?, ?) AND (score, member) < (?, ?)`;
    const begin = from ?? { place: START.score, member: Buffer.alloc(0) };
    return (
      this.#store
        .statement<[number, number, Buffer, number, Buffer], { n: number }>(sql)
        .get(this.#owner, begin.place, begin.member, score, member)?.n ?? 0
    );
  }

  /** Spans of a level from a place on, as many as belong to one span of the level above. */
  #from(level: number, from: SpanRow | undefined): SpanRow[] {
    const sql = `SELECT place, member, count FROM span WHERE owner = ? AND level = ? AND (place, member) >= (?, ?)
      ORDER BY place, member LIMIT ?`;
    const { place, member } = from ?? { place: START.score, member: Buffer.alloc(0) };
    return this.#store
      .statement<[number, number, number, Buffer, number], SpanRow>(sql)
      .all(this.#owner, level, place, member, 2 * CHILDREN + 1);
  }

  /** Their counts alone, which are read ten times as fast. */
  #countsFrom(level: number, from: SpanRow | undefined): readonly number[] {
    const sql = `SELECT count FROM span WHERE owner = ? AND level = ? AND (place, member) >= (?, ?)
      ORDER BY place, member LIMIT ?`;
    const { place, member } = from ?? { place: START.score, member: Buffer.alloc(0) };
    return this.#store
      .statement<[number, number, number, Buffer, number], number>(sql)
      .pluck()
      .all(this.#owner, level, place, member, 2 * CHILDREN + 1);
  }

  /** The span of a level with so many from a place on before it. */
  #spanFrom(level: number, from: SpanRow | undefined, offset: number): SpanRow | undefined {
    const sql = `SELECT place, member, count FROM span WHERE owner = ? AND level = ? AND (place, member) >= (?, ?)
      ORDER BY place, member LIMIT 1 OFFSET ?`;
    const { place, member } = from ?? { place: START.score, member: Buffer.alloc(0) };
    return this.#store
      .statement<[number, number, number, Buffer, number], SpanRow>(sql)
      .get(this.#owner, level, place, member, offset);
  }

  #countRows(): SpanRow[] {
    const level: SpanRow[] = [];
    const sql =
      'SELECT score, member FROM ranked WHERE owner = ? AND (score, member) > (?, ?) ORDER BY score, member LIMIT ?';
    const page = this.#store.statement<[number, number, Buffer, number], RankedRow>(sql);
    const firsts = 'SELECT score, member FROM ranked WHERE owner = ? ORDER BY score, member LIMIT ?';
    let rows = this.#store.statement<[number, number], RankedRow>(firsts).all(this.#owner, ROWS);
    for (let first: RankedRow = { score: START.score, member: Buffer.alloc(0) }; ; ) {
      const last = rows.at(-1);
      if (level.length === 0 || rows.length > 0)
        level.push({ place: first.score, member: first.member, count: rows.length });
      if (rows.length < ROWS || last === undefined) return level;
      rows = page.all(this.#owner, last.score, last.member, ROWS);
      first = rows[0] ?? first;
    }
  }

  /** A span of level 0 with too many rows: the second half of them becomes one of its own. */
  #cutRows(span: SpanRow, top: number): void {
    const half = span.count >> 1;
    const sql =
      'SELECT score, member FROM ranked WHERE owner = ? AND (score, member) >= (?, ?) ORDER BY score, member LIMIT 1 OFFSET ?';
    const row = this.#store
      .statement<[number, number, Buffer, number], RankedRow>(sql)
      .get(this.#owner, span.place, span.member, half);
    if (row === undefined) return;
    this.#setCount(0, span, half);
    this.#insert(0, row.score, row.member, span.count - half);
    this.#cutAbove(1, top, row);
  }

  /** A level has one span more: the span above it may have too many now. */
  #cutAbove(level: number, top: number, { score, member }: RankedRow): void {
    if (level > top) {
      this.#grow(level);
      return;
    }
    const parent = this.#spanOf(level, score, member);
    if (parent === undefined) return;
    const children = this.#childrenOf(level, parent);
    if (children.length <= 2 * CHILDREN) return;
    const second = children.slice(children.length >> 1);
    const [first] = second;
    if (first === undefined) return;
    const count = second.reduce((sum, child) => sum + child.count, 0);
    this.#setCount(level, parent, parent.count - count);
    this.#insert(level, first.place, first.member, count);
    this.#cutAbove(level + 1, top, { score: first.place, member: first.member });
  }

  #childrenOf(level: number, parent: SpanRow): SpanRow[] {
    const next = this.#next(level, parent);
    const all = this.#from(level - 1, parent);
    if (next === undefined) return all;
    return all.filter(
      ({ place, member }) => place < next.place || (place === next.place && member.compare(next.member) < 0),
    );
  }

  #next(level: number, { place, member }: SpanRow): SpanRow | undefined {
    const sql = `SELECT place, member, count FROM span WHERE owner = ? AND level = ? AND (place, member) > (?, ?)
      ORDER BY place, member LIMIT 1`;
    return this.#store.statement<[number, number, number, Buffer], SpanRow>(sql).get(this.#owner, level, place, member);
  }

  /** The top level has too many spans: one more level above it. */
  #grow(level: number): void {
    const below = this.#from(level - 1, undefined);
    if (below.length <= 2 * CHILDREN) return;
    for (const { place, member, count } of grouped(below)) this.#insert(level, place, member, count);
  }

  /** A span without rows, and what is below it: the rows to come belong to the one before. */
  #removeEmpty(level: number, span: SpanRow): void {
    const next = this.#next(level, span);
    for (let below = level; below >= 0; below--) {
      const sql =
        next === undefined
          ? 'DELETE FROM span WHERE owner = ? AND level = ? AND (place, member) >= (?, ?)'
          : 'DELETE FROM span WHERE owner = ? AND level = ? AND (place, member) >= (?, ?) AND (place, member) < (?, ?)';
      const to = next === undefined ? [] : [next.place, next.member];
      this.#store
        .statement<[number, number, number, Buffer, ...(number | Buffer)[]]>(sql)
        .run(this.#owner, below, span.place, span.member, ...to);
    }
  }
}

/** Spans of the level above: each of so many of these. */
function grouped(level: readonly SpanRow[]): SpanRow[] {
  const above: SpanRow[] = [];
  for (let at = 0; at < level.length; at += CHILDREN) {
    const children = level.slice(at, at + CHILDREN);
    const [first] = children;
    if (first === undefined) break;
    above.push({ ...first, count: children.reduce((sum, { count }) => sum + count, 0) });
  }
  return above;
}
