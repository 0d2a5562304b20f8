/** The SOA record of a zone that is here. */
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { RRType } from '../../wire.js';
import type { ZoneSet } from '../../zone/zone-data.js';

/** Undefined when the zone is not here. */
export function storedSoa(zones: ZoneSet, origin: Name): ResourceRecord | undefined {
  const zone = zones.find(origin);
  if (zone === undefined || !zone.origin.equals(origin)) return undefined;
  const set = zone.node(origin).find(({ type }) => type === RRType.SOA);
  const [rdata] = set?.rdatas ?? [];
  return set === undefined || rdata === undefined
    ? undefined
    : { name: set.name, type: set.type, class: set.class, ttl: set.ttl, rdata };
}
