/**
 * A place for requests: one link, and when what is under way on it was to start and did. Answers come in order, so two
 * rings of numbers are all that is kept:
 *
 *     intended  [ 10.0  10.5  11.0   –  ]
 *     sent      [ 10.1  10.6  11.0   –  ]
 *                  ▲ head            ▲ head + count
 */
import type { Driver, FailureKind, Link, LinkEvents } from './driver.js';

export interface SlotOwner {
  answered(code: number, intendedAt: number, sentAt: number, at: number): void;
  failed(kind: FailureKind, message: string, intendedAt: number, at: number): void;
  ready(slot: Slot, failure: FailureKind | undefined, at: number): void;
}

export class Slot implements LinkEvents {
  readonly link: Link;
  readonly #owner: SlotOwner;
  readonly #depth: number;
  readonly #intended: Float64Array;
  readonly #sent: Float64Array;
  #head = 0;
  #count = 0;
  #failure: FailureKind | undefined;
  /** Kept by the owner: whether it is in the list of those that can take a request. */
  listed = false;
  /** Kept by the owner: whether it has requests that were not flushed. */
  touched = false;

  constructor(driver: Driver, owner: SlotOwner) {
    this.#owner = owner;
    this.#depth = driver.pipeline;
    this.#intended = new Float64Array(this.#depth);
    this.#sent = new Float64Array(this.#depth);
    this.link = driver.link(this);
  }

  get underWay(): number {
    return this.#count;
  }

  get hasRoom(): boolean {
    return this.#count < this.#depth;
  }

  /** When the oldest request under way was sent; Infinity when there is none. */
  get oldestSentAt(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#sent[this.#head] ?? 0);
  }

  send(intendedAt: number, at: number): void {
    const tail = (this.#head + this.#count) % this.#depth;
    this.#intended[tail] = intendedAt;
    this.#sent[tail] = at;
    this.#count++;
    this.link.send();
  }

  answered(code: number, at: number): void {
    const head = this.#head;
    this.#head = (head + 1) % this.#depth;
    this.#count--;
    this.#owner.answered(code, this.#intended[head] ?? 0, this.#sent[head] ?? 0, at);
  }

  failed(kind: FailureKind, message: string, at: number): void {
    this.#failure = kind;
    for (; this.#count > 0; this.#count--) {
      this.#owner.failed(kind, message, this.#intended[this.#head] ?? 0, at);
      this.#head = (this.#head + 1) % this.#depth;
    }
  }

  ready(at: number): void {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#owner.ready(this, failure, at);
  }
}
