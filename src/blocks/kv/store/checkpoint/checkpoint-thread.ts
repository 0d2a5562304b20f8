/** The thread that checkpoints, seen from outside. It is started when it is first needed. */
import type { Worker } from 'node:worker_threads';
import { crashed, fromPlainError, type PlainError } from '../../../../platform/daemon/error-transfer.js';
import { startThread } from '../../../../platform/daemon/start-thread.js';
import { workerEntry } from '../../../../platform/daemon/worker-entry.js';

export type ToThread = 'run' | 'close';

export interface FromThread {
  readonly error?: PlainError;
}

const WORKER = 'src/blocks/kv/store/checkpoint/worker.js';

export class CheckpointThread {
  readonly #path: string;
  readonly #onDone: (error: unknown) => void;
  #worker: Worker | undefined;
  #running = false;

  /** `onDone`: a checkpoint has ended, with what went wrong or undefined. The thread may have died of it: the next one is a new one. */
  constructor(path: string, onDone: (error: unknown) => void) {
    this.#path = path;
    this.#onDone = onDone;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Must not be running. */
  run(): void {
    this.#running = true;
    this.#worker ??= this.#start();
    this.#tell(this.#worker, 'run');
  }

  /** Resolves when the thread has ended. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.#tell(worker, 'close');
    await ended;
  }

  #start(): Worker {
    const worker = startThread(workerEntry(WORKER), this.#path);
    let failure: unknown;
    worker.on('message', ({ error }: FromThread) =>
      this.#done(error === undefined ? undefined : fromPlainError(error)),
    );
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      if (this.#running) this.#done(crashed(failure ?? new Error('the thread that checkpoints has ended')));
    });
    return worker;
  }

  #tell(worker: Worker, message: ToThread): void {
    worker.postMessage(message);
  }

  #done(error: unknown): void {
    this.#running = false;
    this.#onDone(error);
  }
}
