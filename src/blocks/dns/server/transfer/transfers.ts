/**
 * Zones on their way between servers, put together:
 *
 *     file ──Watch──▶ Notifier ──NOTIFY──▶ secondaries elsewhere ──SOA, IXFR, AXFR──▶ OutgoingTransfers
 *          └────────▶ Secondaries ──SOA, IXFR, AXFR──▶ primaries elsewhere ──NOTIFY──▶ Secondaries
 *                          └── what has expired ──▶ guardZones, OutgoingTransfers
 */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock, Random } from '../../../../platform/clock.js';
import type { NameServer } from '../../client/server-address.js';
import type { DnsStore } from '../../store.js';
import type { AccessList } from '../access.js';
import type { Transfers, ZoneSource } from '../engine.js';
import { TransferCounts } from './counts.js';
import { guardZones } from './guarded-zones.js';
import { registerTransferMetrics } from './metrics.js';
import { Notifier } from './notifier.js';
import { OutgoingTransfers } from './outgoing.js';
import { Secondaries } from './secondaries.js';
import { Watch } from './watch.js';

export interface TransferParts {
  readonly store: Pick<DnsStore, 'zones' | 'secondaries'>;
  readonly mayTransfer: AccessList;
  /** Who is told of changes. */
  readonly notify: readonly NameServer[];
  readonly nsid: Buffer | undefined;
  /** Called when a zone is no longer to be answered from: what is kept of its answers has to go. */
  readonly onExpired: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface ZoneTransfers extends Transfers {
  /** The zones of the store, but for those whose copy has expired. */
  readonly zones: ZoneSource;
  registerMetrics(registry: Registry): void;
  /** From now on changes are noticed and told, and zones followed. */
  start(): void;
  /** Looks for changes now; otherwise that is done four times a second. */
  look(): void;
  /** Ends what is under way to and from other servers, but not the transfers that connections send. */
  close(): Promise<void>;
}

export function createTransfers(parts: TransferParts): ZoneTransfers {
  const { store, mayTransfer, notify, nsid, onExpired, clock, random, logger } = parts;
  const { zones } = store;
  const counts = new TransferCounts();
  const common = { zones, counts, clock, random, logger };
  const secondaries = new Secondaries({ ...common, secondaries: store.secondaries, onExpired });
  const comesFrom: typeof secondaries.comesFrom = (origin, server) => secondaries.comesFrom(origin, server);
  const notifier = new Notifier({ ...common, servers: notify, comesFrom });
  const problemOf: typeof secondaries.problemOf = (origin) => secondaries.problemOf(origin);
  const outgoing = new OutgoingTransfers({ ...common, mayTransfer, nsid, problemOf });
  const watch = new Watch({
    version: () => zones.version() + store.secondaries.version(),
    onChange: () => {
      // First what is followed: nobody is told of what came from him.
      secondaries.look();
      notifier.look();
    },
    clock,
    logger,
  });
  return {
    zones: guardZones(zones, problemOf),
    single: (query, client) => outgoing.single(query, client),
    transfer: (query, client) => outgoing.transfer(query, client),
    notified: (query, client) => secondaries.notified(query, client),
    registerMetrics: (registry) =>
      registerTransferMetrics(registry, counts, {
        sending: () => outgoing.underWay,
        followed: () => secondaries.size,
        expired: () => secondaries.expired,
      }),
    start: () => watch.start(),
    look: () => watch.look(),
    async close() {
      await watch.close();
      await Promise.all([notifier.close(), secondaries.close()]);
    },
  };
}
