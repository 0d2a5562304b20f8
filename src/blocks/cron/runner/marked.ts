/**
 * Processes that left the group of their attempt but carry its mark in their environment, on Linux. Looked for among all of the
 * machine, or where a launcher knows better among few.
 *
 *     list ─▶ read those that are new ──▶ list again ──nothing new──▶ done
 *      ▲                                      │
 *      └── 5 ms, where one has no environment ┘
 *
 * Listed again, since one that was listed and has gone may have left a child that was not. Read again, since a process has no
 * environment in the middle of execve(2), nor while it ends and has not left its children to another yet.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Clock } from '../../../platform/clock.js';
import { codeOf } from '../../../platform/errors.js';
import { MARK_VARIABLE } from './mark.js';
import { hasProgram, processIds } from './processes.js';

/** Processes by each mark that they carry. */
export type Marked = ReadonlyMap<string, readonly number[]>;

const VARIABLE = Buffer.from(`${MARK_VARIABLE}=`);

/**
 * All environments that may be read are read: 3 ms for 200 processes. So many attempts that end together share one look, and
 * looking takes no more than a tenth of the time.
 */
const SHARE_OF_TIME = 10;
/** So much later a process that was about to exec or to end has done so, milliseconds. */
const EXEC_MS = 5;
/** Others begin all the time; and some never get an environment (`env -i`). */
const MOST_LISTS = 10;

/** Who among some processes carries which marks. */
export class MarkLooks {
  readonly #pids: () => readonly number[];
  /** Processes that have no environment, and get none: nobody waits for it. */
  readonly #bare = new Set<number>();
  #planned: Promise<Marked> | undefined;
  /** By whose clock the next look may be had, and when. */
  #next: { readonly clock: Clock; readonly at: number } | undefined;

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
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
    const marked = new Map<string, number[]>();
    const known = new Set([process.pid]);
    let tookMs = 0;
    let undecided: readonly number[] = [];
    for (let lists = 1; lists <= MOST_LISTS; lists++) {
      const begunAt = clock.monotonic();
      const pids = this.#pids();
      if (lists === 1) this.#forgetOthers(pids);
      const unknown = pids.filter((pid) => !known.has(pid));
      undecided = unknown.filter((pid) => !this.#read(pid, known, marked));
      tookMs += clock.monotonic() - begunAt;
      if (unknown.length === 0) break;
      if (undecided.length > 0) await clock.sleep(EXEC_MS);
    }
    for (const pid of undecided) this.#bare.add(pid);
    this.#next = { clock, at: clock.monotonic() + tookMs * (SHARE_OF_TIME - 1) };
    return marked;
  }

  #forgetOthers(pids: readonly number[]): void {
    const listed = new Set(pids);
    for (const pid of this.#bare) if (!listed.has(pid)) this.#bare.delete(pid);
  }

  /** False where it may get an environment, or end and leave children. */
  #read(pid: number, known: Set<number>, marked: Map<string, number[]>): boolean {
    const environment = readEnvironment(pid);
    if (environment?.length === 0 && !this.#bare.has(pid)) {
      if (hasProgram(pid)) return false;
      this.#bare.add(pid);
    }
    known.add(pid);
    for (const mark of marksIn(environment)) {
      const others = marked.get(mark);
      if (others === undefined) marked.set(mark, [pid]);
      else others.push(pid);
    }
    return true;
  }
}

export const allProcesses = new MarkLooks(processIds);

function marksIn(environment: Buffer | undefined): string[] {
  if (environment === undefined) return [];
  for (let at = environment.indexOf(VARIABLE); at !== -1; at = environment.indexOf(VARIABLE, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    return environment.toString('latin1', at + VARIABLE.length, end === -1 ? environment.length : end).split(',');
  }
  return [];
}

/** One for all, since most environments are read in vain. Linux gives as much of it as there is in one go. */
let space = Buffer.alloc(64 * 1024);

/** Undefined for another user's process; empty also for one that is ending, or has. Valid until the next call. */
function readEnvironment(pid: number): Buffer | undefined {
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
  } catch (error) {
    return codeOf(error) === 'EACCES' ? undefined : Buffer.alloc(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
