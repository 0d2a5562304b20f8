/**
 * A limit that refuses by what has passed: after the burst that ran into it, the recovery is watched with sparse probes
 * (each one a bit later, since some servers count what they refuse), and then experiments are chosen (design.ts) until only
 * one family explains the run and its parameters are narrow.
 */
import { type Chance, chanceFrom } from './chance.js';
import { conclude } from './conclude.js';
import { nextExperiment, type Step } from './design.js';
import type { Discovery } from './finding.js';
import { Fit } from './fit.js';
import { variants } from './models/variants.js';
import { isCutShort, latencyOf, median, type Session } from './session.js';

export type Tell = (phase: string) => void;

/** A family is given up when it tells so many requests more wrong than the best one. */
const GIVEN_UP = 2.5;
/** The period is known well enough: natural logarithm of longest to shortest. */
const NARROW = 0.02;
const MOST_EXPERIMENTS = 40;
/** Each probe of the recovery is so much later, counted from the refusal. */
const PROBE_GROWTH = 1.35;
/** Milliseconds. */
const FIRST_PROBE_MS = 4;

/** What the server says itself: then it is only to be confirmed. Milliseconds. */
export interface Expected {
  readonly limit: number;
  readonly windowMs?: number;
  /** From the first refusal on. */
  readonly resetMs?: number;
}

export async function discoverRate(session: Session, tell: Tell, expected?: Expected): Promise<Discovery> {
  const chance = chanceFrom(1);
  const fits = variants.map((variant) => new Fit(variant, chance, session.originWallMs));
  let cutShort: string | undefined;
  try {
    await recover(session, tell, expected?.resetMs);
    await experiment(session, fits, chance, tell, expected);
  } catch (error) {
    if (!isCutShort(error)) throw error;
    cutShort = error.message;
  }
  if (fits.every(({ samples }) => samples.length === 0)) update(fits, session);
  return conclude(session, fits, cutShort);
}

async function recover(session: Session, tell: Tell, expectedMs: number | undefined): Promise<void> {
  tell('watching it recover');
  const refusedAt = session.nowMs;
  const rtt = median(session.observations.map(latencyOf));
  let gap = Math.max(FIRST_PROBE_MS, rtt * 2);
  if (expectedMs !== undefined) {
    // It is told when: one look before it, and then at it.
    await session.wait(Math.min(expectedMs * 0.95, Math.max(0, expectedMs - 20)));
    if ((await session.one()).accepted) gap = 0;
    else gap = Math.max(gap, expectedMs * 1.01 + 5);
  }
  while (gap > 0) {
    await session.wait(Math.max(1, refusedAt + gap - session.nowMs));
    if ((await session.one()).accepted) break;
    gap = Math.max(gap * PROBE_GROWTH, session.nowMs - refusedAt);
  }
  await session.untilRefused(session.requestsLeft / 2);
}

function update(fits: readonly Fit[], session: Session): void {
  const arrivals = session.arrivals();
  // The likeliest first: what it explains is the measure for the others.
  const ranked = [...fits].sort((a, b) => a.loss - b.loss);
  let best = Number.POSITIVE_INFINITY;
  for (const fit of ranked) {
    fit.update(arrivals, best);
    best = Math.min(best, fit.loss);
  }
}

async function experiment(
  session: Session,
  fits: readonly Fit[],
  chance: Chance,
  tell: Tell,
  expected: Expected | undefined,
): Promise<void> {
  const trials = new Trials();
  for (let done = 0; done < MOST_EXPERIMENTS; done++) {
    update(fits, session);
    const alive = stillAlive(fits);
    const clear = isClear(alive);
    if ((clear && trials.passed(alive)) || isAsExpected(alive, expected)) return;
    tell(
      clear
        ? 'trying what it should do'
        : `telling apart ${[...new Set(alive.map(({ variant }) => variant.family))].join(', ')}`,
    );
    const steps = (clear ? undefined : chooseSteps(session, alive, chance, done)) ?? trials.next(alive, session);
    if (steps === undefined) return;
    await run(session, steps);
  }
}

/** One family is left, and what is seen is what the server says: nothing is left to try. */
function isAsExpected(alive: readonly Fit[], expected: Expected | undefined): boolean {
  if (!isOneFamily(alive)) return false;
  const best = [...alive].sort((a, b) => a.loss - b.loss)[0];
  const parameters = best?.samples[0]?.parameters;
  if (best === undefined || parameters === undefined || expected?.windowMs === undefined || best.loss > 0.5)
    return false;
  const windowMs = parameters.periodMs * (best.variant.family === 'bucket' ? parameters.count : 1);
  return parameters.count === expected.limit && Math.abs(windowMs / expected.windowMs - 1) < 0.05;
}

function chooseSteps(session: Session, alive: readonly Fit[], chance: Chance, experiments: number): Step[] | undefined {
  return nextExperiment(
    {
      fits: alive,
      arrivals: session.arrivals(),
      nowMs: session.nowMs,
      paceMs: paceOf(session),
      notBeforeMs: session.notBeforeMs,
      experiments,
      mostRequests: session.requestsLeft,
      longestMs: session.timeLeftMs,
    },
    chance,
  );
}

/**
 * What looks clear was often seen for a moment only. It has to stand: from idle, and in the middle of a recovery, over
 * several of its own periods. A trial is passed when the best hypothesis afterwards still is the one it was made for.
 */
class Trials {
  private readonly done: { readonly name: string; readonly fullMs: number }[] = [];

  passed(alive: readonly Fit[]): boolean {
    const { name, fullMs } = bestOf(alive);
    return (
      this.done.filter((trial) => trial.name === name && Math.abs(Math.log(trial.fullMs / fullMs)) < 0.1).length >=
      TRIALS.length
    );
  }

  next(alive: readonly Fit[], session: Session): Step[] | undefined {
    const { name, fullMs } = bestOf(alive);
    const made = this.done.filter(
      (trial) => trial.name === name && Math.abs(Math.log(trial.fullMs / fullMs)) < 0.1,
    ).length;
    const shares = TRIALS[made];
    if (shares === undefined) return undefined;
    this.done.push({ name, fullMs });
    const edge = shares.length === 0 ? edgeSteps(alive, session, fullMs) : [];
    if (edge.length > 0) return edge;
    return shares.map((share) => ({ waitMs: fullMs * share, requests: Number.POSITIVE_INFINITY }));
  }
}

/** Pauses as shares of the time in which all of it comes back; none: the edge of the next recovery, from both sides. */
const TRIALS: readonly (readonly number[])[] = [[], [0.45, 0.3], [2.1, 0.6], []];
/** So far from the edge, as a share of the period. */
const EDGE_SHARE = 0.025;

function edgeSteps(alive: readonly Fit[], session: Session, fullMs: number): Step[] {
  const best = [...alive].sort((a, b) => a.loss - b.loss)[0];
  const parameters = best?.samples[0]?.parameters;
  if (best === undefined || parameters === undefined) return [];
  const model = best.follow(parameters, session.arrivals());
  const pace = paceOf(session);
  let now = Math.max(session.nowMs, session.notBeforeMs);
  for (let i = 0; i <= parameters.count && model.freeAt(now) <= now; i++, now += pace) model.record(now, true);
  const margin = Math.max(5, Math.min(fullMs, parameters.periodMs) * EDGE_SHARE);
  const wait = model.freeAt(now) - now - margin;
  if (wait <= 0) return [];
  const all = Number.POSITIVE_INFINITY;
  return [
    { waitMs: 0, requests: all },
    { waitMs: wait, requests: 1 },
    { waitMs: margin * 2, requests: all },
  ];
}

function bestOf(alive: readonly Fit[]): { readonly name: string; readonly fullMs: number } {
  const best = [...alive].sort((a, b) => a.loss - b.loss)[0];
  const parameters = best?.samples[0]?.parameters;
  const { count = 1, periodMs = 1 } = parameters ?? {};
  const family = best?.variant.family ?? '';
  return { name: family, fullMs: family === 'bucket' ? Math.max(count, 2) * periodMs : periodMs };
}

async function run(session: Session, steps: readonly Step[]): Promise<void> {
  for (const { waitMs, requests } of steps) {
    await session.wait(waitMs);
    await session.untilRefused(Math.min(requests, session.requestsLeft));
  }
}

function stillAlive(fits: readonly Fit[]): Fit[] {
  const least = Math.min(...fits.map(({ loss }) => loss));
  return fits.filter(({ loss }) => loss <= least + GIVEN_UP);
}

const isOneFamily = (alive: readonly Fit[]): boolean => new Set(alive.map(({ variant }) => variant.family)).size === 1;

/** One family is left, and what it says of the period is narrow. */
function isClear(alive: readonly Fit[]): boolean {
  if (!isOneFamily(alive)) return false;
  const least = Math.min(...alive.map(({ loss }) => loss));
  const samples = alive.flatMap((fit) => fit.consistent).filter(({ loss }) => loss <= least + 0.5);
  const periods = samples.map(({ parameters }) => parameters.periodMs);
  const counts = samples.map(({ parameters }) => parameters.count);
  return (
    Math.log(Math.max(...periods) / Math.min(...periods)) <= NARROW &&
    Math.max(...counts) - Math.min(...counts) <= Math.max(...counts) * 0.04
  );
}

/** Milliseconds from one request to the next when they follow one another. */
function paceOf(session: Session): number {
  return Math.max(0.2, median(session.observations.slice(-200).map(latencyOf)) / session.concurrency);
}
