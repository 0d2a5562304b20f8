/**
 * Buffers that bodies are read into, used again, since fresh memory costs more than reading into it. Clients that do not read what they have asked for
 * keep the buffers of their bodies until they are cut off, so there is a bound, and whoever finds none waits for his turn, but not for long:
 *
 *     take() ──one is free──▶ taken ──put()──▶ free, or whoever waits longest has it
 *        └──none──▶ waiting ──longer than LONGEST_WAIT_MS, or MOST_WAITING before it──▶ refused
 *
 * Nobody may wait who has one.
 */
import type { Clock } from '../../../../platform/clock.js';
import { storageErrors } from '../../../../platform/store/errors.js';
import { LARGEST_CHUNK } from '../../chunking/cutter.js';

/** Bytes of one: what is read at once. A whole chunk must fit. */
export const READ_BYTES = LARGEST_CHUNK;
/** Kept for the next body. */
const MOST_IDLE = 32;
/** While more are in use nobody reads ahead, so that many slow readers take one each and not two. */
const MOST_WITH_READING_AHEAD = 48;
/** There are at most: 128 MiB. */
const MOST_TAKEN = 128;
const MOST_WAITING = 512;
/** Milliseconds; clients that are told to slow down try again. */
const LONGEST_WAIT_MS = 20_000;
const LOOK_EVERY_MS = 1_000;

interface Waiter {
  readonly since: number;
  readonly resolve: (buffer: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

export class ReadBuffers {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #idle: Uint8Array[] = [];
  readonly #waiting: Waiter[] = [];
  #taken = 0;
  #isLooking = false;

  constructor(clock: Clock, most = MOST_TAKEN) {
    this.#clock = clock;
    this.#most = most;
  }

  get mayReadAhead(): boolean {
    return this.#taken < Math.min(MOST_WITH_READING_AHEAD, this.#most);
  }

  /** Error: `storage.overloaded`. */
  take(): Promise<Uint8Array> {
    if (this.#taken >= this.#most) return this.#wait();
    this.#taken++;
    return Promise.resolve(this.#idle.pop() ?? new Uint8Array(READ_BYTES));
  }

  put(buffer: Uint8Array): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.resolve(buffer);
      return;
    }
    this.#taken--;
    if (this.#idle.length < MOST_IDLE) this.#idle.push(buffer);
  }

  #wait(): Promise<Uint8Array> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(tooMany(this.#most));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ since: this.#clock.monotonic(), resolve, reject });
      void this.#refuseLate();
    });
  }

  /** While anybody waits. */
  async #refuseLate(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#waiting.length > 0) {
      await this.#clock.sleep(LOOK_EVERY_MS);
      const late = this.#clock.monotonic() - LONGEST_WAIT_MS;
      while (this.#waiting[0] !== undefined && this.#waiting[0].since <= late)
        this.#waiting.shift()?.reject(tooMany(this.#most));
    }
    this.#isLooking = false;
  }
}

function tooMany(most: number) {
  return storageErrors.error('storage.overloaded', `${most} objects are being read by others, who take their time`, {
    hint: 'try again in a while',
  });
}
