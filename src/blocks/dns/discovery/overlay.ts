/**
 * Health beside zones: the RRsets that have targets, with what is known of each. Zones stay as they are, so that secondaries
 * and transfers have every record; what is given out is chosen here, answer by answer.
 */
import { printRdata } from '../rdata/index.js';
import type { RRset } from '../record.js';
import { type Candidate, choose } from './choose.js';
import type { Health } from './health.js';
import { defaultRules, setKey, type Target, targetKey } from './target.js';

export interface Selection {
  readonly set: RRset;
  readonly why: string;
}

export class TargetOverlay {
  readonly #sets = new Map<string, Map<string, Target>>();
  readonly #healthOf: (key: string) => Pick<Health, 'state' | 'problem'> | undefined;

  /** `healthOf` is asked with a targetKey; undefined: nothing is known. */
  constructor(targets: Iterable<Target>, healthOf: (key: string) => Pick<Health, 'state' | 'problem'> | undefined) {
    this.#healthOf = healthOf;
    for (const target of targets) {
      const key = setKey(target);
      const set = this.#sets.get(key) ?? new Map<string, Target>();
      set.set(targetKey(target), target);
      this.#sets.set(key, set);
    }
  }

  /** Undefined where no record of the RRset is a target. */
  select(set: RRset, random: () => number): Selection | undefined {
    if (this.#sets.size === 0) return undefined;
    const targets = this.#sets.get(setKey(set));
    if (targets === undefined) return undefined;
    const choice = choose(
      set.rdatas.map((rdata) => this.#candidate(set, rdata, targets)),
      random,
    );
    return { set: { ...set, rdatas: choice.rdatas }, why: choice.why };
  }

  #candidate({ name, type }: RRset, rdata: Uint8Array, targets: ReadonlyMap<string, Target>): Candidate {
    const key = targetKey({ name, type, rdata });
    const { weight, tier, check } = targets.get(key) ?? defaultRules;
    const health = check === '' ? undefined : this.#healthOf(key);
    const { state, problem } = health ?? { state: check === '' ? 'up' : 'unknown', problem: '' };
    return { rdata, shown: printRdata(type, rdata), weight, tier, state, problem };
  }
}
