/**
 * Rows of a sorted set: `member` has the score of each member, `ranked` their order, and spans count them where there are many.
 * An instance is of one command: it keeps count, and {@link SortedSet.put} writes the head.
 */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';
import { CollectionEntry } from '../entry.js';
import type { Database } from '../store/database.js';
import { behind, type Place, START } from './place.js';
import { Spans } from './spans.js';

/** Elements up to which ranks are counted row by row: 10 µs. */
const WALKED = 512;
/** Rows read at once. */
const PAGE = 512;
/** Where more than this part of a set is removed at once, its spans are made anew. */
const MANY = 0.05;

interface RankedRow {
  readonly score: number;
  readonly member: Buffer;
}

const placeOf = ({ score, member }: RankedRow): Place => ({ score, member: byteStringOf(member) });

/** From a place to another, the second not included; undefined: to the end. */
export interface Range {
  readonly from: Place;
  readonly to: Place | undefined;
}

const EVERYTHING: Range = { from: START, to: undefined };

export class SortedSet {
  readonly #store: Store;
  readonly #head: CollectionEntry;
  readonly #owner: number;
  readonly #spans: Spans;
  #count: number;
  #counted: boolean;

  constructor(store: Store, head: CollectionEntry) {
    this.#store = store;
    this.#head = head;
    this.#owner = head.owner;
    this.#count = head.count;
    this.#counted = head.counted;
    this.#spans = new Spans(store, head.owner);
  }

  get count(): number {
    return this.#count;
  }

  /** Writes the head; to be called when elements were changed. */
  put(database: Database, key: ByteString): void {
    if (!this.#counted && this.#count > WALKED) {
      this.#spans.build();
      this.#counted = true;
    }
    const { type, owner, first, expires } = this.#head;
    database.setCollection(key, new CollectionEntry(type, owner, this.#count, this.#counted, first, expires, 0));
  }

  score(member: ByteString): number | undefined {
    const sql = 'SELECT value FROM member WHERE owner = ? AND member = ?';
    return this.#store.statement<[number, Buffer], { value: number }>(sql).get(this.#owner, bytesOf(member))?.value;
  }

  /** Puts a member at a score; `before` is what {@link score} said of it. */
  set(member: ByteString, score: number, before: number | undefined): void {
    const name = bytesOf(member);
    if (before === undefined) {
      const sql = 'INSERT INTO member (owner, member, value) VALUES (?, ?, ?)';
      this.#store.statement<[number, Buffer, number]>(sql).run(this.#owner, name, score);
      this.#count++;
    } else {
      const sql = 'UPDATE member SET value = ? WHERE owner = ? AND member = ?';
      this.#store.statement<[number, number, Buffer]>(sql).run(score, this.#owner, name);
      this.#removeRanked({ score: before, member }, name);
    }
    const sql = 'INSERT INTO ranked (owner, score, member) VALUES (?, ?, ?)';
    this.#store.statement<[number, number, Buffer]>(sql).run(this.#owner, score, name);
    if (this.#counted) this.#spans.added({ score, member });
  }

  /** Whether it was there. */
  remove(member: ByteString): boolean {
    const score = this.score(member);
    if (score === undefined) return false;
    this.#removeElement({ score, member });
    return true;
  }

  /** Removes elements that are there, and next to each other, in order or in reversed order. */
  removeAll(elements: readonly Place[]): void {
    const [one, other] = [elements[0], elements.at(-1)];
    if (one === undefined || other === undefined) return;
    if (elements.length <= Math.max(WALKED, this.#count * MANY)) {
      for (const element of elements) this.#removeElement(element);
      return;
    }
    if (this.#counted) this.#spans.drop();
    this.#counted = false;
    this.#removeBetween(...(precedes(one, other) ? ([one, other] as const) : ([other, one] as const)));
    this.#count -= elements.length;
  }

  /** How many elements are before a place. */
  before(place: Place): number {
    if (this.#counted) return this.#spans.before(place);
    const sql = 'SELECT count(*) AS n FROM ranked WHERE owner = ? AND (score, member) < (?, ?)';
    const row = this.#store
      .statement<[number, number, Buffer], { n: number }>(sql)
      .get(this.#owner, place.score, bytesOf(place.member));
    return row?.n ?? 0;
  }

  countIn({ from, to }: Range): number {
    return Math.max(0, (to === undefined ? this.#count : this.before(to)) - this.before(from));
  }

  /** The element with so many before it. */
  at(rank: number): Place | undefined {
    if (this.#counted) return this.#spans.at(rank);
    const sql = 'SELECT score, member FROM ranked WHERE owner = ? ORDER BY score, member LIMIT 1 OFFSET ?';
    const row = this.#store.statement<[number, number], RankedRow>(sql).get(this.#owner, rank);
    return row && placeOf(row);
  }

  /** Elements by their ranks, both included and within the set. */
  ranked(first: number, last: number, reverse: boolean): Place[] {
    if (first > last) return [];
    // From an end on there is nothing to be counted.
    if (first === 0) return [...(reverse ? this.#backward(EVERYTHING, last + 1) : this.#forward(EVERYTHING, last + 1))];
    const start = reverse ? this.at(this.#count - 1 - first) : this.at(first);
    if (start === undefined) return [];
    const limit = last - first + 1;
    return reverse
      ? [...this.#backward({ from: START, to: behind(start) }, limit)]
      : [...this.#forward({ from: start, to: undefined }, limit)];
  }

  /** Elements of a range, without the first `offset` of them, at most `limit`. */
  within(range: Range, reverse: boolean, offset = 0, limit = Number.POSITIVE_INFINITY): Place[] {
    if (limit === 0) return [];
    if (offset <= PAGE) {
      return [...(reverse ? this.#backward(range, offset + limit) : this.#forward(range, offset + limit))].slice(
        offset,
      );
    }
    const [first, size] = [this.before(range.from), this.countIn(range)];
    if (offset >= size) return [];
    const last = Math.min(size, offset + limit) - 1;
    if (!reverse) return this.ranked(first + offset, first + last, false);
    const skipped = this.#count - first - size;
    return this.ranked(skipped + offset, skipped + last, true);
  }

  /** All elements in order, a page in memory at a time. */
  all(): Generator<Place> {
    return this.#forward(EVERYTHING);
  }

  /** At most so many of a range; no rows are read beyond those. */
  *#forward({ from, to }: Range, limit = Number.POSITIVE_INFINITY): Generator<Place> {
    const [bound, end] = to === undefined ? ['', []] : ['AND (score, member) < (?, ?)', [to.score, bytesOf(to.member)]];
    const sql = `SELECT score, member FROM ranked WHERE owner = ? AND (score, member) >= (?, ?) ${bound} ORDER BY score, member LIMIT ?`;
    const page = this.#store.statement<(number | Buffer)[], RankedRow>(sql);
    for (let [next, left] = [from, limit]; left > 0; ) {
      const rows = page.all(this.#owner, next.score, bytesOf(next.member), ...end, Math.min(PAGE, left));
      for (const row of rows) {
        const element = placeOf(row);
        yield element;
        next = behind(element);
      }
      if (rows.length < PAGE) return;
      left -= rows.length;
    }
  }

  *#backward({ from, to }: Range, limit = Number.POSITIVE_INFINITY): Generator<Place> {
    for (let [next, left] = [to, limit]; left > 0; ) {
      const [bound, end] =
        next === undefined ? ['', []] : ['AND (score, member) < (?, ?)', [next.score, bytesOf(next.member)]];
      const sql = `SELECT score, member FROM ranked WHERE owner = ? AND (score, member) >= (?, ?) ${bound}
        ORDER BY score DESC, member DESC LIMIT ?`;
      const rows = this.#store
        .statement<(number | Buffer)[], RankedRow>(sql)
        .all(this.#owner, from.score, bytesOf(from.member), ...end, Math.min(PAGE, left));
      for (const row of rows) {
        const element = placeOf(row);
        yield element;
        next = element;
      }
      if (rows.length < PAGE) return;
      left -= rows.length;
    }
  }

  /** Both included. */
  #removeBetween(first: Place, last: Place): void {
    const range = 'owner = ? AND (score, member) >= (?, ?) AND (score, member) <= (?, ?)';
    const bounds = [this.#owner, first.score, bytesOf(first.member), last.score, bytesOf(last.member)];
    const members = `DELETE FROM member WHERE owner = ? AND member IN (SELECT member FROM ranked WHERE ${range})`;
    this.#store.statement<(number | Buffer)[]>(members).run(this.#owner, ...bounds);
    this.#store.statement<(number | Buffer)[]>(`DELETE FROM ranked WHERE ${range}`).run(...bounds);
  }

  #removeElement(element: Place): void {
    const name = bytesOf(element.member);
    this.#store.statement<[number, Buffer]>('DELETE FROM member WHERE owner = ? AND member = ?').run(this.#owner, name);
    this.#removeRanked(element, name);
    this.#count--;
  }

  #removeRanked(element: Place, name: Buffer): void {
    const sql = 'DELETE FROM ranked WHERE owner = ? AND score = ? AND member = ?';
    this.#store.statement<[number, number, Buffer]>(sql).run(this.#owner, element.score, name);
    if (this.#counted) this.#spans.removed(element);
  }
}

export const precedes = (a: Place, b: Place): boolean =>
  a.score < b.score || (a.score === b.score && a.member < b.member);
