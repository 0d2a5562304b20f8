/**
 * What is kept of one key in one scope. Entries of one key hang together; the first of them, the head, is what a table
 * finds by the key:
 *
 *     Map   key ──▶ head ──next──▶ entry ──next──▶ entry          one for each scope
 *
 * The last decisions are a ring of pairs of numbers, since a million keys have sixteen each:
 *
 *     recent   [ ±at, cost × 67,108,865 + remaining,   ±at, … ]      -at: refused;  2^26 + 1 = 67,108,865
 */
import { type Limit, MOST_COST } from '../limit.js';
import { type Decision, type KeyReport, type Micros, RECENT_DECISIONS, type RecordedDecision } from '../limiter.js';
import { type Rules, rulesOf, type State } from '../rules/index.js';

const PACK = MOST_COST + 1;
const RING = 2 * RECENT_DECISIONS;

/** Whether an entry is to be written: not; some time; before anybody is answered. */
export const UNCHANGED = 0;
export const CHANGED_LAZILY = 1;
export const CHANGED = 2;
export type Change = typeof UNCHANGED | typeof CHANGED_LAZILY | typeof CHANGED;

/** Fields in the order of use: what every decision touches lies together. */
export class Entry {
  /** In the stored form. */
  readonly key: string;
  readonly scope: string;
  next: Entry | undefined = undefined;
  /** As it was last counted by. */
  limit: Limit;
  rules: Rules;
  state: State;
  recent: number[] = [];
  /** Index in `recent` that the next decision overwrites, once the ring is full. */
  oldest = 0;
  allowedTotal = 0;
  change: Change = UNCHANGED;
  limitedTotal = 0;
  /** Of a head, for caches: it was asked for since somebody last looked for what to let go. */
  used = true;
  /** Of a head, for caches: entries of every scope are here. */
  complete = true;
  /** It was reset, and whoever reads the file is to be told. */
  gone = false;
  /** The last row of the journal that holds it. */
  journalId = 0;
  /** Bytes of memory, roughly, as a cache last counted it. */
  weight = 0;

  constructor(key: string, scope: string, limit: Limit, state: State) {
    this.key = key;
    this.scope = scope;
    this.limit = limit;
    this.rules = rulesOf(limit.algorithm);
    this.state = state;
  }

  /** Begins anew, by another algorithm. The totals and the last decisions stay: they are the key's. */
  restart(limit: Limit, state: State): void {
    this.limit = limit;
    this.rules = rulesOf(limit.algorithm);
    this.state = state;
  }

  record(now: Micros, allowed: boolean, cost: number, remaining: number): void {
    if (allowed) this.allowedTotal++;
    else this.limitedTotal++;
    const at = allowed ? now : -now;
    const rest = cost * PACK + remaining;
    if (this.recent.length < RING) {
      this.recent.push(at, rest);
      return;
    }
    this.recent[this.oldest] = at;
    this.recent[this.oldest + 1] = rest;
    this.oldest = (this.oldest + 2) % RING;
  }

  /** Of the last decision. */
  get lastAt(): Micros {
    const { length } = this.recent;
    return length === 0 ? 0 : Math.abs(this.recent[(this.oldest + length - 2) % length] ?? 0);
  }

  get freshAt(): Micros {
    return this.rules.freshAt(this.state, this.limit);
  }

  /** Forgets everything, as a reset does. */
  clear(): void {
    this.gone = true;
    this.allowedTotal = 0;
    this.limitedTotal = 0;
    this.recent = [];
    this.oldest = 0;
  }

  /** What could be taken at `now`, and the rest of what is known. */
  report(now: Micros): KeyReport {
    return {
      scope: this.scope,
      key: this.key,
      limit: this.limit,
      decision: this.decisionAt(now),
      allowedTotal: this.allowedTotal,
      limitedTotal: this.limitedTotal,
      lastAt: this.lastAt,
      recent: this.#recorded(),
    };
  }

  decisionAt(now: Micros): Decision {
    const state = this.state.slice();
    this.rules.settle(state, this.limit, this.limit, now);
    return this.rules.judge(state, this.limit, now, 0);
  }

  get recordedCount(): number {
    return this.recent.length / 2;
  }

  /** The last decisions, oldest first. */
  eachRecorded(visit: (at: Micros, allowed: boolean, cost: number, remaining: number) => void): void {
    const { recent, oldest } = this;
    for (let passed = 0; passed < recent.length; passed += 2) {
      const index = (oldest + passed) % recent.length;
      const at = recent[index] ?? 0;
      const rest = recent[index + 1] ?? 0;
      visit(Math.abs(at), at > 0, Math.floor(rest / PACK), rest % PACK);
    }
  }

  /** Puts back what {@link eachRecorded} told. */
  replay(recorded: readonly RecordedDecision[]): void {
    this.oldest = 0;
    this.recent = recorded.flatMap(({ at, allowed, cost, remaining }) => [allowed ? at : -at, cost * PACK + remaining]);
  }

  #recorded(): RecordedDecision[] {
    const decisions: RecordedDecision[] = [];
    this.eachRecorded((at, allowed, cost, remaining) => decisions.push({ at, allowed, cost, remaining }));
    return decisions.reverse();
  }
}
