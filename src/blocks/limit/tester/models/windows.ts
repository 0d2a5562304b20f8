/** So many in each window, and all of it back at once when the next one begins. */
import type { Model, Parameters } from './model.js';

/** Windows that follow one another on the server's clock, whether anybody asks or not. */
export class FixedWindowModel implements Model {
  private start = Number.NEGATIVE_INFINITY;
  private used = 0;
  doubt = 0;

  constructor(private readonly parameters: Parameters) {}

  freeAt(at: number): number {
    const start = this.windowOf(at);
    return start > this.start || this.used < this.parameters.count ? start : start + this.parameters.periodMs;
  }

  record(at: number, accepted: boolean, slack = 0): void {
    const start = this.windowOf(at);
    if (start > this.start) {
      this.start = start;
      this.used = 0;
      this.doubt = slack;
    }
    if (accepted) this.used++;
  }

  copy(): Model {
    const copy = new FixedWindowModel(this.parameters);
    copy.start = this.start;
    copy.used = this.used;
    copy.doubt = this.doubt;
    return copy;
  }

  /** An instant of the present window that comes a little early belongs to the one that was begun. */
  private windowOf(at: number): number {
    const { periodMs, phase } = this.parameters;
    return Math.max(this.start, (Math.floor(at / periodMs - phase) + phase) * periodMs);
  }
}

/**
 * A window that opens with the first request after the last one has closed: INCR with EXPIRE, most middleware.
 * `extends`: each refused request begins it anew, so that who keeps asking is never let in again.
 */
export class AnchoredWindowModel implements Model {
  private start = Number.NEGATIVE_INFINITY;
  private used = 0;
  doubt = 0;

  constructor(
    private readonly parameters: Parameters,
    private readonly extended: boolean,
  ) {}

  freeAt(at: number): number {
    const end = this.start + this.parameters.periodMs;
    if (at >= end) return end;
    // Nothing was in its way before this window was opened, either.
    return this.used < this.parameters.count ? Number.NEGATIVE_INFINITY : end;
  }

  record(at: number, accepted: boolean, slack = 0): void {
    if (at >= this.start + this.parameters.periodMs) {
      if (!accepted) return;
      this.start = at;
      this.doubt = slack;
      this.used = 1;
    } else if (accepted) this.used++;
    else if (this.extended) {
      this.start = at;
      this.doubt = slack;
    }
  }

  copy(): Model {
    const copy = new AnchoredWindowModel(this.parameters, this.extended);
    copy.start = this.start;
    copy.used = this.used;
    copy.doubt = this.doubt;
    return copy;
  }
}
