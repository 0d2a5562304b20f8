/**
 * The flushes of one pack. Those who ask while one is under way share the next one, since theirs may have begun before their bytes
 * were written:
 *
 *     append a │ flush 1 ────────────┤
 *                 append b, append c │ flush 2 ──────┤      b and c have waited for 1 and 2
 */
import { fdatasync } from 'node:fs';

export class PackFlush {
  readonly #descriptor: number;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  /** Appended since the last flush began, bytes. */
  #unflushed = 0;
  /** After a failed flush the kernel may have dropped what it could not write, and the next one would succeed. */
  #failure: { readonly error: unknown } | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** What was appended is lost whatever the next flush says. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  get unflushed(): number {
    return this.#unflushed;
  }

  appended(bytes: number): void {
    this.#unflushed += bytes;
  }

  /** Resolves when all that was appended before the call is on disk. */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#running === undefined) return this.#unflushed === 0 ? Promise.resolve() : this.#start();
    if (this.#unflushed === 0) return this.#running;
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.flush();
    });
    return this.#next;
  }

  /** Begins one if none is under way; who needs the bytes asks later, and waits for less. */
  begin(): void {
    if (this.#running === undefined && this.#failure === undefined) this.#start().catch(() => {});
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => {});
  }

  #start(): Promise<void> {
    this.#unflushed = 0;
    this.#running = new Promise((resolve, reject) => {
      fdatasync(this.#descriptor, (error) => {
        this.#running = undefined;
        if (error === null) return resolve();
        this.#failure = { error };
        reject(error);
      });
    });
    return this.#running;
  }
}
