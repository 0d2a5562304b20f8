/** A simulation as `--json` prints it. */

import { present } from '../../../platform/present.js';
import { isoTime } from '../../../platform/relative-time.js';
import { isoOf } from '../wire/json.js';
import type { ClockSurprise } from './clock-surprises.js';
import type { JobLoad, SimulateOptions, Simulation } from './load.js';

export function simulationJson(
  simulation: Simulation,
  surprises: readonly ClockSurprise[],
  { from, to }: Pick<SimulateOptions, 'from' | 'to'>,
): object {
  const { slots, cutAt, hours, minutes, jobs, collisions, worst } = simulation;
  return present({
    from: isoTime(from),
    to: isoTime(to),
    slots,
    cut_at: isoOf(cutAt),
    hours,
    minutes,
    jobs: jobs.map(loadJson),
    collisions,
    worst: worst.map((one) => ({ ...one, at: isoTime(one.at) })),
    clock_changes: surprises.map((one) => present({ ...one, at: isoOf(one.at) })),
  });
}

function loadJson({ first, last, ...load }: JobLoad): object {
  return present({ ...load, first: isoOf(first), last: isoOf(last) });
}
