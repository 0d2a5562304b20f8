/**
 * The door of the domain name system: all that commands and other blocks may import.
 *
 * Light by construction: `ds dns query` is measured as a whole process, so what a query over UDP does not need is loaded when
 * it is used. So are the store, the server and everything that only some commands take.
 */
import type { Block } from '../../platform/daemon/block.js';

export { dnsOptions } from './server/options.js';

/** The block as the catalogue has it, for `ds dns serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}
