/**
 * Which experiment next? The one on whose outcome the remaining hypotheses disagree most, for its price in time and
 * requests. Candidates are drawn at random: pauses, each followed by a few requests or by as many as are let through. Each
 * hypothesis plays each of them from where the run stands, and says how many would be accepted after each pause.
 */
import { type Chance, pick } from './chance.js';
import type { Fit } from './fit.js';
import type { Model } from './models/model.js';
import type { Arrival } from './trace.js';

/** A pause, then at most `requests` one after another, until one is refused. */
export interface Step {
  readonly waitMs: number;
  readonly requests: number;
}

export interface Situation {
  readonly fits: readonly Fit[];
  readonly arrivals: readonly Arrival[];
  /** Milliseconds since the run began. */
  readonly nowMs: number;
  /** From one request to the next. */
  readonly paceMs: number;
  /** Nobody may ask earlier. */
  readonly notBeforeMs: number;
  /** How many experiments there were: who has tried the cheap ones has to spend more. */
  readonly experiments: number;
  readonly mostRequests: number;
  readonly longestMs: number;
}

interface Believed {
  readonly family: string;
  readonly periodMs: number;
  readonly count: number;
  readonly model: Model;
  readonly weight: number;
}

const CANDIDATES = 160;
/** Of each hypothesis: the extremes of what explains the run, and some between. */
const VOICES = 7;
/** What an experiment costs beside its time: choosing it, and the patience of who waits. */
const OVERHEAD_MS = 300;

export function nextExperiment(situation: Situation, chance: Chance): Step[] | undefined {
  const believed = voices(situation);
  const pairs = pairsOf(believed);
  const thrift = Math.max(0.15, 0.7 - situation.experiments * 0.025);
  let best: { steps: Step[]; worth: number } | undefined;
  for (let i = 0; i < CANDIDATES; i++) {
    const steps = i % 3 === 0 ? boundaryProbe(believed, situation, chance) : randomSteps(believed, situation, chance);
    if (steps === undefined) continue;
    const outcomes = believed.map(({ model }) => play(model, steps, situation));
    const requests = Math.max(...outcomes.map(({ sent }) => sent));
    const lasts = steps.reduce((sum, { waitMs }) => sum + waitMs, 0) + requests * situation.paceMs;
    if (requests > situation.mostRequests || lasts > situation.longestMs) continue;
    const worth = disagreement(pairs, outcomes) / (lasts + OVERHEAD_MS + requests * 2) ** thrift;
    if (worth > (best?.worth ?? 0)) best = { steps, worth };
  }
  return best?.steps;
}

function voices({ fits, arrivals }: Situation): Believed[] {
  const least = Math.min(...fits.map(({ loss }) => loss));
  return fits.flatMap((fit) => {
    const byPeriod = fit.consistent.sort((a, b) => a.parameters.periodMs - b.parameters.periodMs);
    const step = Math.max(1, (byPeriod.length - 1) / (VOICES - 1));
    const chosen = Array.from({ length: Math.min(VOICES, byPeriod.length) }, (_, i) => byPeriod[Math.round(i * step)]);
    return chosen.flatMap((sample) =>
      sample === undefined
        ? []
        : [
            {
              family: fit.variant.family,
              periodMs: sample.parameters.periodMs,
              count: sample.parameters.count,
              model: fit.follow(sample.parameters, arrivals),
              weight: Math.exp(least - sample.loss) / Math.sqrt(chosen.length),
            },
          ],
    );
  });
}

/** One request at the instant between those from which two hypotheses would let it through. */
function boundaryProbe(believed: readonly Believed[], situation: Situation, chance: Chance): Step[] | undefined {
  const { nowMs, notBeforeMs, paceMs } = situation;
  const [one, other] = [pick(chance, believed), pick(chance, believed)];
  if (one === undefined || other === undefined) return undefined;
  const drain = chance() < 0.5;
  const frees = [one, other].map(({ model, count }) => {
    const copy = model.copy();
    let now = nowMs;
    for (let i = 0; drain && i <= count && copy.freeAt(now) <= now; i++, now += paceMs) copy.record(now, true);
    return { free: copy.freeAt(now), now };
  });
  const at = frees.reduce((sum, { free }) => sum + free, 0) / 2;
  const from = Math.max(...frees.map(({ now }) => now), notBeforeMs);
  if (!Number.isFinite(at) || at <= from) return undefined;
  const probe = { waitMs: at - from, requests: chance() < 0.5 ? 1 : Number.POSITIVE_INFINITY };
  return drain ? [{ waitMs: Math.max(0, notBeforeMs - nowMs), requests: Number.POSITIVE_INFINITY }, probe] : [probe];
}

function randomSteps(believed: readonly Believed[], { nowMs, notBeforeMs }: Situation, chance: Chance): Step[] {
  const about = pick(chance, believed);
  if (about === undefined) return [];
  // For a bucket the period is the time for one: a whole burst is the better measure.
  const scale = about.family === 'bucket' && chance() < 0.7 ? about.periodMs * about.count : about.periodMs;
  const length = 1 + Math.floor(chance() * 4);
  return Array.from({ length }, (_, i) => {
    const waitMs = i === 0 && chance() < 0.4 ? 0 : scale * (0.08 + 1.25 * chance());
    const part = Math.max(1, Math.round(about.count * (0.2 + 0.6 * chance())));
    const requests = pick(chance, [1, part, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]) ?? 1;
    return { waitMs: i === 0 ? Math.max(waitMs, notBeforeMs - nowMs) : waitMs, requests };
  });
}

interface Played {
  readonly accepted: readonly number[];
  readonly sent: number;
}

function play(model: Model, steps: readonly Step[], { nowMs, paceMs, mostRequests }: Situation): Played {
  const copy = model.copy();
  let now = nowMs;
  let sent = 0;
  const accepted = steps.map(({ waitMs, requests }) => {
    now += waitMs;
    let passed = 0;
    while (passed < requests && sent < mostRequests) {
      const free = copy.freeAt(now) <= now;
      copy.record(now, free);
      now += paceMs;
      sent++;
      if (!free) break;
      passed++;
    }
    return passed;
  });
  return { accepted, sent };
}

/** Two that disagree on what the limit is, and how much it matters to know which is right. */
interface Pair {
  readonly a: number;
  readonly b: number;
  readonly weight: number;
}

/** Between families it counts fully, within one by how far the parameters are apart. */
function pairsOf(believed: readonly Believed[]): Pair[] {
  return believed.flatMap((one, a) =>
    believed.slice(a + 1).flatMap((other, i) => {
      const apart = one.family === other.family ? parametersApart(one, other) : 1;
      const weight = apart * one.weight * other.weight;
      return weight < LEAST_WEIGHT ? [] : [{ a, b: a + 1 + i, weight }];
    }),
  );
}

const LEAST_WEIGHT = 1e-3;

function disagreement(pairs: readonly Pair[], outcomes: readonly Played[]): number {
  let sum = 0;
  for (const { a, b, weight } of pairs) sum += weight * outcomesApart(outcomes[a], outcomes[b]);
  return sum;
}

function parametersApart(a: Believed, b: Believed): number {
  const period = Math.abs(Math.log(a.periodMs / b.periodMs));
  return Math.min(0.5, period / 0.06 + (a.count === b.count ? 0 : 0.3));
}

/** A difference of one of many may be an accident: half a reason. */
function outcomesApart(a: Played | undefined, b: Played | undefined): number {
  if (a === undefined || b === undefined) return 0;
  let most = 0;
  let passed = 0;
  for (let i = 0; i < a.accepted.length; i++) {
    const count = a.accepted[i] ?? 0;
    most = Math.max(most, Math.abs(count - (b.accepted[i] ?? 0)));
    passed = Math.max(passed, count);
  }
  if (most === 0) return 0;
  return most > 1 || passed <= 1 ? 1 : 0.6;
}
