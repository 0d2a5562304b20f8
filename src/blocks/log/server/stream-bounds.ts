/** How many streams tenants have, so that one whose labels are all different cannot fill the memory of all. */
import type { Clock } from '../../../platform/clock.js';
import type { EntryBatch } from '../entry-batch.js';
import { withStreams } from '../entry-batches.js';
import { type Labels, labelsKey } from '../labels.js';
import type { Tenant } from '../log-store.js';
import type { Decoded } from '../wire/intake.js';
import type { Grant } from './tenants.js';

/** What of a push may be stored. */
export interface Admitted {
  readonly batch: EntryBatch;
  readonly refusedStreams: ReadonlySet<Labels>;
}

const NONE: ReadonlySet<Labels> = new Set();

/** Retention takes streams away: who is at the bound is counted anew, so often at most. */
const COUNT_AGAIN_MS = 10_000;
/** Whose streams are known; the others are looked up when they push again. */
const MOST_TENANTS = 1_000;

interface Known {
  readonly keys: Set<string>;
  readonly countedAt: number;
}

export class StreamBounds {
  readonly #streamsOf: (tenant: Tenant) => Promise<readonly Labels[]>;
  readonly #clock: Clock;
  readonly #tenants = new Map<Tenant, Known>();

  constructor(streamsOf: (tenant: Tenant) => Promise<readonly Labels[]>, clock: Clock) {
    this.#streamsOf = streamsOf;
    this.#clock = clock;
  }

  /** The rest of it is added to the refusals. */
  async admit({ tenant, mostStreams }: Grant, { batch, refusals }: Decoded): Promise<Admitted> {
    let known = this.#tenants.get(tenant) ?? (await this.#count(tenant));
    const fresh = batch.streams.filter((labels) => !known.keys.has(labelsKey(labels)));
    if (fresh.length === 0) return { batch, refusedStreams: NONE };
    if (known.keys.size + fresh.length > mostStreams && this.#clock.monotonic() - known.countedAt > COUNT_AGAIN_MS) {
      known = await this.#count(tenant);
    }
    const wanted = new Set<Labels>();
    for (const labels of batch.streams) {
      const key = labelsKey(labels);
      if (!known.keys.has(key) && known.keys.size >= mostStreams) continue;
      known.keys.add(key);
      wanted.add(labels);
    }
    if (wanted.size === batch.streams.length) return { batch, refusedStreams: NONE };
    const kept = withStreams(batch, wanted);
    refusals.add(
      'too_many_streams',
      `the tenant has ${mostStreams} streams, and may have no more`,
      batch.count - kept.count,
    );
    return { batch: kept, refusedStreams: new Set(batch.streams.filter((labels) => !wanted.has(labels))) };
  }

  async #count(tenant: Tenant): Promise<Known> {
    const streams = await this.#streamsOf(tenant);
    const known = { keys: new Set(streams.map(labelsKey)), countedAt: this.#clock.monotonic() };
    const [oldest] = this.#tenants.keys();
    if (this.#tenants.size >= MOST_TENANTS && oldest !== undefined) this.#tenants.delete(oldest);
    this.#tenants.set(tenant, known);
    return known;
  }
}
