/**
 * Whether a zone makes sense, beyond each record by itself: what named-checkzone (BIND), nsd-checkzone, kzonecheck (Knot) and
 * pdnsutil (PowerDNS) find, in one walk over the names in canonical order, a name at a time in memory:
 *
 *     the origin                    SOA and NS                             check/apex.ts
 *     every name                    CNAME, DNAME, wildcards, hosts         check/owner.ts
 *     names at and below cuts       what is never answered                 check/cuts.ts
 *     names that are answered       where NS, MX, SRV and CNAME lead       check/references.ts
 *
 * What each finding means for the zone, and who else finds it: check/findings.ts. Not here are records twice and records of
 * one set with several TTLs, which a zone does not have (whoever reads a file has put them right), and DNSSEC.
 */
import type { ResourceRecord } from '../record.js';
import { checkApex } from './check/apex.js';
import { Cuts } from './check/cuts.js';
import { finding, type Tell } from './check/findings.js';
import { checkOwner, ownersOf } from './check/owner.js';
import { References } from './check/references.js';
import type { ZoneProblem } from './problem.js';
import type { ZoneData } from './zone-data.js';

export interface ZoneToCheck extends ZoneData {
  /** Owner by owner, in canonical order (RFC 4034, section 6.1). */
  records(): Iterable<ResourceRecord>;
}

/** In the order of the names, as they are found; with an error among them the zone is not to be served. */
export function* checkZone(zone: ZoneToCheck): Generator<ZoneProblem, void, undefined> {
  let found: ZoneProblem[] = [];
  const tell: Tell = (code, name, message) => found.push(finding(code, name, message));
  const cuts = new Cuts(zone.origin, tell);
  const references = new References(zone, tell);
  checkApex(zone, tell);
  for (const owner of ownersOf(zone.records())) {
    checkOwner(owner, zone.origin, tell);
    if (!cuts.isBelow(owner)) references.check(owner);
    if (found.length === 0) continue;
    yield* found;
    found = [];
  }
  cuts.finish();
  yield* found;
}
