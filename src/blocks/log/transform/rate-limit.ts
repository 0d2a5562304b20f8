/**
 * `rate=100/s`: a token bucket for each stream. It holds as many entries as the rate names, so that a burst of them passes after a pause. Time
 * is that of shipping, not that of the entries; where the clock steps back, nothing is added until it is there again.
 */
import type { Rate } from '../../../platform/units.js';
import type { EntryBatch } from '../entry-batch.js';
import type { Labels } from '../labels.js';
import { Kept, keepEntries } from './columns.js';
import { StreamStates } from './stream-states.js';
import type { Transform, TransformOutput } from './transform.js';

interface Bucket {
  tokens: number;
  /** Nanoseconds since the Unix epoch, when they were counted; undefined: never. */
  at: bigint | undefined;
}

export class RateLimitTransform implements Transform {
  readonly name: string;
  readonly about: string;
  readonly #capacity: number;
  readonly #perNano: number;
  readonly #buckets: StreamStates<Bucket>;

  constructor(text: string, { count, perMs }: Rate) {
    this.name = `rate ${text}`;
    this.about = `lets ${text} entries of each stream pass`;
    this.#capacity = Math.max(1, count);
    this.#perNano = count / (perMs * 1e6);
    this.#buckets = new StreamStates(() => ({ tokens: this.#capacity, at: undefined }));
  }

  apply(batch: EntryBatch, now: bigint): TransformOutput {
    const buckets = batch.streams.map((stream) => this.#filled(stream, now));
    const kept = new Kept(batch);
    for (let i = 0; i < batch.count; i++) {
      const bucket = buckets[batch.streamOf?.[i] ?? 0];
      if (bucket === undefined || bucket.tokens < 1) continue;
      bucket.tokens--;
      kept.add(i);
    }
    return keepEntries(batch, kept.indexes(), 'rate limited');
  }

  #filled(stream: Labels, now: bigint): Bucket {
    const bucket = this.#buckets.of(stream);
    bucket.at ??= now;
    if (now > bucket.at) {
      bucket.tokens = Math.min(this.#capacity, bucket.tokens + Number(now - bucket.at) * this.#perNano);
      bucket.at = now;
    }
    return bucket;
  }
}
