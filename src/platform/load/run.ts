/**
 * The load generator.
 *
 *     prepare ─▶ open links ─▶ warm-up ─▶ measure ─▶ finish what is under way ─▶ result
 *                                 └── signal ────────────▶ give up what is under way ─▶ result, interrupted
 *
 * Open loop: request i is to start at i / R, whatever has been answered. Each turn sends all that is due. When every link
 * is busy the schedule falls behind; then each link that becomes free takes the next request that is due, whose latency
 * counts from when it should have started. What is still due at the end was never sent: the result tells how many. So a
 * server that stalls is charged for the users who would have waited («coordinated omission», as Gil Tene named it).
 *
 * No queue is kept for that, the number of the next request says it all; and nothing else grows with time.
 */
import type { Clock } from '../clock.js';
import type { Driver, FailureKind } from './driver.js';
import { type Histogram, toHistogram } from './hdr.js';
import { OrderedSlot } from './ordered-slot.js';
import { PlacedSlot } from './placed-slot.js';
import type { OpenSchedule, Schedule } from './schedule.js';
import type { Span } from './series.js';
import type { Slot, SlotOwner } from './slot.js';
import { type Failures, type Second, Tally } from './tally.js';

export interface LoadPlan {
  readonly schedule: Schedule;
  readonly connections: number;
  /** Measured time, milliseconds. */
  readonly durationMs: number;
  /** Before it: the same load, not counted. */
  readonly warmupMs: number;
  /** From the sending of a request to the last byte of its answer. */
  readonly timeoutMs: number;
}

export interface LoadRequest extends LoadPlan {
  readonly driver: Driver;
  readonly clock: Clock;
  /** Its abort ends the run early, with a result. */
  readonly signal: AbortSignal;
  readonly onSecond?: (second: Second) => void;
}

export interface LoadResult {
  readonly interrupted: boolean;
  /** From the start of measuring to its end or to the last answer, whichever is later. */
  readonly elapsedMs: number;
  readonly sent: number;
  readonly answered: number;
  readonly codes: ReadonlyMap<number, number>;
  readonly failed: number;
  readonly failures: Readonly<Failures>;
  readonly messages: ReadonlyMap<FailureKind, string>;
  /** Open loop: due before the end, and never sent, because every connection was busy. */
  readonly unsent: number;
  /** Sent, and given up when the run was interrupted. */
  readonly unfinished: number;
  /** Requests before measuring. */
  readonly warmup: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** From the intended start. Absent in a closed loop, which has none. */
  readonly corrected: Histogram | undefined;
  /** From the real start. */
  readonly uncorrected: Histogram;
  readonly spans: readonly Span[];
}

/**
 * A timer of Node is up to a millisecond and a half late. Of the wait for the next start the last part is therefore spent
 * turning over the event loop: a rate of more than some 500/s keeps one core busy, and starts are some 10 µs late.
 */
const TIMER_SLACK_MS = 1.5;
/** The timer that wakes at the end may be early by as much. */
const END_SLACK_MS = 2;
/** How often timeouts are looked for, at most; and seconds in which nothing happened. */
const HOUSEKEEPING_MS = 100;
/** A closed loop would otherwise try a port that nobody listens on as fast as it is refused. */
const PAUSE_AFTER_REFUSAL_MS = 100;
/** Links that connect at the same time, before the run. */
const CONNECTING_AT_ONCE = 128;

/** Errors: as the driver's prepare(); what the target does later is counted, not thrown. */
export async function runLoad(request: LoadRequest): Promise<LoadResult> {
  const { driver, signal } = request;
  await driver.prepare(signal);
  return new Run(request).go();
}

class Run implements SlotOwner {
  readonly #request: LoadRequest;
  readonly #clock: Clock;
  readonly #open: OpenSchedule | undefined;
  readonly #slots: Slot[] = [];
  /** Slots that can take a request; first in, first out, so that every connection is used. */
  readonly #free: Ring<Slot>;
  readonly #touched: Slot[] = [];
  readonly #ended = new AbortController();
  /** The user's signal, or a watcher that failed. */
  readonly #stop: AbortSignal;
  readonly #failed = new AbortController();
  #tally: Tally;
  #startedAt = 0;
  /** Start of what is measured, and its end. */
  #measureAt = 0;
  #endAt = 0;
  /** The next request of the schedule. */
  #next = 0;
  #accepting = true;
  #underWay = 0;
  #warmup = 0;
  #lastAt = 0;
  #wake: (() => void) | undefined;

  constructor(request: LoadRequest) {
    this.#request = request;
    this.#clock = request.clock;
    this.#open = request.schedule.kind === 'open' ? request.schedule : undefined;
    this.#free = new Ring(request.connections);
    this.#tally = new Tally(request.driver, this.#open !== undefined, 0);
    this.#stop = AbortSignal.any([request.signal, this.#failed.signal]);
    this.#stop.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  async go(): Promise<LoadResult> {
    const { connections, driver, signal } = this.#request;
    try {
      for (let i = 0; i < connections; i++) this.#slots.push(makeSlot(driver, this));
      await this.#openLinks();
      this.#begin();
      const housekeeping = Promise.all([this.#housekeep(), this.#wakeAtEnd()]);
      await this.#pace();
      this.#accepting = false;
      await this.#finishUnderWay();
      this.#ended.abort();
      await housekeeping;
      this.#failed.signal.throwIfAborted();
      return await this.#result(signal.aborted);
    } finally {
      this.#ended.abort();
      for (const slot of this.#slots) slot.link.close();
    }
  }

  async #openLinks(): Promise<void> {
    const stopped = aborted(this.#stop);
    for (let i = 0; i < this.#slots.length && !this.#stop.aborted; i += CONNECTING_AT_ONCE) {
      const opening = this.#slots.slice(i, i + CONNECTING_AT_ONCE).map((slot) => slot.link.open());
      await Promise.race([Promise.all(opening), stopped]);
    }
  }

  #begin(): void {
    const { warmupMs, durationMs, driver, onSecond } = this.#request;
    const now = this.#clock.monotonic();
    this.#startedAt = now;
    this.#measureAt = now + warmupMs;
    this.#endAt = this.#measureAt + durationMs;
    this.#lastAt = this.#measureAt;
    const watch = (second: Second) => {
      try {
        onSecond?.(second);
      } catch (error) {
        // It is called from within an event of a socket, where nobody could catch it.
        this.#failed.abort(error);
      }
    };
    this.#tally = new Tally(driver, this.#open !== undefined, this.#measureAt, watch);
    for (const slot of this.#slots) this.#list(slot);
  }

  /** Sends what is due, until the end or the signal. */
  async #pace(): Promise<void> {
    while (!this.#stop.aborted) {
      const now = this.#clock.monotonic();
      this.#dispatch(now);
      if (now >= this.#endAt) return;
      const due = this.#open === undefined ? this.#endAt : this.#startedAt + this.#open.startOf(this.#next);
      // All links are busy: whichever becomes free takes what is due by itself, and wakes us when nothing is.
      if (this.#free.length === 0 && now < this.#endAt - END_SLACK_MS) await this.#woken();
      else await this.#until(Math.min(due, this.#endAt), now);
    }
  }

  async #until(instant: number, now: number): Promise<void> {
    const ms = Math.floor(instant - now - TIMER_SLACK_MS);
    if (ms >= 1) await this.#clock.sleep(ms, this.#stop).catch(() => {});
    else await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /**
   * Until a link is free, an answer came that was waited for, the end is near, or the run is to stop. Not by a race of
   * promises: each race would stay in memory as long as the promises that did not win.
   */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #wakeAtEnd(): Promise<void> {
    await this.#clock.sleep(Math.max(0, this.#endAt - this.#clock.monotonic()), this.#ended.signal).catch(() => {});
    this.#wake?.();
  }

  #isDue(now: number): boolean {
    if (this.#open === undefined) return now < this.#endAt;
    const startsAt = this.#startedAt + this.#open.startOf(this.#next);
    return startsAt <= now && startsAt < this.#endAt;
  }

  #dispatch(now: number): void {
    if (!this.#accepting) return;
    if (now >= this.#measureAt) this.#tally.roll(now);
    while (this.#free.length > 0 && this.#isDue(now)) {
      const slot = this.#free.shift();
      if (slot === undefined) break;
      slot.listed = false;
      this.#send(slot, now);
      if (slot.hasRoom) this.#list(slot);
    }
    for (const slot of this.#touched) {
      slot.touched = false;
      slot.link.flush();
    }
    this.#touched.length = 0;
  }

  #send(slot: Slot, now: number): void {
    const intendedAt = this.#open === undefined ? now : this.#startedAt + this.#open.startOf(this.#next);
    this.#next++;
    this.#underWay++;
    if (intendedAt < this.#measureAt) this.#warmup++;
    else this.#tally.sent();
    if (!slot.touched) this.#touched.push(slot);
    slot.touched = true;
    slot.send(intendedAt, now);
  }

  #list(slot: Slot): void {
    if (slot.listed) return;
    slot.listed = true;
    this.#free.push(slot);
  }

  answered(code: number, intendedAt: number, sentAt: number, at: number): void {
    this.#underWay--;
    if (intendedAt < this.#measureAt) return;
    this.#lastAt = at;
    this.#tally.answered(code, intendedAt, sentAt, at);
  }

  failed(kind: FailureKind, message: string, intendedAt: number, at: number): void {
    this.#underWay--;
    if (intendedAt < this.#measureAt) return;
    this.#lastAt = at;
    this.#tally.failed(kind, message, at);
  }

  ready(slot: Slot, failure: FailureKind | undefined, at: number): void {
    const pauses = this.#open === undefined && (failure === 'refused' || failure === 'unreachable');
    if (pauses) void this.#listLater(slot);
    else this.#list(slot);
    this.#dispatch(at);
    if (this.#free.length > 0 || !this.#accepting) this.#wake?.();
  }

  async #listLater(slot: Slot): Promise<void> {
    await this.#clock.sleep(PAUSE_AFTER_REFUSAL_MS, this.#ended.signal).catch(() => {});
    this.#list(slot);
    this.#dispatch(this.#clock.monotonic());
  }

  /** No request takes longer than the timeout, so this ends. */
  async #finishUnderWay(): Promise<void> {
    while (this.#underWay > 0 && !this.#stop.aborted) await this.#woken();
  }

  async #housekeep(): Promise<void> {
    const { timeoutMs } = this.#request;
    const pauseMs = Math.max(5, Math.min(HOUSEKEEPING_MS, timeoutMs / 4));
    while (!this.#ended.signal.aborted) {
      await this.#clock.sleep(pauseMs, this.#ended.signal).catch(() => {});
      const now = this.#clock.monotonic();
      for (const slot of this.#slots) slot.expire(now, timeoutMs);
      if (now >= this.#measureAt && now < this.#endAt) this.#tally.roll(now);
    }
  }

  /** Of what is measured. */
  #unsent(stoppedAt: number): number {
    if (this.#open === undefined) return 0;
    const sent = Math.max(this.#next, this.#open.countBefore(this.#measureAt - this.#startedAt));
    return Math.max(0, this.#open.countBefore(stoppedAt - this.#startedAt) - sent);
  }

  async #result(interrupted: boolean): Promise<LoadResult> {
    const now = this.#clock.monotonic();
    const stoppedAt = interrupted ? Math.min(now, this.#endAt) : this.#endAt;
    const endedAt = Math.max(this.#measureAt, stoppedAt, this.#lastAt);
    this.#tally.finish(endedAt);
    const { total, messages, series } = this.#tally;
    const codes = new Map([...total.codes.entries()].filter(([, count]) => count > 0));
    return {
      interrupted,
      elapsedMs: endedAt - this.#measureAt,
      ...{
        sent: total.sent,
        answered: total.answered,
        codes,
        failed: total.failed,
        failures: total.failures,
        messages,
      },
      unsent: this.#unsent(stoppedAt),
      unfinished: total.sent - total.answered - total.failed,
      warmup: this.#warmup,
      sentBytes: this.#tally.bytes.sent,
      receivedBytes: this.#tally.bytes.received,
      corrected: this.#open === undefined ? undefined : await toHistogram(total.corrected),
      uncorrected: await toHistogram(total.uncorrected),
      spans: series.spans,
    };
  }
}

function makeSlot(driver: Driver, owner: SlotOwner): Slot {
  return driver.anyOrder === true ? new PlacedSlot(driver, owner) : new OrderedSlot(driver, owner);
}

/** A queue of at most so many, without allocation. */
class Ring<T> {
  readonly #items: (T | undefined)[];
  #head = 0;
  length = 0;

  constructor(size: number) {
    this.#items = new Array(size);
  }

  push(item: T): void {
    this.#items[(this.#head + this.length) % this.#items.length] = item;
    this.length++;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head = (this.#head + 1) % this.#items.length;
    this.length--;
    return item;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
