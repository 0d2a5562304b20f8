/**
 * What the limiter in memory and the one on a file share: several demands judged at one instant and counted all or
 * none, shadow demands, blocks, and what is recorded of it. Nothing here waits or does I/O; where entries come from and
 * when they are written is the {@link Shelf}'s.
 *
 *     demands ──▶ settle, judge each ──▶ blocked, or one refused? ──yes──▶ record who refused; nothing is counted
 *                                                   │
 *                                                   no ──▶ take each that is allowed (a shadow demand may not be)
 */
import type { Random } from '../../platform/clock.js';
import { CHANGED, CHANGED_LAZILY, type Entry } from './engine/entry.js';
import { newLease } from './lease.js';
import { type Limit, sameLimit } from './limit.js';
import type { Decision, Demand, Micros, Outcome, RefundDemand } from './limiter.js';
import { rulesOf, type State } from './rules/index.js';

/** Where entries are kept. Keys come as they were asked for; the shelf knows their stored form. */
export interface Shelf {
  find(key: string, scope: string): Entry | undefined;
  /** The entry is in place when this returns, and empty. */
  add(key: string, scope: string, limit: Limit, state: State): Entry;
  /** Throws where so many more entries have no room. */
  makeRoom(entries: number, now: Micros): void;
  /** When the block on the key ends; 0 when there is none. */
  blockedUntil(key: string): Micros;
  /** The entry was changed as its `change` says, and was not changed before. */
  changed(entry: Entry): void;
}

export class Engine {
  readonly #shelf: Shelf;
  readonly #random: Random;
  /** Of the demands at hand: made once, since a decision takes a fraction of a microsecond. */
  readonly #entries: (Entry | undefined)[] = [];
  /** A state that a demand would begin with: the key is new, or was counted by another algorithm. */
  readonly #fresh: (State | undefined)[] = [];

  constructor(shelf: Shelf, random: Random) {
    this.#shelf = shelf;
    this.#random = random;
  }

  /** The demands are checked already (engine/checks.ts), here as below. */
  check(demands: readonly Demand[], now: Micros): Outcome {
    const decisions: Decision[] = [];
    const blockedForUs = this.#blockedFor(demands, now);
    let allowed = blockedForUs === 0;
    let missing = 0;
    // Plain loops, here as below: a decision takes a fraction of a microsecond.
    for (let index = 0; index < demands.length; index++) {
      const demand = demands[index];
      if (demand === undefined) continue;
      const decision = this.#judge(index, demand, now);
      decisions.push(decision);
      if (!decision.allowed && demand.shadow !== true) allowed = false;
      if (this.#entries[index] === undefined) missing++;
    }
    if (allowed && missing > 0) this.#shelf.makeRoom(missing, now);
    for (let index = 0; index < demands.length; index++) {
      const demand = demands[index];
      const decision = decisions[index];
      if (demand === undefined || decision === undefined) continue;
      decisions[index] = allowed
        ? this.#count(index, demand, decision, now)
        : this.#refuse(index, demand, decision, now, blockedForUs > 0);
    }
    return { allowed, blockedForUs, decisions };
  }

  peek(demands: readonly Demand[], now: Micros): Outcome {
    const blockedForUs = this.#blockedFor(demands, now);
    const looked = demands.map((demand) => ({ demand, decision: this.#look(demand, now, demand.cost) }));
    const allowed = blockedForUs === 0 && looked.every(({ demand, decision }) => demand.shadow || decision.allowed);
    // Where nothing would be counted, what would be allowed is told as it is.
    const decisions = looked.map(({ demand, decision }) =>
      allowed || !decision.allowed ? decision : this.#look(demand, now, 0),
    );
    return { allowed, blockedForUs, decisions };
  }

  refund({ scope, key, limit, cost, lease }: RefundDemand, now: Micros): Decision {
    const entry = this.#shelf.find(key, scope);
    const rules = rulesOf(limit.algorithm);
    if (entry === undefined || entry.rules !== rules) return rules.judge(rules.fresh(limit, now), limit, now, 0);
    rules.settle(entry.state, entry.limit, limit, now);
    entry.limit = limit;
    rules.refund(entry.state, limit, now, cost, lease);
    this.#changed(entry, CHANGED);
    return rules.judge(entry.state, limit, now, 0);
  }

  #blockedFor(demands: readonly Demand[], now: Micros): number {
    let longest = 0;
    for (let index = 0; index < demands.length; index++) {
      const until = this.#shelf.blockedUntil(demands[index]?.key ?? '');
      if (until - now > longest) longest = until - now;
    }
    return longest;
  }

  #judge(index: number, { scope, key, limit, cost }: Demand, now: Micros): Decision {
    const entry = this.#shelf.find(key, scope);
    this.#entries[index] = entry;
    if (entry === undefined || entry.limit.algorithm !== limit.algorithm) {
      const rules = rulesOf(limit.algorithm);
      const state = rules.fresh(limit, now);
      this.#fresh[index] = state;
      return rules.judge(state, limit, now, cost);
    }
    this.#fresh[index] = undefined;
    if (entry.limit !== limit && sameLimit(entry.limit, limit)) entry.limit = limit;
    if (entry.rules.settle(entry.state, entry.limit, limit, now)) {
      entry.limit = limit;
      this.#changed(entry, CHANGED_LAZILY);
    }
    return entry.rules.judge(entry.state, limit, now, cost);
  }

  /** The decision as it is told. */
  #count(index: number, demand: Demand, decision: Decision, now: Micros): Decision {
    const { scope, key, limit, cost } = demand;
    if (!decision.allowed) return this.#refuse(index, demand, decision, now, false);
    if (cost === 0) return decision;
    const fresh = this.#fresh[index];
    let entry = this.#entries[index];
    if (entry === undefined) {
      entry = this.#shelf.add(key, scope, limit, fresh ?? rulesOf(limit.algorithm).fresh(limit, now));
    } else if (fresh !== undefined) entry.restart(limit, fresh);
    else entry.limit = limit;
    const lease = limit.algorithm === 'concurrency' ? newLease(this.#random) : 0;
    entry.rules.take(entry.state, limit, now, cost, lease);
    entry.record(now, true, cost, decision.remaining);
    this.#changed(entry, CHANGED);
    return limit.algorithm === 'concurrency' ? { ...decision, lease } : decision;
  }

  /** What refused is recorded with the key, if it has anything else; what would have been allowed is told as it is. */
  #refuse(index: number, { limit, cost }: Demand, judged: Decision, now: Micros, blocked: boolean): Decision {
    const entry = this.#entries[index];
    const state = this.#fresh[index] ?? entry?.state;
    const wouldPass = judged.allowed && cost > 0 && state !== undefined;
    const decision = wouldPass ? rulesOf(limit.algorithm).judge(state, limit, now, 0) : judged;
    if (entry !== undefined && cost > 0 && (blocked || !judged.allowed)) {
      entry.record(now, false, cost, decision.remaining);
      this.#changed(entry, CHANGED_LAZILY);
    }
    return decision;
  }

  #look({ scope, key, limit }: Demand, now: Micros, cost: number): Decision {
    const entry = this.#shelf.find(key, scope);
    const rules = rulesOf(limit.algorithm);
    if (entry === undefined || entry.rules !== rules) return rules.judge(rules.fresh(limit, now), limit, now, cost);
    const state = entry.state.slice();
    rules.settle(state, entry.limit, limit, now);
    return rules.judge(state, limit, now, cost);
  }

  #changed(entry: Entry, change: typeof CHANGED | typeof CHANGED_LAZILY): void {
    if (entry.change >= change) return;
    entry.change = change;
    this.#shelf.changed(entry);
  }
}
