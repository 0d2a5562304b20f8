/** Identifiers of requests: 16 hexadecimal digits, random, so that nobody can guess another one's. */
import type { Random } from '../../../platform/clock.js';

const BYTES = 8;
/** Random bytes are asked for so many identifiers at a time: a call for each would cost more than the rest of it. */
const AT_A_TIME = 256;

export function requestIds(random: Random): () => string {
  let pool = '';
  let at = 0;
  return () => {
    if (at >= pool.length) {
      pool = Buffer.from(random.bytes(BYTES * AT_A_TIME))
        .toString('hex')
        .toUpperCase();
      at = 0;
    }
    at += BYTES * 2;
    return pool.slice(at - BYTES * 2, at);
  };
}
