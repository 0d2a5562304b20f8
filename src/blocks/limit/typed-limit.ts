/** Limits as they are typed, in flags and arguments. */
import { defineLimit, type Limit, readAlgorithm, readRate } from './limit.js';
import { queueOf } from './pace.js';

/** A limit as it is typed. Errors: `limit.bad_rate`, `limit.bad_burst`, `limit.unknown_algorithm`. */
export interface TypedLimit {
  /** `5/min` */
  readonly rate: string;
  readonly burst?: number | undefined;
  /** Default: gcra. */
  readonly algorithm?: string | undefined;
}

export function readLimit({ rate, burst, algorithm = 'gcra' }: TypedLimit): Limit {
  return defineLimit({
    algorithm: readAlgorithm(algorithm),
    ...readRate(rate),
    ...(burst === undefined ? {} : { burst }),
  });
}

/** The queue that pipes share. Error: `limit.bad_rate`. */
export function readQueue(rate: string): Limit {
  return queueOf(readRate(rate));
}
