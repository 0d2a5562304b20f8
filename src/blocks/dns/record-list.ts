/** Records of the file, as many at a time as fit a screen or two. */
import type { Name } from './name.js';
import type { ResourceRecord } from './record.js';
import { zoneOf } from './record-edits.js';
import type { ZoneStore } from './store/zone-store.js';

export interface ListOptions {
  /** A zone, or a name within one: what is at and below it. Default all zones. */
  readonly name?: Name | undefined;
  /** Default all. */
  readonly types?: readonly number[] | undefined;
  /** Records given at once. */
  readonly most: number;
}

/** By zones, in canonical order. Only as many records are in memory. Error: `dns.no_such_zone`. */
export function* listRecords(
  zones: ZoneStore,
  { name, types, most }: ListOptions,
): Generator<readonly [zone: Name, records: readonly ResourceRecord[]], void, undefined> {
  const origins =
    name === undefined
      ? zones.list().map(({ origin }) => origin)
      : [zoneOf(zones, { name }, 'see which zones there are: ds dns zone list').origin];
  for (const origin of origins) {
    let batch: ResourceRecord[] = [];
    for (const record of zones.records(origin)) {
      if (types?.includes(record.type) === false) continue;
      if (name !== undefined && !record.name.isWithin(name)) continue;
      batch.push(record);
      if (batch.length < most) continue;
      yield [origin, batch];
      batch = [];
    }
    if (batch.length > 0) yield [origin, batch];
  }
}
