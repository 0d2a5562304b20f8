/**
 * The output of a command as a source; stdout and stderr are two streams of entries.
 *
 *     running ──ends──▶ its exit code is told ──▶ done
 *        ▲                └─ asked to restart it ──backoff──┐
 *        └──────────────────────────────────────────────────┘
 *     signal: SIGTERM, and SIGKILL five seconds later
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock, Random } from '../../../../platform/clock.js';
import { backoffMs, HEALTHY_MS } from '../../../../platform/daemon/backoff.js';
import { codeOf, messageOf } from '../../../../platform/errors.js';
import { formatDuration } from '../../../../platform/units.js';
import { logErrors } from '../../errors.js';
import { makeLabels } from '../../labels.js';
import type { TellEvent } from '../events.js';
import type { Framer } from '../framing/framing.js';
import type { Source, TakeChunk } from '../source.js';
import { readLines } from './line-stream.js';

/** Between SIGTERM and SIGKILL, milliseconds; then its streams are let go of, too, whoever holds them open. */
const GRACE_MS = 5_000;

export interface CommandOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Start it again when it ends. */
  readonly restart: boolean;
  readonly framer: Framer;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: TellEvent;
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class CommandSource implements Source {
  readonly name: string;
  readonly #options: CommandOptions;
  #end: End | undefined;

  constructor(options: CommandOptions) {
    this.#options = options;
    this.name = options.program;
  }

  /** How it ended the last time; undefined while it never has. */
  get end(): End | undefined {
    return this.#end;
  }

  /** Error: `log.bad_source` where it cannot be started. */
  async run(take: TakeChunk, signal: AbortSignal): Promise<void> {
    const { clock, random, restart } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      const startedAt = clock.monotonic();
      await this.#runOnce(take, signal);
      if (signal.aborted || !restart) return;
      failures = clock.monotonic() - startedAt >= HEALTHY_MS ? 1 : failures + 1;
      const waitMs = backoffMs(failures, random);
      this.#say(`starts again in ${formatDuration(waitMs)}`);
      await clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  async #runOnce(take: TakeChunk, signal: AbortSignal): Promise<void> {
    const { program, args } = this.#options;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = endOf(child, program);
    // What it failed with is met below.
    ended.catch(() => {});
    const streams = new AbortController();
    const stop = () => void this.#stop(child, streams);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all([
        this.#read(child.stdout, 'stdout', take, streams),
        this.#read(child.stderr, 'stderr', take, streams),
      ]);
      this.#end = await ended;
      this.#say(sayEnd(this.#end), this.#end.code === 0 ? 'detail' : 'note');
    } finally {
      signal.removeEventListener('abort', stop);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
  }

  async #read(input: Readable, stream: string, take: TakeChunk, streams: AbortController): Promise<void> {
    const labels = makeLabels([
      ['source', 'command'],
      ['command', this.#options.program],
      ['stream', stream],
    ]);
    const { framer, clock } = this.#options;
    await readLines({ input, labels, framer, clock, take, signal: streams.signal });
  }

  async #stop(child: ChildProcess, streams: AbortController): Promise<void> {
    const gone = new AbortController();
    // Not its exit: what it said at the end is in the pipes until then.
    child.once('close', () => gone.abort());
    child.kill('SIGTERM');
    await this.#options.clock.sleep(GRACE_MS, gone.signal).catch(() => {});
    child.kill('SIGKILL');
    streams.abort();
  }

  #say(message: string, kind: 'note' | 'detail' = 'note'): void {
    this.#options.tell({ kind, of: this.name, message });
  }
}

function endOf(child: ChildProcess, program: string): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      const why = codeOf(cause) === 'ENOENT' ? 'there is no such program' : messageOf(cause);
      reject(logErrors.error('log.bad_source', `${program} cannot be run: ${why}`, { cause }));
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function sayEnd({ code, signal }: End): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
