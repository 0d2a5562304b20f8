/**
 * A slot whose answers come in the order of the requests: two rings of numbers are all that is kept.
 *
 *     intended  [ 10.0  10.5  11.0   –  ]
 *     sent      [ 10.1  10.6  11.0   –  ]
 *                  ▲ head            ▲ head + count
 */
import type { FailureKind, Link, LinkEvents, OrderedDriver } from './driver.js';
import { lateMessage, type Slot, type SlotOwner } from './slot.js';

export class OrderedSlot implements Slot, LinkEvents {
  readonly link: Link;
  readonly #owner: SlotOwner;
  readonly #depth: number;
  readonly #intended: Float64Array;
  readonly #sent: Float64Array;
  #head = 0;
  #count = 0;
  #failure: FailureKind | undefined;
  listed = false;
  touched = false;

  constructor(driver: OrderedDriver, owner: SlotOwner) {
    this.#owner = owner;
    this.#depth = driver.pipeline;
    this.#intended = new Float64Array(this.#depth);
    this.#sent = new Float64Array(this.#depth);
    this.link = driver.link(this);
  }

  get hasRoom(): boolean {
    return this.#count < this.#depth;
  }

  /** An answer that is missing holds up all behind it. */
  expire(now: number, timeoutMs: number): void {
    if (this.#count > 0 && now - (this.#sent[this.#head] ?? now) > timeoutMs) {
      this.link.abort('timeout', lateMessage(timeoutMs));
    }
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
