/**
 * The ingest in a thread of its own, seen from outside.
 *
 *     starting ──ready──▶ running ──close()──▶ closing ──▶ ended
 *        └──────────────────┴──it dies──▶ broken: all bodies under way fail, slabs that were lost are made anew
 */
import type { Worker } from 'node:worker_threads';
import { crashed, fromPlainError } from '../../../../platform/daemon/error-transfer.js';
import { startThread } from '../../../../platform/daemon/start-thread.js';
import { workerEntry } from '../../../../platform/daemon/worker-entry.js';
import { DsError } from '../../../../platform/errors.js';
import { closedError } from '../../../../platform/store/errors.js';
import type { Ingested } from './ingested.js';
import type { FromIngest, ThreadData, ToIngest } from './messages.js';
import type { IngestPort, PortEvents } from './port.js';

interface Waiter {
  resolve(ingested: Ingested): void;
  reject(error: unknown): void;
}

export class ThreadPort implements IngestPort {
  readonly #worker: Worker;
  readonly #events: PortEvents;
  readonly #path: string;
  readonly #waiters = new Map<string, Waiter>();
  /** Slabs that are in the thread now, and the length of each. */
  #slabsThere = 0;
  #slabBytes = 0;
  /** Bodies under way. */
  readonly #bodies = new Set<string>();
  /** What it was asked to look at and has not yet: for each slab whose it is, undefined where all chunks are to be cut. */
  readonly #unprocessed: (string | undefined)[] = [];
  #failure: DsError | undefined;
  #onReady: (() => void) | undefined;
  readonly #onRetired: (() => void)[] = [];
  #onEnd: ((error?: unknown) => void)[] = [];

  private constructor(worker: Worker, path: string, events: PortEvents) {
    this.#worker = worker;
    this.#path = path;
    this.#events = events;
    worker.on('message', (message: FromIngest) => this.#hear(message));
    worker.on('error', (error) => this.#break(error));
    worker.on('exit', () => this.#break(new Error('the thread that takes bodies in has ended')));
  }

  /** Resolves when it can take bodies. */
  static open(data: ThreadData, events: PortEvents): Promise<ThreadPort> {
    const port = new ThreadPort(startThread(workerEntry(WORKER), data), data.path, events);
    return new Promise((resolve, reject) => {
      port.#onReady = () => resolve(port);
      port.#onEnd.push(reject);
    });
  }

  /** It will take no more bodies. */
  get broken(): boolean {
    return this.#failure !== undefined;
  }

  begin(name: string): void {
    this.#bodies.add(name);
    this.#say({ type: 'begin', name });
  }

  write(name: string, buffer: ArrayBuffer, length: number): void {
    if (this.#failure !== undefined) {
      this.#events.freed(buffer);
      this.#events.processed(name);
      return;
    }
    this.#slabsThere++;
    this.#slabBytes = buffer.byteLength;
    this.#unprocessed.push(name);
    this.#say({ type: 'write', name, buffer, length }, [buffer]);
  }

  cutAll(): void {
    if (this.#failure !== undefined) {
      this.#events.processed(undefined);
      return;
    }
    this.#unprocessed.push(undefined);
    this.#say({ type: 'cut-all' });
  }

  end(name: string): Promise<Ingested> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiters.set(name, { resolve, reject });
      this.#say({ type: 'end', name });
    });
  }

  settle(name: string): void {
    this.#say({ type: 'settle', name });
  }

  discard(name: string, writerId: number | undefined): void {
    this.#bodies.delete(name);
    this.#say({ type: 'discard', name, writerId });
  }

  retireGarbage(): Promise<void> {
    if (this.#failure !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRetired.push(resolve);
      this.#say({ type: 'retire-garbage' });
    });
  }

  close(): Promise<void> {
    if (this.#failure !== undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#onEnd.push((error) => (error === undefined ? resolve() : reject(error)));
      this.#say({ type: 'close' });
    });
  }

  #say(message: ToIngest, transfer: readonly ArrayBuffer[] = []): void {
    // Where it is broken there is nobody to hear it, and the slabs were made anew.
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromIngest): void {
    switch (message.type) {
      case 'ready':
        this.#onEnd = [];
        this.#onReady?.();
        return;
      case 'freed':
        this.#freed(message.buffers);
        return;
      case 'processed':
        this.#freed(message.buffers);
        this.#unprocessed.shift();
        this.#events.processed(message.name);
        return;
      case 'ended':
        this.#bodies.delete(message.ingested.upload);
        this.#take(message.ingested.upload)?.resolve(message.ingested);
        return;
      case 'failed':
        this.#fail(message.name, fromPlainError(message.error));
        return;
      case 'retired':
        this.#onRetired.shift()?.();
        return;
      case 'closed':
        this.#closed(message.error === undefined ? undefined : fromPlainError(message.error));
    }
  }

  #freed(buffers: readonly ArrayBuffer[]): void {
    this.#slabsThere -= buffers.length;
    for (const buffer of buffers) this.#events.freed(buffer);
  }

  #closed(error: DsError | undefined): void {
    this.#failure = closedError(this.#path);
    const tell = this.#onEnd;
    this.#onEnd = [];
    for (const retired of this.#onRetired.splice(0)) retired();
    // Not before the thread is gone: its descriptors are, then, too.
    this.#worker.once('exit', () => {
      for (const ended of tell) ended(error);
    });
  }

  #fail(name: string, error: unknown): void {
    this.#bodies.delete(name);
    this.#take(name)?.reject(error);
    this.#events.failed(name, error);
  }

  #take(name: string): Waiter | undefined {
    const waiter = this.#waiters.get(name);
    this.#waiters.delete(name);
    return waiter;
  }

  #break(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error instanceof DsError ? error : crashed(error);
    for (const ended of this.#onEnd.splice(0)) ended(this.#failure);
    for (const retired of this.#onRetired.splice(0)) retired();
    for (const name of [...this.#bodies]) this.#fail(name, this.#failure);
    for (const name of this.#unprocessed.splice(0)) this.#events.processed(name);
    for (; this.#slabsThere > 0; this.#slabsThere--) this.#events.freed(new ArrayBuffer(this.#slabBytes));
  }
}

const WORKER = 'src/blocks/blob/store/ingest/worker.js';
