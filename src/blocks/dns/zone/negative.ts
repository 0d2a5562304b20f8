/** The SOA of negative answers, by which caches know how long they hold (RFC 2308, sections 3 and 5). */
import type { RRset } from '../record.js';
import { soaMinimum } from '../soa.js';
import { RRType } from '../wire/mnemonics.js';
import { setOf } from './place.js';
import type { ZoneData } from './zone-data.js';

/** With the lower of its own TTL and its MINIMUM field as TTL. */
export function negativeSoa(zone: ZoneData): RRset | undefined {
  const soa = setOf(zone.node(zone.origin), RRType.SOA);
  const rdata = soa?.rdatas[0];
  if (soa === undefined || rdata === undefined) return undefined;
  return { ...soa, ttl: Math.min(soa.ttl, soaMinimum(rdata)) };
}
