/** What all pushes have in common once they are decoded: rights, rate, streams, the way to the disk, and the count of it. */
import type { Clock } from '../../../platform/clock.js';
import { lineBytesTotal, metadataTotal } from '../entry-batch.js';
import type { Labels } from '../labels.js';
import type { Decoded } from '../wire/intake.js';
import type { Refusals } from '../wire/refusals.js';
import type { Call } from './call.js';
import type { Ingest } from './ingest.js';
import type { LogMetrics } from './metrics.js';
import type { StreamBounds } from './stream-bounds.js';
import { withoutTooOld } from './too-old.js';

/** By which protocol it came, for the metrics. */
export type Origin = 'loki' | 'otlp' | 'elasticsearch' | 'ndjson' | 'syslog';

export interface Written {
  readonly refusals: Refusals;
  readonly accepted: number;
  readonly refusedStreams: ReadonlySet<Labels>;
}

export class Writer {
  readonly #ingest: Ingest;
  readonly #bounds: StreamBounds;
  readonly #metrics: LogMetrics;
  readonly #clock: Clock;
  readonly #keptFrom: () => bigint | undefined;

  constructor(parts: {
    readonly ingest: Ingest;
    readonly bounds: StreamBounds;
    readonly metrics: LogMetrics;
    readonly clock: Clock;
    /** What is older is refused; nanoseconds since the Unix epoch. */
    readonly keptFrom: () => bigint | undefined;
  }) {
    this.#ingest = parts.ingest;
    this.#bounds = parts.bounds;
    this.#metrics = parts.metrics;
    this.#clock = parts.clock;
    this.#keptFrom = parts.keptFrom;
  }

  /** Nanoseconds since the Unix epoch. */
  get now(): bigint {
    return BigInt(this.#clock.micros()) * 1_000n;
  }

  /**
   * Resolves when it is on disk. With `whole`, nothing is stored where an entry is refused. Errors: `log.limited`, `log.overloaded`, those of
   * the store.
   */
  async write({ grant }: Pick<Call, 'grant'>, origin: Origin, decoded: Decoded, whole = false): Promise<Written> {
    const bytes = lineBytesTotal(decoded.batch);
    try {
      // A sender whose lines are empty is held to its rate, too.
      grant.rate?.take(bytes + metadataTotal(decoded.batch), this.#clock.monotonic());
      // A bulk request is answered item by item, and what is old in it goes with the next look of retention.
      const recent = origin === 'elasticsearch' ? decoded.batch : withoutTooOld(decoded, this.#keptFrom());
      const { batch, refusedStreams } = await this.#bounds.admit(grant, { ...decoded, batch: recent });
      if (whole && decoded.refusals.total > 0) {
        this.#metrics.refused(decoded.refusals);
        return { refusals: decoded.refusals, accepted: 0, refusedStreams };
      }
      await this.#ingest.push(grant.tenant, batch);
      this.#metrics.stored(origin, batch.count, bytes);
      this.#metrics.refused(decoded.refusals);
      return { refusals: decoded.refusals, accepted: batch.count, refusedStreams };
    } catch (error) {
      this.#metrics.failed(error, decoded.batch.count);
      throw error;
    }
  }
}
