/** What the servers of a zone serve, as rows, as sentences and as a document. */
import type { AskedPlace, Drift, DriftReport, ZonePlace } from '../compare/drift.js';
import type { Name } from '../name.js';
import { printRdata } from '../rdata/index.js';
import { soaSerial } from '../soa.js';
import { RRType } from '../wire.js';
import type { JsonObject } from './json.js';
import { sayName } from './outcome.js';

export interface PlaceRow {
  readonly server: string;
  readonly address: string;
  /** `serving`, `lame`, `silent`. */
  readonly state: string;
  /** Undefined unless it serves the zone, as is the next. */
  readonly serial: number | undefined;
  readonly ms: number | undefined;
  /** Nothing is to be said of it. */
  readonly isWell: boolean;
}

export function placeRows(places: readonly AskedPlace[], { drifts }: DriftReport): PlaceRow[] {
  return places.map((place) => {
    const { state } = place;
    const isWell = !drifts.some((drift) => 'place' in drift && isSame(drift.place, place));
    return {
      server: place.server.toString(),
      address: place.address,
      state: state.kind,
      serial: state.kind === 'serving' ? soaSerial(state.soa.rdata) : undefined,
      ms: state.kind === 'silent' ? undefined : state.ms,
      isWell,
    };
  });
}

function isSame(a: ZonePlace, b: ZonePlace): boolean {
  return a.address === b.address && a.server.equals(b.server);
}

/** `ns2.shop.test 192.0.2.2` */
export function sayZonePlace({ server, address }: ZonePlace): string {
  return `${sayName(server)} ${address}`;
}

export function sayDrift(drift: Drift): string {
  switch (drift.kind) {
    case 'silent':
      return `${sayZonePlace(drift.place)} does not answer: ${drift.why}`;
    case 'lame':
      return `${sayZonePlace(drift.place)} does not serve the zone: ${drift.why}`;
    case 'no_address':
      return `${sayName(drift.server)} has no address that could be found`;
    case 'serial':
      return `${sayZonePlace(drift.place)} has serial ${drift.serial}, not ${drift.expected}`;
    case 'soa': {
      const [is, expected] = [drift.soa, drift.expected].map(
        ({ ttl, rdata }) => `${ttl} ${printRdata(RRType.SOA, rdata)}`,
      );
      return `${sayZonePlace(drift.place)} has another SOA record: ${is}, not ${expected}`;
    }
    case 'ns':
      return `${sayZonePlace(drift.place)} has other name servers: ${sayNames(drift)}`;
    case 'delegation':
      return `the zone above names other servers: ${sayNames(drift)}`;
  }
}

function sayNames({ missing, extra }: { readonly missing: readonly Name[]; readonly extra: readonly Name[] }): string {
  return [...missing.map((name) => `- ${sayName(name)}`), ...extra.map((name) => `+ ${sayName(name)}`)].join(', ');
}

export function driftJson(drift: Drift): JsonObject {
  const place = 'place' in drift ? { server: drift.place.server.toString(), address: drift.place.address } : {};
  const common = { drift: drift.kind, ...place, message: sayDrift(drift) };
  switch (drift.kind) {
    case 'no_address':
      return { ...common, server: drift.server.toString() };
    case 'serial':
      return { ...common, serial: drift.serial, expected: drift.expected };
    case 'ns':
    case 'delegation':
      return { ...common, missing: drift.missing.map(String), extra: drift.extra.map(String) };
    default:
      return common;
  }
}

export function placeJson(row: PlaceRow): JsonObject {
  const { server, address, state, serial, ms } = row;
  return {
    ...{ server, address, state },
    ...(serial === undefined ? {} : { serial }),
    ...(ms === undefined ? {} : { query_time_ms: Number(ms.toFixed(3)) }),
  };
}
