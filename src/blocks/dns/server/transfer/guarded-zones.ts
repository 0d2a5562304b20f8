/** Zones as they may be answered from: those whose copy has expired are here, but not to be used. */

import type { ExtendedError } from '../../edns-options.js';
import type { Name } from '../../name.js';
import type { ZoneSet } from '../../zone/zone-data.js';
import type { ZoneSource } from '../engine.js';
import { ZoneUnavailable } from '../unavailable.js';

/** `problemOf` is asked for the origin of each zone that is found, so it has to be quick. */
export function guardZones(zones: ZoneSource, problemOf: (origin: Name) => ExtendedError | undefined): ZoneSource {
  const guard = (all: ZoneSet): ZoneSet => ({
    find(name) {
      const zone = all.find(name);
      const problem = zone === undefined ? undefined : problemOf(zone.origin);
      if (problem !== undefined) throw new ZoneUnavailable(problem);
      return zone;
    },
  });
  return { reading: (work) => zones.reading((all) => work(guard(all))) };
}
