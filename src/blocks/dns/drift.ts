/** What `ds dns diff` takes; loaded when it runs. */

import type { DsError } from '../../platform/errors.js';
import { Asker } from './client/asker.js';
import type { TraceOptions } from './client/trace.js';
import { askPlaces, serverAt } from './client/zone-drift.js';
import { serversByDelegation, serversByResolver } from './client/zone-servers.js';
import { type AskedPlace, type DriftReport, driftOf } from './compare/drift.js';
import type { Name } from './name.js';
import { type DifferenceFields, differenceFields } from './record-fields.js';
import { RRType } from './wire.js';

export { rootsFor } from './client/trace.js';
export { driftJson, type PlaceRow, placeJson, placeRows, sayDrift, sayZonePlace } from './output/drift.js';
export { sayDifference } from './record-fields.js';
export { readTypedName, shortName } from './typed-name.js';

export interface DriftOptions extends Pick<TraceOptions, 'clock' | 'random' | 'signal'> {
  /** Of the zone's servers. */
  readonly port: number;
  readonly timeoutMs: number;
  readonly retries: number;
  /** How the servers are found: by these resolvers (none: those of this machine), or from these servers of the root down. */
  readonly by: { readonly resolvers: readonly string[] } | { readonly roots: NonNullable<TraceOptions['roots']> };
}

export interface ZoneDrift extends DriftReport {
  readonly places: readonly AskedPlace[];
}

/** Errors: `dns.no_zone_servers`; of kind `peer` when the servers cannot be found. */
export async function zoneDrift(zone: Name, options: DriftOptions): Promise<ZoneDrift> {
  const found = await findServers(zone, options);
  const places = await askPlaces(zone, found.places, options);
  return { places, ...driftOf(places, found.withoutAddress, found.delegated) };
}

async function findServers(zone: Name, { by, port, ...options }: DriftOptions) {
  if ('roots' in by) return serversByDelegation(zone, { ...options, port, roots: by.roots });
  const asker = new Asker(options);
  const { timeoutMs, retries } = options;
  const settings = { servers: by.resolvers, port, timeoutMs, retries };
  try {
    return await serversByResolver(zone, asker, by.resolvers.length === 0 ? { timeoutMs, retries } : settings, port);
  } finally {
    await asker.close();
  }
}

/** A record that a server has otherwise than the reference, or why it gave no zone. */
export type RecordDrift = { readonly place: AskedPlace } & (
  | { readonly difference: DifferenceFields }
  | { readonly error: DsError }
);

/** Transfers the zone from all that serve it, and tells of each difference from the reference. Errors: of the storage. */
export async function recordDrift(
  zone: Name,
  { places, reference }: ZoneDrift,
  { clock, random, signal, timeoutMs }: DriftOptions,
  tell: (drift: RecordDrift) => void,
): Promise<void> {
  if (reference === undefined) return;
  const others = places.filter((place) => place !== reference && place.state.kind === 'serving');
  const byShown = new Map([reference, ...others].map((place) => [serverAt(place, 'tcp').shown, place]));
  const placeOf = (shown: string) => byShown.get(shown) ?? reference;
  const { compareTransfers } = await import('./store/compare-transfers.js');
  await compareTransfers(
    zone,
    serverAt(reference, 'tcp'),
    others.map((place) => serverAt(place, 'tcp')),
    {
      ...{ clock, random, idleTimeoutMs: timeoutMs },
      ...(signal === undefined ? {} : { signal }),
      onDifference: ({ shown }, found) => {
        // The SOA record has been compared already.
        if (found.record.type !== RRType.SOA) tell({ place: placeOf(shown), difference: differenceFields(found) });
      },
      onFailure: ({ shown }, error) => tell({ place: placeOf(shown), error }),
    },
  );
}
