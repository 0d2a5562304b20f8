/** What Loki says beside an answer that is not whole: `warnings`, which Grafana shows. */
import type { ScanTotals } from '../entry-source.js';

/** To be spread into the answer. */
export function warningsOf({ damagedBlocks }: ScanTotals): { readonly warnings?: readonly string[] } {
  if (damagedBlocks === 0) return {};
  const blocks = damagedBlocks === 1 ? '1 block is' : `${damagedBlocks} blocks are`;
  return { warnings: [`${blocks} damaged and left out: see the log of ds log serve`] };
}
