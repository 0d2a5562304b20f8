/** How much memory keys and values may take. */
import { getHeapStatistics } from 'node:v8';
import { configErrors } from '../../../platform/config/errors.js';

const MEGABYTE = 1024 * 1024;
/** Of what V8's heap may grow to: beyond it V8 collects garbage all the time, and then ends the process. */
const MOST_OF_HEAP = 0.7;

/** Bytes. Error: `config.invalid` where the heap does not have them. `heapBytes`: what it may grow to. */
export function cacheBytesOf(cacheMb: number, heapBytes = getHeapStatistics().heap_size_limit): number {
  const most = Math.floor((heapBytes * MOST_OF_HEAP) / MEGABYTE);
  if (cacheMb <= most) return cacheMb * MEGABYTE;
  const wanted = Math.ceil(cacheMb / MOST_OF_HEAP);
  throw configErrors.error(
    'config.invalid',
    `cache-mb cannot be ${cacheMb}: Node.js gives this process a heap of ${most} MB for it`,
    {
      hint: `NODE_OPTIONS=--max-old-space-size=${wanted} ds kv serve --cache-mb ${cacheMb}, where the machine has that memory`,
      details: { option: 'cache-mb', most_mb: most },
    },
  );
}
