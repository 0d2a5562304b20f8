/** What an import of a master file would change. */
import type { Clock } from '../../../platform/clock.js';
import type { Name } from '../name.js';
import { differencesOf } from '../zone/differences.js';
import { type ImportFileOptions, importZoneFile } from './import-file.js';
import { withScratchZones } from './scratch.js';
import type { ZoneDifference, ZoneStore } from './zone-store.js';

export interface CompareFileOptions extends Pick<ImportFileOptions, 'stdin' | 'onProblem' | 'onProgress' | 'signal'> {
  readonly clock: Clock;
}

/**
 * `use` gets the differences from the zone as it is kept to the file, which stream. Errors: `dns.no_such_zone`, and those of
 * importZoneFile().
 */
export function compareZoneFile<T>(
  zones: ZoneStore,
  origin: Name,
  path: string,
  { clock, ...options }: CompareFileOptions,
  use: (differences: Iterable<ZoneDifference>) => Promise<T>,
): Promise<T> {
  return withScratchZones(clock, async (scratch) => {
    await importZoneFile(scratch, path, { ...options, origin });
    return use(differencesOf(zones.records(origin), scratch.records(origin), { asImport: true }));
  });
}
