/**
 * Starts programs for a process that is too big to fork often. Node forks itself for each: a copy of the page tables of 150 MB,
 * then a page fault for each page that it writes to. A process of 5 MB has little of both.
 *
 *     daemon ──requests──▶ launcher (perl) ──fork, setsid, exec──▶ program
 *        ▲                    │                                      │
 *        ├──started, ended────┘◀──────────────stdout, stderr─────────┘
 *        └──reads /proc/<launcher>/fd/…
 *
 * Processes whose parent has ended become its children, not those of process 1 (PR_SET_CHILD_SUBREAPER, prctl(2)): what a job
 * leaves behind is found there, without a look at all processes.
 *
 * Every Debian has Perl. Where there is none, or no /proc, and until a launcher that was killed has a successor, Node starts the
 * programs itself (start-child.ts).
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { constants as systemConstants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import type { Clock } from '../../../platform/clock.js';
import { messageOf } from '../../../platform/errors.js';
import { type Child, type Exit, type ProcessOnPipes, type ProgramStart, readerOf, type Starter } from './child.js';
import {
  childrenFile,
  endLauncher,
  frame,
  killWhenSilent,
  type LauncherProcess,
  startLauncher,
} from './launcher-process.js';
import { MarkLooks } from './marked.js';
import { isAlive, processIds, signalProcess } from './processes.js';

interface Waiting {
  readonly started: (process: ProcessOnPipes | undefined) => void;
  readonly ended: (exit: Exit) => void;
  leader?: number;
}

/** Between the end of a launcher and its successor, milliseconds. */
const PAUSE_MS = 1_000;

/** Of those with the same number the first: SIGABRT, not SIGIOT. */
const signalNames = new Map(
  Object.entries(systemConstants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

export class Launcher implements Starter {
  readonly #clock: Clock;
  readonly #path: string | undefined;
  readonly #closing = new AbortController();
  readonly #waiting = new Map<string, Waiting>();
  /** Programs that run. */
  readonly #leaders = new Set<number>();
  #launcher: LauncherProcess | undefined;
  /** Undefined where it does not adopt. */
  #orphans: MarkLooks | undefined;
  #lastId = 0;

  private constructor(clock: Clock, path: string | undefined) {
    this.#clock = clock;
    this.#path = path;
  }

  /** `path` is where Perl is looked for. */
  static async open(clock: Clock, path: string | undefined): Promise<Launcher> {
    const launcher = new Launcher(clock, path);
    await launcher.#begin();
    return launcher;
  }

  get isReady(): boolean {
    return this.#launcher !== undefined;
  }

  launch({ program, args, folder, environment }: ProgramStart, stdin: number | undefined): Child {
    const id = String(++this.#lastId);
    const words = [program, ...args];
    const variables = Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${value}`],
    );
    const input = stdin === undefined ? '/dev/null' : `/proc/${process.pid}/fd/${stdin}`;
    this.#launcher?.requests.write(frame(['launch', id, folder, input, words.length, ...words, ...variables]));
    return this.#wait(id);
  }

  /** Does not wait for what it has started. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#launcher !== undefined) await endLauncher(this.#launcher, this.#clock);
  }

  async #begin(): Promise<void> {
    if (process.platform !== 'linux' || this.#closing.signal.aborted) return;
    const launcher = await startLauncher(this.#path, this.#clock);
    if (launcher === undefined) return;
    launcher.events.on('line', (line) => this.#hear(line, launcher));
    launcher.process.once('close', () => this.#lose());
    this.#launcher = launcher;
    this.#orphans = launcher.adopts ? new MarkLooks(() => this.#adopted(launcher)) : undefined;
    void killWhenSilent(launcher, this.#clock);
    if (this.#closing.signal.aborted) await this.close();
  }

  #wait(id: string): Child {
    let [started, ended]: [Waiting['started'], Waiting['ended']] = [() => {}, () => {}];
    const child = {
      process: new Promise<ProcessOnPipes | undefined>((resolve) => {
        started = resolve;
      }),
      exit: new Promise<Exit>((resolve) => {
        ended = resolve;
      }),
    };
    this.#waiting.set(id, { started, ended });
    return this.#orphans === undefined ? child : { ...child, orphans: this.#orphans };
  }

  /**
   * What is left of programs that have ended, and children that run still. Read twice, since proc_pid_children(5) may leave one out
   * while others end. Once the launcher has been killed they may be anywhere.
   */
  #adopted(launcher: LauncherProcess): readonly number[] {
    const { pid } = launcher;
    const children = new Set([...childrenOf(pid), ...childrenOf(pid)]);
    if (this.#launcher !== launcher || !isAlive(pid)) return processIds();
    return [...children].filter((child) => !this.#leaders.has(child));
  }

  #hear(line: string, launcher: LauncherProcess): void {
    const [event, id = '', ...texts] = line.split(' ');
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const [number = 0, out = 0, err = 0] = texts.map(Number);
    if (event === 'started') {
      this.#leaders.add(number);
      waiting.leader = number;
      takePipes(launcher.pid, number, [out, err], waiting);
      launcher.requests.write(frame(['release', id]));
      return;
    }
    this.#waiting.delete(id);
    if (waiting.leader !== undefined) this.#leaders.delete(waiting.leader);
    waiting.started(undefined);
    waiting.ended(event === 'failed' ? { error: errorOf(number) } : exitOf(number));
  }

  #lose(): void {
    this.#launcher = undefined;
    this.#leaders.clear();
    for (const { started, ended } of this.#waiting.values()) {
      started(undefined);
      ended({ lost: 'the process that had started it was killed' });
    }
    this.#waiting.clear();
    const again = async () => {
      await this.#clock.sleep(PAUSE_MS, this.#closing.signal);
      await this.#begin();
    };
    again().catch(() => {});
  }
}

/** Opens the pipes, without waiting for a writer. What cannot be read (too many open files) is killed. */
function takePipes(launcher: number, pid: number, descriptors: readonly [number, number], waiting: Waiting): void {
  const files: number[] = [];
  try {
    for (const descriptor of descriptors) {
      files.push(openSync(`/proc/${launcher}/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK));
    }
    const [stdout, stderr] = [readerOf(files[0] ?? 0), readerOf(files[1] ?? 0)];
    waiting.started({ pid, stdout, stderr });
  } catch (error) {
    for (const file of files) closeSync(file);
    signalProcess(-pid, 'SIGKILL');
    waiting.started(undefined);
    waiting.ended({ lost: `it was killed, since its output cannot be read: ${messageOf(error)}` });
  }
}

/** None of a process that has gone. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(childrenFile(pid), 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** As node:fs tells it. */
function errorOf(number: number): Error {
  const [code, text] = getSystemErrorMap().get(-number) ?? [`errno ${number}`, 'unknown'];
  return Object.assign(new Error(`${code}: ${text}`), { code });
}

/** Of wait(2): the signal in 7 bits, 1 for a core, the exit code above. */
function exitOf(status: number): Exit {
  const signal = status & 0x7f;
  if (signal === 0) return { code: status >> 8, signal: null };
  return { code: null, signal: signalNames.get(signal) ?? String(signal) };
}
