/** A record whose target is checked, weighed and failed over from. */
import type { Name } from '../name.js';
import { canonicalRdata } from '../rdata/canonical.js';
import type { HealthRules } from './health.js';

export interface TargetRules extends HealthRules {
  /** How likely it comes first among those of its tier, in proportion. 1 to 65,535. Default 1. */
  readonly weight: number;
  /** Targets of a higher tier are given out only when none of a lower one can be. 0 to 255. Default 0. */
  readonly tier: number;
  /** As typed (check.ts); empty: it is never checked, and counts as up. */
  readonly check: string;
  /** Between the starts of two checks, milliseconds. Default 5 s. */
  readonly intervalMs: number;
  /** For one check, milliseconds. Default 2 s. */
  readonly timeoutMs: number;
}

/** The record that it is about; without the rest of the RRset. */
export interface TargetKey {
  readonly name: Name;
  readonly type: number;
  readonly rdata: Uint8Array;
}

export interface Target extends TargetKey, TargetRules {}

export const defaultRules: TargetRules = {
  weight: 1,
  tier: 0,
  check: '',
  fall: 2,
  rise: 2,
  holdDownMs: 30_000,
  intervalMs: 5_000,
  timeoutMs: 2_000,
};

/** Of an RRset. */
export const setKey = ({ name, type }: Pick<TargetKey, 'name' | 'type'>): string =>
  String.fromCharCode(type) + name.key;

/** Of one record of it. */
export function targetKey(target: TargetKey): string {
  return `${setKey(target)} ${Buffer.from(canonicalRdata(target.type, target.rdata)).toString('latin1')}`;
}
