/** What comes by syslog goes the way of pushes. Syslog has no way to refuse: what cannot be stored now is tried again, and senders wait. */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import type { ListenAddress } from '../../../platform/daemon/address.js';
import { type EntryBatch, lineBytesTotal } from '../entry-batch.js';
import { DEFAULT_TENANT } from '../log-store.js';
import type { Ingest } from './ingest.js';
import type { LogMetrics } from './metrics.js';
import { openSyslogPort, type SyslogPort } from './syslog.js';

const AGAIN_AFTER_MS = 1_000;

export interface SyslogParts {
  readonly address: ListenAddress;
  readonly ingest: Ingest;
  readonly metrics: LogMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nothing is tried again after it. */
  readonly stopping: AbortSignal;
}

/** Errors: `listen.*`. */
export function openSyslog({ address, ingest, metrics, clock, logger, stopping }: SyslogParts): Promise<SyslogPort> {
  const take = async (batch: EntryBatch) => {
    for (;;) {
      try {
        await ingest.push(DEFAULT_TENANT, batch);
        metrics.stored('syslog', batch.count, lineBytesTotal(batch));
        return;
      } catch (err) {
        if (stopping.aborted) throw err;
        logger.error({ err }, 'entries that came by syslog cannot be stored yet; they are tried again');
        await clock.sleep(AGAIN_AFTER_MS, stopping).catch(() => {});
      }
    }
  };
  return openSyslogPort({ transports: ['udp', 'tcp'], address, flag: 'ds log serve --syslog', clock, take });
}
