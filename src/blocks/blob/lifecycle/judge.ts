/**
 * What a lifecycle does to the versions of a bucket, which are shown to it one after the other: by key, the newest first. Of a key it keeps
 * in mind no more than
 *
 *     the version before    when it came, the present one became noncurrent
 *     how many noncurrent   ones were before
 *     a delete marker       that is the newest, until it is known whether anything is under it
 */
import type { Tags } from '../object-types.js';
import { expiryOf, expiryOfMarker, matchesFilter, midnightAfter } from './due.js';
import type { LifecycleRule } from './rule.js';

export interface JudgedVersion {
  readonly key: string;
  readonly isMarker: boolean;
  readonly size: number;
  readonly modifiedAt: number;
  readonly tags: Tags;
}

export type VersionAction = 'expire' | 'expire_noncurrent' | 'remove_marker';

export interface Verdict<Version extends JudgedVersion> {
  readonly action: VersionAction;
  readonly version: Version;
  /** Of the rule. */
  readonly ruleId: string;
  /** Noncurrent versions that are newer and have to stay. */
  readonly newerVersionsKept: number;
}

export class LifecycleJudge<Version extends JudgedVersion> {
  readonly #rules: readonly LifecycleRule[];
  readonly #now: number;
  #previous: Version | undefined;
  #noncurrent = 0;
  #marker: Version | undefined;

  constructor(rules: readonly LifecycleRule[], now: number) {
    this.#rules = rules.filter((rule) => rule.enabled);
    this.#now = now;
  }

  /** Of this version, or of the one before: at most one each. */
  judge(version: Version): Verdict<Version>[] {
    const previous = this.#previous;
    this.#previous = version;
    if (previous?.key !== version.key) {
      const verdicts = this.end();
      this.#previous = version;
      this.#noncurrent = 0;
      if (version.isMarker) this.#marker = version;
      else verdicts.push(...this.#current(version));
      return verdicts;
    }
    this.#marker = undefined;
    return this.#older(version, previous, this.#noncurrent++);
  }

  /** After the last version. */
  end(): Verdict<Version>[] {
    const marker = this.#marker;
    this.#marker = undefined;
    this.#previous = undefined;
    if (marker === undefined) return [];
    return this.#first('remove_marker', marker, (rule) => isDue(expiryOfMarker(rule, marker.modifiedAt), this.#now));
  }

  #current(version: Version): Verdict<Version>[] {
    return this.#first('expire', version, (rule) => isDue(expiryOf(rule, version.modifiedAt), this.#now));
  }

  #older(version: Version, newer: Version, newerNoncurrent: number): Verdict<Version>[] {
    // Where a clock was set back, the newer one may have the earlier time.
    const since = Math.max(version.modifiedAt, newer.modifiedAt);
    return this.#first('expire_noncurrent', version, ({ noncurrentExpiration: rule }) => {
      if (rule === undefined || newerNoncurrent < (rule.newerVersionsKept ?? 0)) return false;
      return isDue(midnightAfter(since, rule.days), this.#now);
    });
  }

  #first(action: VersionAction, version: Version, isDueBy: (rule: LifecycleRule) => boolean): Verdict<Version>[] {
    const { key, size, tags, isMarker } = version;
    const filtered = isMarker ? { key } : { key, size, tags };
    const rule = this.#rules.find((candidate) => matchesFilter(candidate.filter, filtered) && isDueBy(candidate));
    if (rule === undefined) return [];
    return [{ action, version, ruleId: rule.id, newerVersionsKept: rule.noncurrentExpiration?.newerVersionsKept ?? 0 }];
  }
}

const isDue = (at: number | undefined, now: number) => at !== undefined && at <= now;
