/** What a zone has at its origin (RFC 1035, section 5.2). */
import { readSoa } from '../../soa.js';
import { RRType } from '../../wire/mnemonics.js';
import { setOf } from '../place.js';
import type { ZoneData } from '../zone-data.js';
import type { Tell } from './findings.js';

const AT = 0x40;

export function checkApex(zone: ZoneData, tell: Tell): void {
  const { origin } = zone;
  const sets = zone.node(origin);
  const soas = setOf(sets, RRType.SOA)?.rdatas ?? [];
  if (soas.length === 0) tell('soa_missing', origin, `${origin} has no SOA record`);
  if (soas.length > 1) tell('soa_multiple', origin, `${origin} has ${soas.length} SOA records: there may be one`);
  for (const rdata of soas) {
    const { mailbox } = readSoa(rdata);
    if (!mailbox.label(0).includes(AT)) continue;
    tell('mailbox_with_at', origin, `the mailbox of the SOA record is ${mailbox}: write a dot instead of the @`);
  }
  if (setOf(sets, RRType.NS) === undefined) tell('ns_missing', origin, `${origin} has no NS record`);
  if (setOf(sets, RRType.DS) === undefined) return;
  tell('ds_at_apex', origin, `${origin} has a DS record, which belongs into the zone above`);
}
