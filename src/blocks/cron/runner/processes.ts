/**
 * Processes of an attempt: its process group, and, on Linux, those that left it but carry its mark in their environment.
 * A zombie is gone: where process 1 never waits for what it inherits, as in many containers, it stays in its group for ever.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { Clock } from '../../../platform/clock.js';
import { MARK_VARIABLE } from './mark.js';

/** Processes by each mark that they carry. */
export type Marked = ReadonlyMap<string, readonly number[]>;

const IS_LINUX = process.platform === 'linux';
const VARIABLE = Buffer.from(`${MARK_VARIABLE}=`);

/**
 * All environments that may be read are read: 3 ms for 200 processes. So many attempts that end together share one look, and
 * looking takes no more than a tenth of the time.
 */
const SHARE_OF_TIME = 10;

let planned: Promise<Marked> | undefined;
/** By whose clock the next look may be had, and when. */
let next: { readonly clock: Clock; readonly at: number } | undefined;

/** As it is at some time after the call. */
export function lookForMarks(clock: Clock): Promise<Marked> {
  planned ??= lookLater(clock);
  return planned;
}

async function lookLater(clock: Clock): Promise<Marked> {
  const waitMs = next?.clock === clock ? next.at - clock.monotonic() : 0;
  await (waitMs > 0 ? clock.sleep(waitMs) : undefined);
  planned = undefined;
  const begunAt = clock.monotonic();
  const marked = readMarks();
  const endedAt = clock.monotonic();
  next = { clock, at: endedAt + (endedAt - begunAt) * (SHARE_OF_TIME - 1) };
  return marked;
}

function readMarks(): Marked {
  const marked = new Map<string, number[]>();
  for (const pid of processIds()) {
    if (pid === process.pid) continue;
    for (const mark of marksOf(pid)) {
      const others = marked.get(mark);
      if (others === undefined) marked.set(mark, [pid]);
      else others.push(pid);
    }
  }
  return marked;
}

function processIds(): number[] {
  if (!IS_LINUX) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function marksOf(pid: number): string[] {
  const environment = readEnvironment(pid);
  for (let at = environment.indexOf(VARIABLE); at !== -1; at = environment.indexOf(VARIABLE, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    return environment.toString('latin1', at + VARIABLE.length, end === -1 ? environment.length : end).split(',');
  }
  return [];
}

/** One for all, since most environments are read in vain. Linux gives as much of it as there is in one go. */
let space = Buffer.alloc(64 * 1024);

/** Empty for a process that has gone, is a zombie, or is another user's. Valid until the next call. */
function readEnvironment(pid: number): Buffer {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/environ`, 'r');
    let length = 0;
    for (;;) {
      const read = readSync(file, space, length, space.length - length, null);
      length += read;
      if (read === 0) return space.subarray(0, length);
      if (length === space.length) space = Buffer.concat([space, Buffer.alloc(space.length)]);
    }
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether the group has a process that lives. */
export function groupLives(leader: number): boolean {
  if (!signalProcess(-leader, 0)) return false;
  return !IS_LINUX || processIds().some((pid) => livesInGroup(pid, leader));
}

/** `812 (name, of any characters) S 1 812 812 0 …`: state, parent, group (proc_pid_stat(5)). */
function livesInGroup(pid: number, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , inGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(inGroup) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
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
