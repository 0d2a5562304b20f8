/**
 * What answers an IXFR query (RFC 1995, sections 2 to 5):
 *
 *     what one has ─ the present serial, or a later one ───────▶ current: the SOA alone
 *                  ─ in the journal, and no longer than the zone ▶ incremental
 *                  ─ else ────────────────────────────────────────▶ whole: as AXFR
 */
import { isLaterSerial } from '../../serial.js';
import type { ChangeSummary } from '../../store/zone-store.js';

export type Plan =
  | { readonly form: 'current' | 'whole' }
  | { readonly form: 'incremental'; readonly changes: readonly ChangeSummary[]; readonly records: number };

/** SOA records around the lists of a difference sequence. */
const SOAS_PER_CHANGE = 2;

/** `have`: the serial that the query names; undefined for AXFR. */
export function planTransfer(
  zone: { readonly serial: number; readonly records: number },
  have: number | undefined,
  changesSince: (serial: number) => readonly ChangeSummary[] | undefined,
): Plan {
  if (have === undefined) return { form: 'whole' };
  if (have === zone.serial || isLaterSerial(have, zone.serial)) return { form: 'current' };
  const changes = changesSince(have);
  if (changes === undefined) return { form: 'whole' };
  const records = changes.reduce((sum, { removed, added }) => sum + removed + added + SOAS_PER_CHANGE, 0);
  // Both end with the SOA; differences begin with it, too.
  return records + 1 <= zone.records ? { form: 'incremental', changes, records } : { form: 'whole' };
}
