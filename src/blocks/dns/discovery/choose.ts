/**
 * Which targets of an RRset are given out, and in which order.
 *
 *     all ──▶ those of the lowest tier that has any given out ──▶ in random order, by weight
 *       └── none is given out ──▶ all of the lowest tier: a name that may work is better than none («fail open»)
 *
 * The order is what weighs: most clients try the first address first. Everybody gets all that may be used, so that a client can
 * go on to the next when one fails between two checks.
 */
import { type HealthState, isGivenOut } from './health.js';

export interface Candidate {
  readonly rdata: Uint8Array;
  /** For people: `10.0.0.7`. */
  readonly shown: string;
  readonly weight: number;
  readonly tier: number;
  readonly state: HealthState;
  readonly problem: string;
}

export interface Choice {
  readonly rdatas: readonly Uint8Array[];
  /** One sentence without a period. */
  readonly why: string;
}

/** `random` gives numbers from 0 to below 1. There is at least one candidate. */
export function choose(candidates: readonly Candidate[], random: () => number): Choice {
  const usable = candidates.filter(isGivenOut);
  const considered = usable.length > 0 ? usable : candidates;
  const tier = Math.min(...considered.map((candidate) => candidate.tier));
  const chosen = shuffle(
    considered.filter((candidate) => candidate.tier === tier),
    random,
  );
  return { rdatas: chosen.map(({ rdata }) => rdata), why: reason(candidates, chosen, tier, usable.length > 0) };
}

/** Weighted random order: the largest of random^(1/weight) comes first (Efraimidis and Spirakis, 2006). */
function shuffle(candidates: readonly Candidate[], random: () => number): Candidate[] {
  const keyed = candidates.map((candidate) => ({ candidate, key: Math.log(1 - random()) / candidate.weight }));
  return keyed.sort((a, b) => b.key - a.key).map(({ candidate }) => candidate);
}

function reason(all: readonly Candidate[], chosen: readonly Candidate[], tier: number, isUsable: boolean): string {
  const left = all.filter((candidate) => !chosen.includes(candidate)).map(whyNot(tier));
  const peers = all.filter((candidate) => candidate.tier === tier);
  const tiers = peers.length < all.length ? ` of tier ${tier}` : '';
  const head = isUsable
    ? `${chosen.length} of ${peers.length} ${peers.length === 1 ? 'target' : 'targets'}${tiers}, ${chosen[0]?.shown} first`
    : `no target is well, so all${tiers} are given`;
  return [head, ...left].join('; ');
}

function whyNot(tier: number): (candidate: Candidate) => string {
  return ({ shown, state, problem, tier: own }) => {
    if (state === 'down') return `${shown} is down${problem === '' ? '' : ` (${problem})`}`;
    if (state === 'held') return `${shown} is well again, but held down`;
    return own > tier ? `${shown} waits in tier ${own}` : shown;
  };
}
