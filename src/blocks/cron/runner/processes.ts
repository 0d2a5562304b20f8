/**
 * Signals to processes and groups, and whether a group lives. A zombie is gone: where process 1 never waits for what it inherits, as
 * in many containers, it stays in its group for ever.
 */
import { readdirSync, readFileSync } from 'node:fs';

const IS_LINUX = process.platform === 'linux';

/** All of this machine; none where there is no /proc, or it cannot be read now (too many open files). */
export function processIds(): number[] {
  if (!IS_LINUX) return [];
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Of a child of this process: until it has ended, whether or not that was heard of. On Linux. */
export function isAlive(pid: number): boolean {
  return stateOf(pid) !== undefined;
}

/** It lives, and is none of the kernel's own. On Linux. */
export function hasProgram(pid: number): boolean {
  return stateOf(pid)?.isOfKernel === false;
}

/** Whether the group has a process that lives. */
export function groupLives(leader: number): boolean {
  if (!signalProcess(-leader, 0)) return false;
  const pids = processIds();
  return pids.length === 0 || pids.some((pid) => stateOf(pid)?.group === leader);
}

interface ProcessState {
  readonly group: number;
  readonly isOfKernel: boolean;
}

/** PF_KTHREAD of the kernel. */
const OF_KERNEL = 0x200000;

/** `812 (name, of any characters) S 1 812 812 0 -1 4194560 …`: proc_pid_stat(5). Undefined for one that has ended. */
function stateOf(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, _parent, group, _session, _terminal, _foreground, flags] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { group: Number(group), isOfKernel: (Number(flags) & OF_KERNEL) !== 0 };
  } catch {
    return undefined;
  }
}

/** Of a group by its negative leader. False: there is none, or it is another user's. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Asks to end. A process that was stopped is woken, since it would not hear of it. */
export function askToEnd(pid: number): void {
  if (signalProcess(pid, 'SIGTERM')) signalProcess(pid, 'SIGCONT');
}
