import { type Message, Rcode, responseTo } from '../../../../src/blocks/dns/wire.js';
import { lookup } from '../../../../src/blocks/dns/zone/lookup.js';
import { sectionsOf } from '../../../../src/blocks/dns/zone/sections.js';
import type { ZoneSet } from '../../../../src/blocks/dns/zone/zone-data.js';

/** The authoritative response to a query of one question; REFUSED where the name is in no zone here. */
export function respond(zones: ZoneSet, query: Message): Message {
  const [question] = query.questions;
  const found = question && lookup(zones, question);
  return responseTo(query, found === undefined ? { rcode: Rcode.REFUSED } : sectionsOf(found));
}
