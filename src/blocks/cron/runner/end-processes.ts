/**
 * Ends processes, politely at first:
 *
 *     look ──none──▶ done
 *      └─▶ SIGTERM ──look until the grace is over──▶ SIGKILL, again and again ──5 s──▶ what is left behind
 *
 * SIGKILL is repeated because what is looked at may fork meanwhile.
 */
import type { Clock } from '../../../platform/clock.js';
import { askToEnd, signalProcess } from './processes.js';

/** So long a killed process may take to be gone, milliseconds. */
const KILL_WAIT_MS = 5_000;
const SHORTEST_LOOK_MS = 2;
const LONGEST_LOOK_MS = 100;

export interface Grace {
  readonly clock: Clock;
  /** Between SIGTERM and SIGKILL, milliseconds. */
  readonly graceMs: number;
  /** Ends the grace. */
  readonly hurry?: AbortSignal;
}

/** `look` tells what is there, groups by their negative leader. Returns what would not go. */
export async function endProcesses(
  look: () => Promise<readonly number[]>,
  { clock, graceMs, hurry }: Grace,
): Promise<readonly number[]> {
  let left = await look();
  if (left.length === 0) return left;
  const hurried = () => hurry?.aborted === true;
  if (!hurried()) {
    for (const pid of left) askToEnd(pid);
    const graceEnds = clock.monotonic() + graceMs;
    left = await watch(look, clock, () => hurried() || clock.monotonic() >= graceEnds, hurry);
  }
  const giveUpAt = clock.monotonic() + KILL_WAIT_MS;
  const killed = async () => {
    const found = await look();
    for (const pid of found) signalProcess(pid, 'SIGKILL');
    return found;
  };
  return left.length === 0 ? left : watch(killed, clock, () => clock.monotonic() >= giveUpAt);
}

/** Until nothing is left or time is up; looks less and less often. */
async function watch(
  look: () => Promise<readonly number[]>,
  clock: Clock,
  isOver: () => boolean,
  hurry?: AbortSignal,
): Promise<readonly number[]> {
  for (let pauseMs = SHORTEST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)) {
    const left = await look();
    if (left.length === 0 || isOver()) return left;
    await clock.sleep(pauseMs, hurry).catch(() => {});
  }
}
