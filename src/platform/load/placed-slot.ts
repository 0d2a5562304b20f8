/**
 * A slot whose answers come in any order. Requests under way have places, and what is free is a stack:
 *
 *     place      0     1     2     3          free: 3 1
 *     intended   10.0  –     10.5  –
 *     sent       10.1  0     10.6  0          0: not under way
 *
 * A late answer costs its own request and no other.
 */
import type { FailureKind, PlacedDriver, PlacedLink, PlacedLinkEvents } from './driver.js';
import { lateMessage, type Slot, type SlotOwner } from './slot.js';

export class PlacedSlot implements Slot, PlacedLinkEvents {
  readonly link: PlacedLink;
  readonly #owner: SlotOwner;
  readonly #intended: Float64Array;
  readonly #sent: Float64Array;
  readonly #isBusy: Uint8Array;
  readonly #free: Uint32Array;
  #freeCount: number;
  #failure: FailureKind | undefined;
  listed = false;
  touched = false;

  constructor(driver: PlacedDriver, owner: SlotOwner) {
    const { pipeline } = driver;
    this.#owner = owner;
    this.#intended = new Float64Array(pipeline);
    this.#sent = new Float64Array(pipeline);
    this.#isBusy = new Uint8Array(pipeline);
    this.#free = Uint32Array.from({ length: pipeline }, (_, index) => pipeline - 1 - index);
    this.#freeCount = pipeline;
    this.link = driver.link(this);
  }

  get hasRoom(): boolean {
    return this.#freeCount > 0;
  }

  send(intendedAt: number, at: number): void {
    const place = this.#free[--this.#freeCount] ?? 0;
    this.#intended[place] = intendedAt;
    this.#sent[place] = at;
    this.#isBusy[place] = 1;
    this.link.send(place);
  }

  answered(place: number, code: number, at: number): void {
    if (this.#isBusy[place] !== 1) return;
    this.#release(place);
    this.#owner.answered(code, this.#intended[place] ?? 0, this.#sent[place] ?? 0, at);
  }

  failed(kind: FailureKind, message: string, at: number): void {
    this.#failure = kind;
    for (let place = 0; place < this.#isBusy.length; place++) {
      if (this.#isBusy[place] === 1) this.#fail(place, kind, message, at);
    }
  }

  ready(at: number): void {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#owner.ready(this, failure, at);
  }

  expire(now: number, timeoutMs: number): void {
    if (this.#freeCount === this.#isBusy.length) return;
    let expired = 0;
    for (let place = 0; place < this.#isBusy.length; place++) {
      if (this.#isBusy[place] !== 1 || now - (this.#sent[place] ?? now) <= timeoutMs) continue;
      expired++;
      this.link.giveUp(place);
      this.#fail(place, 'timeout', lateMessage(timeoutMs), now);
    }
    if (expired > 0) this.#owner.ready(this, undefined, now);
  }

  #fail(place: number, kind: FailureKind, message: string, at: number): void {
    this.#release(place);
    this.#owner.failed(kind, message, this.#intended[place] ?? 0, at);
  }

  #release(place: number): void {
    this.#isBusy[place] = 0;
    this.#free[this.#freeCount++] = place;
  }
}
