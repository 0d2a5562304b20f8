/**
 * Ends processes, politely at first:
 *
 *     look ──none──▶ done
 *      └─▶ SIGTERM to those that are new ──look until the grace is over──▶ SIGKILL, again and again ──5 s──▶ what is left behind
 *
 * New ones come while others go: what they fork meanwhile, and children that are only found once their parent has ended.
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
  const isHurried = () => hurry?.aborted === true;
  if (!isHurried()) {
    const graceEnds = clock.monotonic() + graceMs;
    const ask = (pid: number, isNew: boolean) => isNew && askToEnd(pid);
    const isOver = () => isHurried() || clock.monotonic() >= graceEnds;
    const left = await watch({ look, act: ask, isOver, clock, hurry });
    if (left.length === 0) return left;
  }
  const giveUpAt = clock.monotonic() + KILL_WAIT_MS;
  const kill = (pid: number) => signalProcess(pid, 'SIGKILL');
  return watch({ look, act: kill, isOver: () => clock.monotonic() >= giveUpAt, clock });
}

interface Watch {
  readonly look: () => Promise<readonly number[]>;
  /** On each that was found; new is what no look before has found. */
  readonly act: (pid: number, isNew: boolean) => void;
  readonly isOver: () => boolean;
  readonly clock: Clock;
  readonly hurry?: AbortSignal | undefined;
}

/** Until nothing is left or time is up; looks less and less often while nothing new comes. */
async function watch({ look, act, isOver, clock, hurry }: Watch): Promise<readonly number[]> {
  const seen = new Set<number>();
  for (let pauseMs = SHORTEST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)) {
    const left = await look();
    for (const pid of left) {
      const isNew = !seen.has(pid);
      if (isNew) pauseMs = SHORTEST_LOOK_MS;
      seen.add(pid);
      act(pid, isNew);
    }
    if (left.length === 0 || isOver()) return left;
    await clock.sleep(pauseMs, hurry).catch(() => {});
  }
}
