/** Tells a process from a later one that was given the same number. */
import { readFile } from 'node:fs/promises';
import { codeOf } from '../errors.js';

/**
 * Boot and start time in clock ticks since boot: field 22 of /proc/PID/stat, counted after the last `)` because the
 * program's name, field 2, may hold anything (proc_pid_stat(5)). Undefined where there is no /proc.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()}:${startTicks}`;
  } catch {
    return undefined;
  }
}

/** Whether the process runs, and is still the one that `identity` was taken of. */
export async function isSameProcess(pid: number, identity: string | undefined): Promise<boolean> {
  if (!signalReaches(pid) || (await hasEnded(pid))) return false;
  if (identity === undefined) return true;
  const present = await processIdentity(pid);
  // Where no file can be opened just now, nothing says that it is another one.
  return present === undefined || present === identity;
}

/**
 * A zombie has ended; only its parent has not read its exit code yet. Where there is nothing to read, there is no /proc, or the parent has read it
 * just now.
 */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return !signalReaches(pid);
  return /^Z/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
