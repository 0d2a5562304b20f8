/** How many streams tenants have, so that one whose labels are all different cannot fill the memory of all. */
import { createHash } from 'node:crypto';
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
/** Whose streams are known, and how many of all together; the others are looked up when they push again. */
const MOST_TENANTS = 1_000;
const MOST_KNOWN = 1_000_000;
/** Longer keys are known by their hash. */
const LONGEST_KEY = 64;

interface Known {
  readonly keys: Set<string>;
  readonly countedAt: number;
}

export class StreamBounds {
  readonly #streamsOf: (tenant: Tenant) => Promise<readonly Labels[]>;
  readonly #clock: Clock;
  /** While a tenant is counted all its pushes wait for the same. Oldest first. */
  readonly #tenants = new Map<Tenant, { counted: Promise<Known>; known?: Known }>();

  constructor(streamsOf: (tenant: Tenant) => Promise<readonly Labels[]>, clock: Clock) {
    this.#streamsOf = streamsOf;
    this.#clock = clock;
  }

  /** The rest of it is added to the refusals. */
  async admit({ tenant, mostStreams }: Grant, { batch, refusals }: Decoded): Promise<Admitted> {
    const keys = batch.streams.map(keyOf);
    let known = await (this.#tenants.get(tenant)?.counted ?? this.#count(tenant));
    const isFresh = (key: string) => !known.keys.has(key);
    const fresh = keys.filter(isFresh).length;
    if (fresh === 0) return { batch, refusedStreams: NONE };
    if (known.keys.size + fresh > mostStreams && this.#clock.monotonic() - known.countedAt > COUNT_AGAIN_MS) {
      known = await this.#count(tenant);
    }
    const wanted = new Set<Labels>();
    batch.streams.forEach((labels, i) => {
      const key = keys[i] ?? '';
      if (isFresh(key) && known.keys.size >= mostStreams) return;
      known.keys.add(key);
      wanted.add(labels);
    });
    this.#makeRoom(tenant);
    if (wanted.size === batch.streams.length) return { batch, refusedStreams: NONE };
    const kept = withStreams(batch, wanted);
    refusals.add(
      'too_many_streams',
      `the tenant has ${mostStreams} streams, and may have no more`,
      batch.count - kept.count,
    );
    return { batch: kept, refusedStreams: new Set(batch.streams.filter((labels) => !wanted.has(labels))) };
  }

  #count(tenant: Tenant): Promise<Known> {
    const counting = this.#read(tenant);
    const entry: { counted: Promise<Known>; known?: Known } = { counted: counting };
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, entry);
    counting.then(
      (known) => {
        entry.known = known;
      },
      // Told to who waits for it; the next push tries again.
      () => {
        if (this.#tenants.get(tenant) === entry) this.#tenants.delete(tenant);
      },
    );
    return counting;
  }

  async #read(tenant: Tenant): Promise<Known> {
    const streams = await this.#streamsOf(tenant);
    return { keys: new Set(streams.map(keyOf)), countedAt: this.#clock.monotonic() };
  }

  #makeRoom(present: Tenant): void {
    let known = 0;
    for (const entry of this.#tenants.values()) known += entry.known?.keys.size ?? 0;
    for (const [tenant, entry] of this.#tenants) {
      if (known <= MOST_KNOWN && this.#tenants.size <= MOST_TENANTS) return;
      if (tenant === present) continue;
      this.#tenants.delete(tenant);
      known -= entry.known?.keys.size ?? 0;
    }
  }
}

function keyOf(labels: Labels): string {
  const key = labelsKey(labels);
  return key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('base64');
}
