/**
 * Members picked at random: SRANDMEMBER, SPOP, HRANDFIELD.
 *
 * In a small collection a place is picked and walked to. A large one would be walked through by half each time, so a landmark is kept for
 * every so many members, in memory, and made anew when a tenth has changed: a stretch between two landmarks is picked, then a
 * place in it. What is picked is uniform but for what has changed since, by which a stretch is shorter or longer than others.
 */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';
import { type Field, fieldAt, fieldsAfter } from './members.js';

/** Members up to which places are walked to: 15 µs. */
const WALKED = 512;
/** Members from one landmark to the next. */
const STRETCH = 256;
/** Collections whose landmarks are kept. */
const MOST_KEPT = 64;
/** Part of the members that may have come or gone before landmarks are made anew. */
const STALE = 0.1;

interface Landmarks {
  readonly count: number;
  /** Each is the first member of a stretch. */
  readonly first: readonly Buffer[];
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
    const found = count <= WALKED ? fieldAt(this.#store, owner, this.#below(count)) : this.#pickOfMany(owner, count);
    if (found === undefined) throw new TypeError(`collection ${owner} has not ${count} members`);
    return found;
  }

  #below(count: number): number {
    return Math.min(count - 1, Math.floor(this.#random() * count));
  }

  #pickOfMany(owner: number, count: number): Field | undefined {
    const { first } = this.#landmarks(owner, count);
    for (;;) {
      const stretch = this.#below(first.length);
      const [from, to] = [first[stretch], first[stretch + 1]];
      const inside = this.#countBetween(owner, from, to);
      if (inside === 0) continue;
      return this.#fieldBetween(owner, from, this.#below(inside));
    }
  }

  #landmarks(owner: number, count: number): Landmarks {
    const known = this.#kept.get(owner);
    this.#kept.delete(owner);
    const landmarks =
      known === undefined || Math.abs(known.count - count) > STALE * known.count ? this.#survey(owner, count) : known;
    this.#kept.set(owner, landmarks);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return landmarks;
  }

  /** Reads each name once. */
  #survey(owner: number, count: number): Landmarks {
    const first: Buffer[] = [];
    for (let after: ByteString | undefined; ; ) {
      const page = fieldsAfter(this.#store, owner, after, STRETCH);
      const [head] = page;
      if (head === undefined) break;
      first.push(bytesOf(head.member));
      after = page.at(-1)?.member;
    }
    return { count, first };
  }

  #countBetween(owner: number, from: Buffer | undefined, to: Buffer | undefined): number {
    if (from === undefined) return 0;
    const sql =
      to === undefined
        ? 'SELECT count(*) AS n FROM member WHERE owner = ? AND member >= ?'
        : 'SELECT count(*) AS n FROM member WHERE owner = ? AND member >= ? AND member < ?';
    const bounds = to === undefined ? [from] : [from, to];
    return this.#store.statement<[number, ...Buffer[]], { n: number }>(sql).get(owner, ...bounds)?.n ?? 0;
  }

  #fieldBetween(owner: number, from: Buffer | undefined, place: number): Field | undefined {
    const sql = 'SELECT member, value FROM member WHERE owner = ? AND member >= ? ORDER BY member LIMIT 1 OFFSET ?';
    const row = this.#store
      .statement<[number, Buffer, number], { member: Buffer; value: Buffer | null }>(sql)
      .get(owner, from ?? Buffer.alloc(0), place);
    return row && { member: byteStringOf(row.member), value: row.value === null ? '' : byteStringOf(row.value) };
  }
}
