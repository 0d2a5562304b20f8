/**
 * A program as leader of a process group of its own, from its start until nothing of it is left:
 *
 *     running ──exit──────────────────────────────┬─▶ rest of the group and marked ones: SIGTERM, SIGKILL ─▶ pipes drained ─▶ done
 *      │ ▲                                        │
 *      │ └── timeout, terminate(): SIGTERM ──┐    │
 *      └──── kill(), killAfterMs later: ─────┴────┘
 *            SIGKILL to the group
 *
 * What ended it decides the outcome: the first of timeout, terminate and kill before the exit, else the exit code. A pipe that
 * a process beyond reach holds open is given up a second after the end.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../../platform/clock.js';
import { formatDuration } from '../../../platform/units.js';
import type { Outcome, OutputChunk } from '../run.js';
import type { Child, Exit, ProcessOnPipes, Starter } from './child.js';
import { endProcesses } from './end-processes.js';
import { allProcesses, type MarkLooks } from './marked.js';
import { askToEnd, groupLives, signalProcess } from './processes.js';
import { type ChildSpec, startChild } from './start-child.js';

/** Takes output; a promise when more may only come later. */
export type Sink = (stream: OutputChunk['stream'], bytes: Uint8Array) => Promise<void> | undefined;

export interface ProgramSpec extends ChildSpec {
  /** In `environment`, too. */
  readonly mark: string;
  /** 0 is never. Milliseconds. */
  readonly timeoutMs: number;
  readonly killAfterMs: number;
}

export interface ProgramEnd {
  readonly outcome: Outcome;
  /** Its time was over before it was. */
  readonly timedOut: boolean;
  /** Why it could not be started. */
  readonly startError?: Error;
  readonly leftBehind: readonly number[];
}

/** After everything of it has ended, milliseconds. */
const DRAIN_MS = 1_000;
/** More than the buffers of a pipe hold. */
const MOST_DRAINED = 4 * 1024 * 1024;

export class RunningProgram {
  /** Never rejects. */
  readonly done: Promise<ProgramEnd>;
  readonly #spec: ProgramSpec;
  readonly #clock: Clock;
  readonly #timers = new AbortController();
  readonly #hurry = new AbortController();
  /** A number while it runs. */
  #leader: number | 'starting' | 'ended' = 'starting';
  /** What waits for the start. */
  #onStart: ((leader: number) => void)[] = [];
  #pipes: Readonly<Record<OutputChunk['stream'], Pipe>> | undefined;
  #stopped: Extract<Outcome, { kind: 'failed' | 'cancelled' }> | undefined;

  constructor(spec: ProgramSpec, sink: Sink, clock: Clock, starter?: Starter) {
    this.#spec = spec;
    this.#clock = clock;
    this.done = this.#run(sink, starter);
  }

  terminate(reason: string): void {
    this.#stop({ kind: 'cancelled', reason });
  }

  kill(reason: string): void {
    if (this.#leader !== 'ended') this.#stopped ??= { kind: 'cancelled', reason };
    this.#hurry.abort();
    this.signal('SIGKILL');
  }

  /** Nobody reads it any more: whoever writes to it gets SIGPIPE. */
  closeOutput(stream: OutputChunk['stream']): void {
    this.#pipes?.[stream].giveUp();
  }

  /** To the whole group, until the program has ended. */
  signal(name: NodeJS.Signals): void {
    this.#withLeader((leader) => signalProcess(-leader, name));
  }

  async #run(sink: Sink, starter: Starter | undefined): Promise<ProgramEnd> {
    let child: Child;
    try {
      child = startChild(this.#spec, starter);
    } catch (error) {
      return this.#notStarted(error instanceof Error ? error : new Error(String(error)));
    }
    const process = await child.process;
    const pipes = process === undefined ? [] : this.#start(process, sink);
    const exit = await child.exit;
    this.#leader = 'ended';
    this.#timers.abort();
    if ('error' in exit) {
      for (const pipe of pipes) pipe.giveUp();
      return this.#notStarted(exit.error);
    }
    const leftBehind = await this.#endRest(process?.pid, 'lost' in exit ? undefined : child.orphans);
    for (const pipe of pipes) await this.#drain(pipe);
    return { outcome: this.#outcomeOf(exit), timedOut: this.#stopped?.kind === 'failed', leftBehind };
  }

  #start({ pid: leader, stdout, stderr }: ProcessOnPipes, sink: Sink): readonly Pipe[] {
    this.#pipes = { stdout: record(stdout, 'stdout', sink), stderr: record(stderr, 'stderr', sink) };
    this.#leader = leader;
    if (this.#spec.timeoutMs > 0) this.#after(this.#spec.timeoutMs, () => this.#timeOut());
    for (const act of this.#onStart.splice(0)) act(leader);
    return Object.values(this.#pipes);
  }

  #withLeader(act: (leader: number) => void): void {
    if (this.#leader === 'starting') this.#onStart.push(act);
    else if (this.#leader !== 'ended') act(this.#leader);
  }

  #notStarted(startError: Error): ProgramEnd {
    const outcome = { kind: 'failed', reason: `not started: ${startError.message}` } as const;
    return { outcome, timedOut: false, startError, leftBehind: [] };
  }

  #timeOut(): void {
    this.#stop({ kind: 'failed', reason: `timed out after ${formatDuration(this.#spec.timeoutMs)}` });
  }

  #stop(stopped: Extract<Outcome, { kind: 'failed' | 'cancelled' }>): void {
    if (this.#leader === 'ended' || this.#stopped !== undefined) return;
    this.#stopped = stopped;
    this.#withLeader((leader) => askToEnd(-leader));
    this.#after(this.#spec.killAfterMs, () => this.signal('SIGKILL'));
  }

  /** Unless the program ends before. */
  #after(ms: number, act: () => void): void {
    this.#clock.sleep(ms, this.#timers.signal).then(act, () => {});
  }

  #endRest(leader: number | undefined, orphans: MarkLooks = allProcesses): Promise<readonly number[]> {
    const look = async () => {
      const marked = (await orphans.look(this.#clock)).get(this.#spec.mark) ?? [];
      return leader !== undefined && groupLives(leader) ? [-leader, ...marked] : marked;
    };
    const grace = { clock: this.#clock, graceMs: this.#spec.killAfterMs, hurry: this.#hurry.signal };
    return endProcesses(look, grace);
  }

  /** What was written before the end is read, however slow the store is; what somebody beyond reach goes on writing is not. */
  async #drain(pipe: Pipe): Promise<void> {
    pipe.limit(MOST_DRAINED);
    const ended = new AbortController();
    const giveUp = async () => {
      do await this.#clock.sleep(DRAIN_MS, ended.signal);
      while (pipe.isWaiting());
      pipe.giveUp();
    };
    const givenUp = giveUp().catch(() => {});
    await pipe.ended;
    ended.abort();
    await givenUp;
  }

  #outcomeOf(exit: Exclude<Exit, { error: Error }>): Outcome {
    if ('lost' in exit) return this.#stopped ?? { kind: 'failed', reason: `how it ended is not known: ${exit.lost}` };
    const { code, signal } = exit;
    const ended = { ...(code === null ? {} : { exitCode: code }), ...(signal === null ? {} : { signal }) };
    if (this.#stopped !== undefined) return { ...this.#stopped, ...ended };
    if (code === 0) return { kind: 'succeeded', exitCode: 0 };
    return { kind: 'failed', reason: signal === null ? `exit code ${code}` : `killed by ${signal}`, ...ended };
  }
}

interface Pipe {
  /** Everything was read, or it was given up. */
  readonly ended: Promise<void>;
  /** Whether it is the sink that takes nothing now. */
  isWaiting(): boolean;
  /** Reads so many bytes yet. */
  limit(bytes: number): void;
  giveUp(): void;
}

function record(stream: Readable, name: OutputChunk['stream'], sink: Sink): Pipe {
  let left = Number.POSITIVE_INFINITY;
  let waiting = false;
  stream.on('data', (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) return void stream.destroy();
    const later = sink(name, bytes);
    if (later === undefined) return;
    waiting = true;
    stream.pause();
    later.then(() => {
      waiting = false;
      stream.resume();
    });
  });
  stream.on('error', () => {});
  return {
    ended: new Promise((resolve) => void stream.once('close', resolve)),
    isWaiting: () => waiting,
    limit: (bytes) => {
      left = bytes;
    },
    giveUp: () => void stream.destroy(),
  };
}
