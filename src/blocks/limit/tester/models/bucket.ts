/**
 * Token bucket, GCRA, leaky bucket as a meter, nginx's limit_req with nodelay: one family, since all of them decide alike.
 * `count` is the burst, `periodMs` the time for one more.
 */
import type { Model, Parameters } from './model.js';

export class BucketModel implements Model {
  /** GCRA's theoretical arrival time: when everything that was taken is paid for. */
  private paidAt = Number.NEGATIVE_INFINITY;
  doubt = 0;
  /** What is left of a bucket that was surely full: it was there all the time. */
  private leftOfFull = 0;

  constructor(private readonly parameters: Parameters) {}

  freeAt(): number {
    if (this.leftOfFull > 0) return Number.NEGATIVE_INFINITY;
    return this.paidAt - (this.parameters.count - 1) * this.parameters.periodMs;
  }

  record(at: number, accepted: boolean, slack = 0): void {
    if (!accepted) return;
    // From a full bucket on all is counted from this arrival.
    this.leftOfFull--;
    if (at >= this.paidAt) {
      const surely = at - slack >= this.paidAt + this.doubt;
      this.doubt = surely ? slack : Math.max(slack, this.doubt);
      this.leftOfFull = surely ? this.parameters.count - 1 : 0;
    }
    this.paidAt = Math.max(this.paidAt, at) + this.parameters.periodMs;
  }

  copy(): Model {
    const copy = new BucketModel(this.parameters);
    copy.paidAt = this.paidAt;
    copy.doubt = this.doubt;
    copy.leftOfFull = this.leftOfFull;
    return copy;
  }
}
