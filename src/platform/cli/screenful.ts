/** How much of a long list is shown: on a terminal some of it unless told otherwise, in pipes and as JSON all of it. */
import { countFlag } from './flags.js';
import type { Output } from './output.js';

/** Lines. */
export const SCREENFUL = 1_000;

/** The flag `--limit`. @param what there is a line of each: `lines`, `rows` */
export function limitFlag(what: string) {
  return countFlag({ description: `${what} at the most (default: on a terminal ${SCREENFUL}, else all)` });
}

/** How many are shown; undefined: all. @param limit what {@link limitFlag} says */
export function mostShown(limit: number | undefined, out: Pick<Output, 'isTerminal' | 'json'>): number | undefined {
  return limit ?? (out.isTerminal && !out.json ? SCREENFUL : undefined);
}
