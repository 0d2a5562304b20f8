/**
 * When an object will expire by the rules of its bucket, for the header that S3 has for it. Nearly every request asks, and most buckets have no
 * rules: what a bucket has is kept for a second, or until this daemon changes it.
 */
import type { Clock } from '../../../platform/clock.js';
import type { BlobStore } from '../blob-store.js';
import { firstExpiry } from '../lifecycle/due.js';
import type { LifecycleRule } from '../lifecycle/rule.js';
import type { ObjectPlace, Tags } from '../object-types.js';
import { httpDate } from '../wire/http-values.js';
import { readLifecycleXml } from '../wire/lifecycle-xml.js';
import type { HeaderField } from './call.js';

/** Milliseconds. Other processes change rules, too. */
const KEPT_MS = 1_000;
const MOST_KEPT = 1_000;

export interface Expiring {
  readonly place: ObjectPlace;
  readonly size: number;
  readonly modifiedAt: number;
  /** Absent: they are looked up, where a rule asks for tags. */
  readonly tags?: Tags;
}

interface Kept {
  readonly until: number;
  readonly rules: readonly LifecycleRule[];
}

export class Expirations {
  readonly #store: Pick<BlobStore, 'getDocument' | 'getTags'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #kept = new Map<string, Kept>();

  constructor(store: Pick<BlobStore, 'getDocument' | 'getTags'>, clock: Pick<Clock, 'monotonic'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The bucket has other rules now, or is gone. */
  forget(bucket: string): void {
    this.#kept.delete(bucket);
  }

  /** Of the newest version of a key. A problem with it never fails the request, which is done already. */
  async fieldsOf({ place, size, modifiedAt, tags }: Expiring): Promise<readonly HeaderField[]> {
    const rules = await this.#rulesOf(place.bucket);
    if (rules.length === 0) return [];
    const known = tags ?? (rules.some(({ filter }) => filter.tags !== undefined) ? await this.#tagsOf(place) : {});
    const expiry = firstExpiry(rules, { key: place.key, size, tags: known }, modifiedAt);
    if (expiry === undefined) return [];
    const rule = encodeURIComponent(expiry.ruleId);
    return [['x-amz-expiration', `expiry-date="${httpDate(expiry.at)}", rule-id="${rule}"`]];
  }

  async #rulesOf(bucket: string): Promise<readonly LifecycleRule[]> {
    const now = this.#clock.monotonic();
    const kept = this.#kept.get(bucket);
    if (kept !== undefined && now < kept.until) return kept.rules;
    const entry = { until: now + KEPT_MS, rules: await this.#read(bucket) };
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(bucket, entry);
    return entry.rules;
  }

  async #read(bucket: string): Promise<readonly LifecycleRule[]> {
    try {
      return readLifecycleXml(Buffer.from(await this.#store.getDocument(bucket, 'lifecycle')));
    } catch {
      // Most have none, and that is an error of the store.
      return [];
    }
  }

  async #tagsOf(place: ObjectPlace): Promise<Tags> {
    const found = await this.#store.getTags(place).catch(() => undefined);
    return found?.tags ?? {};
  }
}
