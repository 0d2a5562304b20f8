/**
 * Takes what a job writes to where it is kept: masked, bounded, and in few writes.
 *
 *     add ─▶ mask ─▶ output buffer ──every 100 ms──▶ write(head)
 *                                  ──every second──▶ write(tail)
 *
 * Whoever writes more than 4 MiB between two steps waits for the next one, and so do its pipes: a job that prints for ever
 * (`yes`) neither fills the memory nor keeps the daemon from others' jobs.
 */
import type { Clock } from '../../../platform/clock.js';
import type { OutputChunk } from '../run.js';
import type { AttemptEnd, AttemptIo, AttemptPart } from './attempt.js';
import { Masker } from './mask.js';
import { OutputBuffer } from './output-buffer.js';

const STEP_MS = 100;
const TAIL_MS = 1_000;
const MOST_PER_STEP = 4 * 1024 * 1024;

export interface OutputRecorderOptions {
  /** Bytes that are kept. */
  readonly mostBytes: number;
  readonly secrets: Iterable<string>;
  readonly clock: Clock;
}

export class OutputRecorder {
  readonly #io: AttemptIo;
  readonly #clock: Clock;
  readonly #buffer: OutputBuffer;
  readonly #maskers: Readonly<Record<OutputChunk['stream'], Masker>>;
  readonly #ending = new AbortController();
  #bytes = 0;
  #sinceStep = 0;
  #tailAt = Number.NEGATIVE_INFINITY;
  #steps: Promise<void> | undefined;
  #waiting: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(io: AttemptIo, { mostBytes, secrets, clock }: OutputRecorderOptions) {
    const values = [...secrets];
    const { attempt } = io.facts;
    this.#io = io;
    this.#clock = clock;
    this.#maskers = { stdout: new Masker(values), stderr: new Masker(values) };
    this.#buffer = new OutputBuffer({ mostBytes, attempt, firstSequence: io.firstSequence });
  }

  /** A promise when more may only come later. */
  add(stream: OutputChunk['stream'], bytes: Uint8Array): Promise<void> | undefined {
    this.#bytes += bytes.length;
    this.#sinceStep += bytes.length;
    this.#keep(stream, this.#maskers[stream].push(bytes));
    this.#steps ??= this.#runSteps();
    if (this.#sinceStep < MOST_PER_STEP) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stores the rest. Nothing is added any more. */
  async end(): Promise<Pick<AttemptEnd, 'outputBytes' | 'outputError'>> {
    this.#ending.abort();
    await this.#steps;
    for (const stream of ['stdout', 'stderr'] as const) this.#keep(stream, this.#maskers[stream].end());
    await this.#write(this.#buffer.take({ withTail: true }));
    return { outputBytes: this.#bytes, ...(this.#failure === undefined ? {} : { outputError: this.#failure.error }) };
  }

  #keep(stream: OutputChunk['stream'], bytes: Uint8Array): void {
    if (this.#failure === undefined && bytes.length > 0) this.#buffer.add(stream, bytes, this.#clock.now());
  }

  /** As long as something waits. */
  async #runSteps(): Promise<void> {
    const { signal } = this.#ending;
    do {
      await this.#clock.sleep(STEP_MS, signal).catch(() => {});
      if (!signal.aborted) await this.#step();
      this.#sinceStep = 0;
      for (const goOn of this.#waiting.splice(0)) goOn();
    } while (!signal.aborted && (this.#buffer.hasHead || this.#buffer.hasTail || this.#sinceStep > 0));
    this.#steps = undefined;
  }

  async #step(): Promise<void> {
    const now = this.#clock.monotonic();
    const withTail = this.#buffer.hasTail && now - this.#tailAt >= TAIL_MS;
    if (withTail) this.#tailAt = now;
    await this.#write(this.#buffer.take({ withTail }));
  }

  async #write(part: AttemptPart | undefined): Promise<void> {
    if (part === undefined || this.#failure !== undefined) return;
    try {
      await this.#io.write(part);
    } catch (error) {
      this.#failure = { error };
    }
  }
}
