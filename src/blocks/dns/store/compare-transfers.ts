/**
 * A zone as several servers transfer it, record by record. Transfers come in no order, so each is sorted in a file of its own that
 * is removed afterwards: memory does not grow with the zone.
 */
import type { Clock, Random } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import type { NameServer } from '../client/server-address.js';
import { transferZone } from '../client/transfer-zone.js';
import type { Name } from '../name.js';
import { differencesOf } from '../zone/differences.js';
import { withScratchZones } from './scratch.js';
import type { ZoneDifference, ZoneStore } from './zone-store.js';

export interface CompareTransfersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Milliseconds to connect, and between two messages. */
  readonly idleTimeoutMs: number;
  /** Told of each difference from the reference, as it is found. */
  readonly onDifference: (server: NameServer, difference: ZoneDifference) => void;
  /** Told of a server that gave no zone that could be compared, the reference included. */
  readonly onFailure: (server: NameServer, error: DsError) => void;
}

/** Compares all others with the reference; when that gives no zone, with nothing. Errors: the signal's reason; of the storage. */
export function compareTransfers(
  origin: Name,
  reference: NameServer,
  others: readonly NameServer[],
  options: CompareTransfersOptions,
): Promise<void> {
  const { clock, onDifference } = options;
  return withScratchZones(clock, async (expected) => {
    if (!(await fetched(expected, origin, reference, options))) return;
    for (const server of others) {
      await withScratchZones(clock, async (found) => {
        if (!(await fetched(found, origin, server, options))) return;
        for (const difference of differencesOf(expected.records(origin), found.records(origin))) {
          onDifference(server, difference);
        }
      });
    }
  });
}

/** False when there is no zone to compare, which then was told. */
async function fetched(
  zones: ZoneStore,
  origin: Name,
  server: NameServer,
  { clock, random, signal, idleTimeoutMs, onFailure }: CompareTransfersOptions,
): Promise<boolean> {
  const incoming = zones.beginImport(origin, { source: server.shown, serial: 'keep' });
  const more = signal === undefined ? {} : { signal };
  try {
    for await (const part of transferZone(server, origin, { clock, random, idleTimeoutMs, ...more })) {
      if (part.kind === 'records') for (const record of part.records) incoming.add(record);
    }
    incoming.finish();
    return true;
  } catch (error) {
    incoming.abort();
    if (!(error instanceof DsError) || (error.kind !== 'peer' && error.kind !== 'usage')) throw error;
    onFailure(server, error);
    return false;
  }
}
