/**
 * What comes by syslog goes the way of pushes. Syslog has no way to refuse:
 *
 *     entries ──▶ ingest ──stored──▶ done
 *                   ├─ full, locked, too much at once ──a second──▶ tried again; senders wait
 *                   └─ anything else, or the stop has come ──▶ lost: counted, and the log says so
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import type { ListenAddress } from '../../../platform/daemon/address.js';
import { commitPatiently } from '../agent/pipeline/patience.js';
import { type EntryBatch, lineBytesTotal } from '../entry-batch.js';
import { DEFAULT_TENANT } from '../log-store.js';
import { watchLosses } from '../syslog/port/losses.js';
import { openSyslogPort, type SyslogPort } from '../syslog/port/port.js';
import type { Ingest } from './ingest.js';
import type { LogMetrics } from './metrics.js';

/** Between two lines of the log that say the same, milliseconds. */
const SAY_AGAIN_MS = 10_000;

export interface SyslogParts {
  readonly address: ListenAddress;
  readonly ingest: Pick<Ingest, 'push'>;
  readonly metrics: Pick<LogMetrics, 'stored' | 'failed'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Nothing is tried again after it. */
  readonly stopping: AbortSignal;
}

/** Errors: `listen.*`. */
export async function openSyslog(parts: SyslogParts): Promise<SyslogPort> {
  const { address, clock, logger } = parts;
  const intoStore = new IntoStore(parts);
  const port = await openSyslogPort({
    transports: ['udp', 'tcp'],
    address,
    flag: 'ds log serve --syslog',
    clock,
    take: (batch) => intoStore.take(batch),
  });
  const closing = new AbortController();
  const watching = watchLosses(port, clock, closing.signal, (losses) => logger.warn({ losses }, 'syslog was lost'));
  const close = async () => {
    try {
      await port.close();
    } finally {
      closing.abort();
      await watching;
      intoStore.tellLost();
    }
  };
  return { ...port, close };
}

class IntoStore {
  readonly #parts: SyslogParts;
  /** Entries that the log does not tell of yet, and why they are lost. */
  #lost = 0;
  #reason: unknown;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(parts: SyslogParts) {
    this.#parts = parts;
  }

  /** Resolves when it is on disk, or lost. */
  async take(batch: EntryBatch): Promise<void> {
    const { ingest, metrics, clock, logger, stopping } = this.#parts;
    try {
      await commitPatiently(() => ingest.push(DEFAULT_TENANT, batch), {
        clock,
        signal: stopping,
        onTrouble: (err) =>
          logger.error({ err }, 'entries that came by syslog cannot be stored yet, and are tried again'),
        onRecovered: () => logger.info('entries that came by syslog are stored again'),
      });
      metrics.stored('syslog', batch.count, lineBytesTotal(batch));
    } catch (error) {
      metrics.failed(error, batch.count);
      this.#lost += batch.count;
      this.#reason = error;
      if (clock.monotonic() - this.#toldAt >= SAY_AGAIN_MS) this.tellLost();
    }
  }

  tellLost(): void {
    const { clock, logger } = this.#parts;
    if (this.#lost === 0) return;
    logger.error({ err: this.#reason, entries: this.#lost }, 'entries that came by syslog are lost');
    this.#lost = 0;
    this.#toldAt = clock.monotonic();
  }
}
