/** A zone that is fetched from other servers because somebody asks for it: once, or to be followed from then on. */

import type { Clock, Random } from '../../../../platform/clock.js';
import { DsError } from '../../../../platform/errors.js';
import type { NameServer } from '../../client/server-address.js';
import type { Name } from '../../name.js';
import { readSoa } from '../../soa.js';
import { zoneExists } from '../../store/import.js';
import type { Secondary } from '../../store/secondary-store.js';
import type { ImportReport } from '../../store/zone-store.js';
import type { DnsStore } from '../../store.js';
import { intervalsOf } from './intervals.js';
import { noPrimary } from './peers.js';
import { receiveZone } from './receive.js';

export interface FetchOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds to connect, and between two messages. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Everything is done, reported, and undone. */
  readonly dryRun?: boolean;
  readonly comment?: string;
  /** Told of how many records have come so far. */
  readonly onRecords?: (count: number) => void;
}

export interface FetchReport extends ImportReport {
  /** Which server gave the zone. */
  readonly from: string;
}

/**
 * The whole zone, from the first server that gives it; it is a primary zone here, changed by import. Errors: those of
 * receiveZone(), `dns.no_primary` when there were several servers, `dns.secondary_zone`.
 */
export async function fetchZone(
  { zones }: Pick<DnsStore, 'zones'>,
  origin: Name,
  servers: readonly NameServer[],
  options: FetchOptions,
): Promise<FetchReport> {
  const { report } = await fetchFrom(zones, origin, servers, 'bump', options);
  return report;
}

/**
 * The same, and a daemon on the file keeps it in step from then on; it is a secondary zone here. With `dryRun` it is not
 * followed. Errors: the same, and `dns.zone_exists` for a zone that is primary here.
 */
export async function followZone(
  { zones, secondaries }: Pick<DnsStore, 'zones' | 'secondaries'>,
  origin: Name,
  servers: readonly NameServer[],
  options: FetchOptions,
): Promise<{ readonly report: FetchReport; readonly secondary: Secondary | undefined }> {
  if (zones.get(origin)?.kind === 'primary') throw zoneExists(origin);
  const { report, expireMs, begunAt } = await fetchFrom(zones, origin, servers, 'keep', options);
  if (options.dryRun === true) return { report, secondary: undefined };
  const checked = { at: options.clock.now(), with: report.from, expiresAt: begunAt + expireMs };
  const primaries = servers.map(({ shown }) => shown);
  return { report, secondary: secondaries.follow(origin, primaries, checked) };
}

async function fetchFrom(
  zones: DnsStore['zones'],
  origin: Name,
  servers: readonly NameServer[],
  serial: 'bump' | 'keep',
  { clock, random, timeoutMs, signal, dryRun = false, comment = '', onRecords }: FetchOptions,
) {
  const problems: DsError[] = [];
  for (const server of servers) {
    const begunAt = clock.now();
    try {
      const received = await receiveZone(zones, origin, server, {
        import: { serial, comment, dryRun },
        transfer: { idleTimeoutMs: timeoutMs, clock, random, ...(signal && { signal }) },
        ...(onRecords && { onRecords }),
      });
      if (received.form !== 'whole') throw new Error('AXFR brought differences');
      const { expireMs } = intervalsOf(readSoa(received.soa.rdata));
      return { report: { ...received.report, from: server.shown }, expireMs, begunAt };
    } catch (error) {
      // What the store says would be the same with the next server.
      if (!(error instanceof DsError) || error.kind !== 'peer') throw error;
      problems.push(error);
    }
  }
  const [only, ...others] = problems;
  if (only !== undefined && others.length === 0) throw only;
  throw noPrimary(origin, problems);
}
