import type { Random } from '../../../platform/clock.js';

const POOL_BYTES = 6 * 512;
const RANGE = 2 ** 48;

/** Numbers uniform in [0, 1) out of random bytes, which are asked for many at a time. */
export function uniform(random: Random): () => number {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === pool.length) {
      pool = Buffer.from(random.bytes(POOL_BYTES));
      at = 0;
    }
    at += 6;
    return pool.readUIntBE(at - 6, 6) / RANGE;
  };
}
