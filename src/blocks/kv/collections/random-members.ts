/**
 * Members picked at random: SRANDMEMBER, SPOP, HRANDFIELD.
 *
 * In a small collection a place is picked and walked to. A large one would be walked through by half each time, so a landmark is kept for
 * every so many members, in memory. One of the stretches from landmark to landmark is picked, then one of as many places as a stretch may
 * have at most; where the stretch has no member at that place, both are picked again: so all members are equally likely, however many are
 * in their stretches. A stretch that has grown beyond that is cut before it is picked from.
 *
 * Landmarks are hints: whoever adds or removes members need not tell. Together the stretches have all members at any time.
 */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';
import { type Field, fieldAt } from './members.js';

/** Members up to which places are walked to: 15 µs. */
const WALKED = 512;
/** Members from one landmark to the next when they are made. */
const STRETCH = 128;
/** Members of a stretch, beyond which it is cut. */
const MOST = 2 * STRETCH;
/** Members of a stretch, beyond which all landmarks are made anew. */
const FAR_TOO_MANY = 1_000 * STRETCH;
/** Collections whose landmarks are kept. */
const MOST_KEPT = 16;
/** How much the collection may have grown, and shrunk, before landmarks are made anew. */
const GROWN = 1.1;
const SHRUNK = 0.5;
/** Places picked in vain, after which landmarks are made anew; most often it is one or none. */
const MOST_TRIES = 64;

interface Landmarks {
  /** Members when they were made. */
  readonly count: number;
  /** Each is the first name of a stretch, in order; the first one is before all. */
  readonly first: ByteString[];
}

export class RandomMembers {
  readonly #store: Store;
  readonly #random: () => number;
  /** By owner, the one that was used last at the end. */
  readonly #kept = new Map<number, Landmarks>();

  constructor(store: Store, random: () => number) {
    this.#store = store;
    this.#random = random;
  }

  /** One of `count` members of the owner; `count` is at least 1 and right. */
  pick(owner: number, count: number): Field {
    if (count > WALKED) return this.#pickOfMany(owner, count);
    const found = fieldAt(this.#store, owner, this.#below(count));
    if (found === undefined) throw new TypeError(`collection ${owner} has not ${count} members`);
    return found;
  }

  #below(count: number): number {
    return Math.min(count - 1, Math.floor(this.#random() * count));
  }

  #pickOfMany(owner: number, count: number): Field {
    let { first } = this.#landmarks(owner, count);
    for (let tries = 1; ; tries++) {
      if (tries % MOST_TRIES === 0) first = this.#surveyAll(owner, count).first;
      const stretch = this.#below(first.length);
      const [from = '', to] = [first[stretch], first[stretch + 1]];
      const inside = this.#countBetween(owner, from, to);
      if (inside > FAR_TOO_MANY) first = this.#surveyAll(owner, count).first;
      else if (inside > MOST) first.splice(stretch, 1, ...this.#survey(owner, from, to));
      else {
        const place = this.#below(MOST);
        const found = place < inside ? this.#fieldBetween(owner, from, place) : undefined;
        if (found !== undefined) return found;
      }
    }
  }

  #landmarks(owner: number, count: number): Landmarks {
    const known = this.#kept.get(owner);
    if (known === undefined || count > GROWN * known.count || count < SHRUNK * known.count) {
      return this.#surveyAll(owner, count);
    }
    this.#kept.delete(owner);
    this.#kept.set(owner, known);
    return known;
  }

  #surveyAll(owner: number, count: number): Landmarks {
    const landmarks = { count, first: this.#survey(owner, '', undefined) };
    this.#kept.delete(owner);
    this.#kept.set(owner, landmarks);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return landmarks;
  }

  /** Landmarks from one on to another, or to the end; reads the name of each member there once. */
  #survey(owner: number, from: ByteString, to: ByteString | undefined): ByteString[] {
    const first = [from];
    const sql = 'SELECT member FROM member WHERE owner = ? AND member >= ? ORDER BY member LIMIT 1 OFFSET ?';
    const next = this.#store.statement<[number, Buffer, number], { member: Buffer }>(sql);
    for (let last = from; ; ) {
      const row = next.get(owner, bytesOf(last), STRETCH);
      if (row === undefined) return first;
      last = byteStringOf(row.member);
      if (to !== undefined && last >= to) return first;
      first.push(last);
    }
  }

  #countBetween(owner: number, from: ByteString, to: ByteString | undefined): number {
    const sql =
      to === undefined
        ? 'SELECT count(*) AS n FROM member WHERE owner = ? AND member >= ?'
        : 'SELECT count(*) AS n FROM member WHERE owner = ? AND member >= ? AND member < ?';
    const bounds = to === undefined ? [bytesOf(from)] : [bytesOf(from), bytesOf(to)];
    return this.#store.statement<[number, ...Buffer[]], { n: number }>(sql).get(owner, ...bounds)?.n ?? 0;
  }

  #fieldBetween(owner: number, from: ByteString, place: number): Field | undefined {
    const sql = 'SELECT member, value FROM member WHERE owner = ? AND member >= ? ORDER BY member LIMIT 1 OFFSET ?';
    const row = this.#store
      .statement<[number, Buffer, number], { member: Buffer; value: Buffer | null }>(sql)
      .get(owner, bytesOf(from), place);
    return row && { member: byteStringOf(row.member), value: row.value === null ? '' : byteStringOf(row.value) };
  }
}
