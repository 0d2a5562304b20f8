/** From the hypotheses that are left to a finding: intervals, the simplest numbers in them, rivals, confidence. */
import type { Confidence, Discovery, Finding, Interval, Rival } from './finding.js';
import { type Fit, type Sample, wallClockPhase } from './fit.js';
import { type RateFamily, rateFamilies } from './models/variants.js';
import type { Session } from './session.js';
import { simplestDuration, simplestStep } from './simplest.js';
import type { Arrival } from './trace.js';

/** A rival that tells so few requests more wrong is no worse an explanation. */
const CLEARLY_WORSE = 2;
/** Losses from here on say that something is going on that no hypothesis has. */
const POOR = 3;

export function conclude(session: Session, fits: readonly Fit[], cutShort: string | undefined): Discovery {
  const ranked = rateFamilies
    .map((family) => ({
      family,
      loss: Math.min(...fits.filter((fit) => fit.variant.family === family).map((f) => f.loss)),
    }))
    .sort((a, b) => a.loss - b.loss);
  const [first, second] = ranked;
  const short = cutShort === undefined ? {} : { cutShort };
  const recovered = session.observations.some(
    ({ accepted }, i) => accepted && session.observations[i - 1]?.accepted === false,
  );
  if (first === undefined || !Number.isFinite(first.loss) || !recovered) {
    return { confidence: 'low', mispredicted: 0, rivals: [], ...short, summary: neverRecovered(session) };
  }
  const margin = (second?.loss ?? Number.POSITIVE_INFINITY) - first.loss;
  const finding = findingOf(first.family, fits, session);
  const width = finding.periodMs === undefined ? 0 : Math.log(finding.periodMs.high / finding.periodMs.low);
  const confidence: Confidence =
    first.loss > POOR || margin < CLEARLY_WORSE / 2 || width > 0.3
      ? 'low'
      : margin < CLEARLY_WORSE || width > 0.08 || first.loss > POOR / 2
        ? 'medium'
        : 'high';
  const rivals = ranked.slice(1).map(({ family, loss }): Rival => ({ family, mispredicted: roundLoss(loss) }));
  return { finding, confidence, mispredicted: roundLoss(first.loss), rivals, ...short, summary: '' };
}

const roundLoss = (loss: number) => (Number.isFinite(loss) ? Math.round(loss * 10) / 10 : loss);

function findingOf(family: RateFamily, fits: readonly Fit[], session: Session): Finding {
  const own = fits.filter(({ variant }) => variant.family === family).sort((a, b) => a.loss - b.loss);
  const [best] = own;
  const least = best?.loss ?? 0;
  const samples = own.flatMap((fit) => fit.consistent).filter(({ loss }) => loss <= least + 0.25);
  const arrivals = session.arrivals();
  const countsRefused = own.filter(({ loss }) => loss <= least + 0.5).every(({ variant }) => variant.countsRefused);
  const periods = samples.map(({ parameters }) => parameters.periodMs);
  const [low, high] = [Math.min(...periods), Math.max(...periods)];
  const simplest = family === 'bucket' ? simplestStep : simplestDuration;
  const period = settle(simplest(low, high), { low, high }, best, arrivals);
  const limit = countInterval(samples, period.value);
  const wall =
    family === 'fixed-window' || family === 'sliding-counter'
      ? standsOnWallClock(own, limit, period, session)
      : undefined;
  return {
    family,
    limit,
    periodMs: period,
    ...(wall === undefined ? {} : { onWallClock: wall }),
    ...(family === 'bucket' ? {} : { countsRefused }),
  };
}

/** The simplest number, if it explains the run as well as the middle does. */
function settle(
  value: number,
  { low, high }: { readonly low: number; readonly high: number },
  best: Fit | undefined,
  arrivals: readonly Arrival[],
): Interval {
  const near = best?.samples[0]?.parameters;
  if (best === undefined || near === undefined || value < low || value > high) return { value, low, high };
  const middle = Math.sqrt(low * high);
  if (best.variant.hasPhase) return { value, low, high };
  const counts = [...new Set(best.consistent.map(({ parameters }) => parameters.count))];
  const loss = Math.min(...counts.map((count) => best.lossAt({ ...near, count, periodMs: value }, arrivals)));
  return { value: loss <= best.loss + 0.5 ? value : middle, low, high };
}

/** What most of the samples near the period say. */
function countInterval(samples: readonly Sample[], periodMs: number): Interval {
  const counts = samples.map(({ parameters }) => parameters.count);
  const nearest = [...samples].sort(
    (a, b) => Math.abs(a.parameters.periodMs - periodMs) - Math.abs(b.parameters.periodMs - periodMs),
  );
  const close = nearest
    .slice(0, 9)
    .map(({ parameters }) => parameters.count)
    .sort((a, b) => a - b);
  return { value: close[Math.floor(close.length / 2)] ?? 0, low: Math.min(...counts), high: Math.max(...counts) };
}

/** Whether windows that begin at multiples of the period since 1970 explain the run as well as those with a phase of their own. */
function standsOnWallClock(own: readonly Fit[], limit: Interval, period: Interval, session: Session): boolean {
  const phase = wallClockPhase(session.originWallMs, period.value);
  const parameters = { count: limit.value, periodMs: period.value, phase };
  const arrivals = session.arrivals();
  return own.some((fit) => fit.variant.hasPhase && fit.lossAt(parameters, arrivals) <= fit.loss + 0.5);
}

function neverRecovered(session: Session): string {
  const { observations } = session;
  const firstRefused = observations.findIndex(({ accepted }) => !accepted);
  const last = observations.at(-1);
  const since = ((last?.receivedMs ?? 0) - (observations[firstRefused]?.receivedMs ?? 0)) / 1000;
  return `refused after ${firstRefused} requests, and still so ${since.toFixed(1)} s later`;
}
