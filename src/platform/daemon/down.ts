/** `ds down`: stops daemons in order, waits for them, and ends those that do not listen. */
import type { Clock } from '../clock.js';
import { codeOf } from '../errors.js';
import { askToStop } from './control.js';
import { daemonErrors } from './errors.js';
import { isSameProcess, processIdentity } from './process-identity.js';
import { listDaemons, type RegistryEntry, unregister } from './registry.js';

export interface DownRequest {
  readonly home: string;
  /** None means all. */
  readonly blocks: readonly string[];
  readonly clock: Clock;
  /** Milliseconds until a process that does not end is killed. */
  readonly timeoutMs: number;
}

export interface DownOutcome {
  readonly block: string;
  readonly pid: number;
  /** It did not end in time and was killed; what it had acknowledged is on disk all the same. */
  readonly killed: boolean;
}

const POLL_MS = 20;

/** One outcome for each daemon that ran. Error: `daemon.not_running` for a block that was named and does not run. */
export async function stopDaemons(request: DownRequest): Promise<DownOutcome[]> {
  const running = await listDaemons(request.home);
  for (const name of request.blocks) {
    if (running.some(({ block }) => block === name)) continue;
    throw daemonErrors.error('daemon.not_running', `${name} is not running`, {
      hint: 'ds ps',
      details: { block: name },
    });
  }
  const wanted = request.blocks.length === 0 ? running : running.filter(({ block }) => request.blocks.includes(block));
  const byProcess = new Map<number, RegistryEntry[]>();
  for (const entry of wanted) byProcess.set(entry.pid, [...(byProcess.get(entry.pid) ?? []), entry]);
  const outcomes = await Promise.all(
    [...byProcess.values()].map((entries) => {
      const [first] = entries;
      const neighbours = running.filter(({ pid }) => pid === first?.pid).length - entries.length;
      return neighbours > 0 ? stopThreads(entries) : stopProcess(entries, request);
    }),
  );
  return outcomes.flat();
}

/** Other blocks live in the same process: its `ds up` is asked to stop only these. */
function stopThreads(entries: readonly RegistryEntry[]): Promise<DownOutcome[]> {
  return Promise.all(
    entries.map(async ({ block, pid, control }) => {
      if (control !== undefined) await askToStop(control, block);
      return { block, pid, killed: false };
    }),
  );
}

async function stopProcess(
  entries: readonly RegistryEntry[],
  { home, clock, timeoutMs }: DownRequest,
): Promise<DownOutcome[]> {
  const pid = entries[0]?.pid ?? 0;
  const identity = await processIdentity(pid);
  const deadline = clock.monotonic() + timeoutMs;
  let killed = false;
  sendSignal(pid, 'SIGTERM');
  while (await isSameProcess(pid, identity)) {
    if (!killed && clock.monotonic() >= deadline) {
      killed = true;
      sendSignal(pid, 'SIGKILL');
    }
    await clock.sleep(POLL_MS);
  }
  if (killed) for (const entry of entries) await unregister(home, entry);
  return entries.map(({ block }) => ({ block, pid, killed }));
}

/** A process that has just ended by itself is what was wanted. */
function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
