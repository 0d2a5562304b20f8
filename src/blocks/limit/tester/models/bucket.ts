/**
 * Token bucket, GCRA, leaky bucket as a meter, nginx's limit_req with nodelay: one family, since all of them decide alike.
 * `count` is the burst, `periodMs` the time for one more.
 */
import type { Model, Parameters } from './model.js';

export class BucketModel implements Model {
  /** GCRA's theoretical arrival time: when everything that was taken is paid for. */
  private paidAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parameters: Parameters) {}

  freeAt(): number {
    return this.paidAt - (this.parameters.count - 1) * this.parameters.periodMs;
  }

  record(at: number, accepted: boolean): void {
    if (accepted) this.paidAt = Math.max(this.paidAt, at) + this.parameters.periodMs;
  }

  copy(): Model {
    const copy = new BucketModel(this.parameters);
    copy.paidAt = this.paidAt;
    return copy;
  }
}
