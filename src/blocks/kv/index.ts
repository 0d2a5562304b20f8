/** The key-value store's door: all that commands and other blocks may import. Light: the store and the daemon are loaded when used. */
import type { Block } from '../../platform/daemon/block.js';

export { kvOptions } from './server/options.js';

/** Where `ds kv serve` listens when it is not told, for hints. */
export const kvUrl = 'redis://127.0.0.1:6379';

/** The block as the catalogue has it, for `ds kv serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}
