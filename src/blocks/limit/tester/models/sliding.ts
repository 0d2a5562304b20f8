/** Windows that move with the clock: exactly (the log), or by an estimate from two windows that stand (the counter). */
import type { Model, Parameters } from './model.js';

/** Every request of the last period is remembered. `countsRefused`: those that were turned away, too. */
export class SlidingLogModel implements Model {
  private times: number[] = [];
  private slacks: number[] = [];

  constructor(
    private readonly parameters: Parameters,
    private readonly countsRefused: boolean,
  ) {}

  get doubt(): number {
    return this.slacks[this.slacks.length - this.parameters.count] ?? 0;
  }

  freeAt(): number {
    const oldest = this.times[this.times.length - this.parameters.count];
    return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + this.parameters.periodMs;
  }

  record(at: number, accepted: boolean, slack = 0): void {
    if (!accepted && !this.countsRefused) return;
    this.times.push(at);
    this.slacks.push(slack);
  }

  copy(): Model {
    const copy = new SlidingLogModel(this.parameters, this.countsRefused);
    copy.times = this.times.slice(-this.parameters.count);
    copy.slacks = this.slacks.slice(-this.parameters.count);
    return copy;
  }
}

export interface SlidingCounterVariant {
  /** haproxy's http_req_rate and its like: who is refused is counted all the same. */
  readonly countsRefused: boolean;
  /** Whether the windows begin with the first request after two empty ones (haproxy), or stand on a clock. */
  readonly anchored: boolean;
  /** Whether the estimate is rounded down before it is compared. */
  readonly roundsDown: boolean;
}

/**
 *         previous             current
 *     ├───────────────────┼─────────●─────────┤      estimate = previous × (1 - elapsed/period) + current
 *                         │◀ elapsed▶
 */
export class SlidingCounterModel implements Model {
  private start = Number.NEGATIVE_INFINITY;
  private current = 0;
  private previous = 0;
  /** Of the first request of this window, and of the one before. */
  private ownDoubt = 0;
  private earlierDoubt = 0;
  /** The estimate before a request, at most which it is let through. */
  private readonly room: number;

  constructor(
    private readonly parameters: Parameters,
    private readonly variant: SlidingCounterVariant,
  ) {
    this.room = variant.roundsDown ? parameters.count - 1e-6 : parameters.count - 1;
  }

  get doubt(): number {
    return Math.max(this.ownDoubt, this.earlierDoubt);
  }

  freeAt(at: number): number {
    const { periodMs } = this.parameters;
    let { start, current, previous } = this;
    const behind = Math.floor((at - start) / periodMs);
    if (behind > 0) {
      if (behind > 1 || !Number.isFinite(behind)) return start + periodMs * 2;
      [start, current, previous] = [start + periodMs, 0, current];
    }
    const { room } = this;
    if (current <= room && previous === 0 && this.variant.anchored) return Number.NEGATIVE_INFINITY;
    if (current <= room)
      return previous <= room - current ? start : start + periodMs * (1 - (room - current) / previous);
    return start + periodMs * (1 + Math.max(0, 1 - room / current));
  }

  record(at: number, accepted: boolean, slack = 0): void {
    if (this.turn(at)) {
      this.earlierDoubt = this.ownDoubt;
      this.ownDoubt = slack;
    }
    if (accepted || this.variant.countsRefused) this.current++;
  }

  copy(): Model {
    const copy = new SlidingCounterModel(this.parameters, this.variant);
    copy.start = this.start;
    copy.current = this.current;
    copy.previous = this.previous;
    copy.ownDoubt = this.ownDoubt;
    copy.earlierDoubt = this.earlierDoubt;
    return copy;
  }

  /** Whether another window has begun. */
  private turn(at: number): boolean {
    const { periodMs, phase } = this.parameters;
    const behind = Math.floor((at - this.start) / periodMs);
    if (behind <= 0) return false;
    this.previous = behind === 1 ? this.current : 0;
    this.current = 0;
    if (behind === 1) this.start += periodMs;
    else this.start = this.variant.anchored ? at : (Math.floor(at / periodMs - phase) + phase) * periodMs;
    return true;
  }
}
