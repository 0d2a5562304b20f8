/**
 * Whether all authoritative servers of a zone serve the same: each is compared with the reference, the first of those with the
 * latest serial (RFC 1982).
 *
 *     ns1  192.0.2.1      serial 7              the reference
 *     ns1  2001:db8::1    serial 7
 *     ns2  192.0.2.2      serial 5              behind
 *     ns3  192.0.2.3      REFUSED               lame
 *     ns4  192.0.2.4      –                     silent
 *     ns5  –                                    has no address
 */
import type { DsError } from '../../../platform/errors.js';
import type { Name } from '../name.js';
import { canonicalRdata } from '../rdata/canonical.js';
import { nameAt } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { isLaterSerial } from '../serial.js';
import { soaSerial, withSerial } from '../soa.js';
import { type Message, Rcode, RRType, rcodeName } from '../wire.js';

/** One address of one server of the zone. */
export interface ZonePlace {
  readonly server: Name;
  readonly address: string;
  readonly port: number;
}

export type PlaceState =
  | { readonly kind: 'serving'; readonly soa: ResourceRecord; readonly ns: readonly Name[]; readonly ms: number }
  /** It answers, but not for this zone. */
  | { readonly kind: 'lame'; readonly why: string; readonly ms: number }
  | { readonly kind: 'silent'; readonly error: DsError };

export interface AskedPlace extends ZonePlace {
  readonly state: PlaceState;
}

export type Drift =
  | { readonly kind: 'silent' | 'lame'; readonly place: ZonePlace; readonly why: string }
  | { readonly kind: 'no_address'; readonly server: Name }
  | { readonly kind: 'serial'; readonly place: ZonePlace; readonly serial: number; readonly expected: number }
  /** The same serial, but another SOA record. */
  | { readonly kind: 'soa'; readonly place: ZonePlace; readonly soa: ResourceRecord; readonly expected: ResourceRecord }
  /** Other NS records than the reference has; `delegation`: those of the zone above. */
  | ({ readonly kind: 'ns'; readonly place: ZonePlace } & NameDifference)
  | ({ readonly kind: 'delegation' } & NameDifference);

interface NameDifference {
  readonly missing: readonly Name[];
  readonly extra: readonly Name[];
}

export interface DriftReport {
  /** Undefined when no server serves the zone. */
  readonly reference: AskedPlace | undefined;
  readonly drifts: readonly Drift[];
}

/** `delegated`: the servers that the zone above names, where it was asked. */
export function driftOf(
  places: readonly AskedPlace[],
  withoutAddress: readonly Name[],
  delegated: readonly Name[] | undefined,
): DriftReport {
  const reference = referenceOf(places);
  const drifts: Drift[] = withoutAddress.map((server) => ({ kind: 'no_address', server }));
  for (const place of places) drifts.push(...driftsOfPlace(place, reference));
  if (reference?.state.kind === 'serving' && delegated !== undefined) {
    const difference = namesDiffer(delegated, reference.state.ns);
    if (difference !== undefined) drifts.push({ kind: 'delegation', ...difference });
  }
  return { reference, drifts };
}

function referenceOf(places: readonly AskedPlace[]): AskedPlace | undefined {
  let best: AskedPlace | undefined;
  for (const place of places) {
    if (place.state.kind !== 'serving') continue;
    const isBetter =
      best?.state.kind !== 'serving' ||
      isLaterSerial(soaSerial(place.state.soa.rdata), soaSerial(best.state.soa.rdata));
    if (isBetter) best = place;
  }
  return best;
}

function driftsOfPlace(place: AskedPlace, reference: AskedPlace | undefined): Drift[] {
  const { state } = place;
  if (state.kind === 'silent') return [{ kind: 'silent', place, why: state.error.message }];
  if (state.kind === 'lame') return [{ kind: 'lame', place, why: state.why }];
  if (reference?.state.kind !== 'serving' || reference === place) return [];
  const drifts: Drift[] = [];
  const { soa: expectedSoa, ns: expectedNs } = reference.state;
  const serial = soaSerial(state.soa.rdata);
  const expected = soaSerial(expectedSoa.rdata);
  if (serial !== expected) drifts.push({ kind: 'serial', place, serial, expected });
  if (!sameSoa(state.soa, expectedSoa)) drifts.push({ kind: 'soa', place, soa: state.soa, expected: expectedSoa });
  const difference = namesDiffer(state.ns, expectedNs);
  if (difference !== undefined) drifts.push({ kind: 'ns', place, ...difference });
  return drifts;
}

/** But for the serial, which is told by itself. */
function sameSoa(a: ResourceRecord, b: ResourceRecord): boolean {
  const [one, other] = [a, b].map(({ type, rdata }) => canonicalRdata(type, withSerial(rdata, 0)));
  return a.ttl === b.ttl && Buffer.compare(one ?? new Uint8Array(), other ?? new Uint8Array()) === 0;
}

function namesDiffer(names: readonly Name[], expected: readonly Name[]): NameDifference | undefined {
  const lacks = (all: readonly Name[]) => (name: Name) => !all.some((other) => other.equals(name));
  const missing = expected.filter(lacks(names));
  const extra = names.filter(lacks(expected));
  return missing.length + extra.length === 0 ? undefined : { missing, extra };
}

/** What a server's answers to SOA and NS say of it; `ms` is how long the first took. */
export function stateOf(zone: Name, soaReply: Message, nsReply: Message, ms: number): PlaceState {
  const soa = soaReply.answers.find(({ type, name }) => type === RRType.SOA && name.equals(zone));
  if (soaReply.rcode !== Rcode.NOERROR) return { kind: 'lame', why: rcodeName(soaReply.rcode), ms };
  if (soa === undefined) return { kind: 'lame', why: 'it has no SOA record of the zone', ms };
  if (!soaReply.authoritative) return { kind: 'lame', why: 'it answers without authority (no AA)', ms };
  const ns = nsReply.answers
    .filter(({ type, name }) => type === RRType.NS && name.equals(zone))
    .map(({ rdata }) => nameAt(rdata, 0));
  return { kind: 'serving', soa, ns, ms };
}
