/** Leases of concurrency limits. */
import type { Random } from '../../platform/clock.js';

/** 52 random bits: nobody gives back another's place by guessing. */
export function newLease(random: Random): number {
  const bytes = random.bytes(8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return (view.getUint32(0) >>> 12) * 2 ** 32 + view.getUint32(4);
}
