/**
 * Processes that left the group of their attempt but carry its mark in their environment, on Linux. Looked for among all of the
 * machine, or where a launcher knows better among few.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Clock } from '../../../platform/clock.js';
import { MARK_VARIABLE } from './mark.js';
import { isAlive, processIds } from './processes.js';

/** Processes by each mark that they carry. */
export type Marked = ReadonlyMap<string, readonly number[]>;

const VARIABLE = Buffer.from(`${MARK_VARIABLE}=`);

/**
 * All environments that may be read are read: 3 ms for 200 processes. So many attempts that end together share one look, and
 * looking takes no more than a tenth of the time.
 */
const SHARE_OF_TIME = 10;
/** In the middle of execve(2) the environment of a process reads as empty: so much later it has one, milliseconds. */
const EXEC_MS = 5;
/** Looks for the environment of a process that has none, or never gets one (`env -i`). */
const MOST_LOOKS = 10;

/** Who among some processes carries which marks. */
export class MarkLooks {
  readonly #pids: () => readonly number[];
  /** Among all processes there are always some without an environment: the kernel's. */
  readonly #waitsForExec: boolean;
  #planned: Promise<Marked> | undefined;
  /** By whose clock the next look may be had, and when. */
  #next: { readonly clock: Clock; readonly at: number } | undefined;

  constructor(pids: () => readonly number[], options: { readonly waitsForExec?: boolean } = {}) {
    this.#pids = pids;
    this.#waitsForExec = options.waitsForExec ?? false;
  }

  /** As it is at some time after the call. */
  look(clock: Clock): Promise<Marked> {
    this.#planned ??= this.#lookLater(clock);
    return this.#planned;
  }

  async #lookLater(clock: Clock): Promise<Marked> {
    const waitMs = this.#next?.clock === clock ? this.#next.at - clock.monotonic() : 0;
    await (waitMs > 0 ? clock.sleep(waitMs) : undefined);
    this.#planned = undefined;
    for (let looks = 1; ; looks++) {
      const begunAt = clock.monotonic();
      const { marked, isSure } = readMarks(this.#pids());
      const endedAt = clock.monotonic();
      this.#next = { clock, at: endedAt + (endedAt - begunAt) * (SHARE_OF_TIME - 1) };
      if (isSure || !this.#waitsForExec || looks === MOST_LOOKS) return marked;
      await clock.sleep(EXEC_MS);
    }
  }
}

export const allProcesses = new MarkLooks(processIds);

/** Sure: each of them that lives has an environment. */
function readMarks(pids: readonly number[]): { readonly marked: Marked; readonly isSure: boolean } {
  const marked = new Map<string, number[]>();
  let isSure = true;
  for (const pid of pids) {
    if (pid === process.pid) continue;
    const environment = readEnvironment(pid);
    isSure &&= environment.length > 0 || !isAlive(pid);
    for (const mark of marksIn(environment)) {
      const others = marked.get(mark);
      if (others === undefined) marked.set(mark, [pid]);
      else others.push(pid);
    }
  }
  return { marked, isSure };
}

function marksIn(environment: Buffer): string[] {
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
