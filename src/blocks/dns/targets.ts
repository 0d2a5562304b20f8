/** Targets and explanations, for the commands about them; brings SQLite: see index.ts. */
import { parseCheck } from './discovery/check.js';
import { defaultRules, type TargetRules, targetKey } from './discovery/target.js';
import { dnsErrors } from './errors.js';
import type { Name } from './name.js';
import { printRdata } from './rdata/index.js';
import { type RecordChange, recordsAt, setRecords } from './record-edits.js';
import type { StoredTarget } from './store/target-store.js';
import type { DnsStore } from './store.js';
import { RRType, typeName } from './wire.js';

export { type Explanation, explain } from './explain.js';
export { printRdata } from './rdata/index.js';
export { readTypedName } from './typed-name.js';
export { readRecordType, readTtl, readTypedValues } from './typed-values.js';
export { withStore } from './zones.js';

/** Types that say where a service is. */
const TARGET_TYPES: readonly number[] = [RRType.A, RRType.AAAA, RRType.SRV];
/** Seconds. Clients should notice a failover soon. */
const DEFAULT_TTL = 10;

/** Undefined: not said. */
type SaidRules = { readonly [Key in keyof TargetRules]?: TargetRules[Key] | undefined };

export interface TargetRequest {
  readonly name: Name;
  readonly type: number;
  readonly rdata: Uint8Array;
  /** What is not said stays as it was, or is as usual. */
  readonly rules: SaidRules;
  /** Seconds; default as the record has it, or 10. */
  readonly ttl: number | undefined;
  /** Makes a zone where none holds the name. */
  readonly create: boolean;
}

/**
 * Adds the record where it is not there, and its rules. Errors: `dns.bad_check`, `dns.not_a_target`, and those of
 * setRecords(), with `hint` where no zone holds the name.
 */
export function setTarget({ zones, targets }: DnsStore, request: TargetRequest, hint: string): RecordChange {
  const { name, type, rdata, create } = request;
  if (!TARGET_TYPES.includes(type)) {
    throw dnsErrors.error('dns.not_a_target', `${typeName(type)} records have no target that can be checked`, {
      hint: 'targets are A, AAAA and SRV records',
    });
  }
  const known = targets.list().find((target) => targetKey(target) === targetKey(request));
  const rules = merged(known ?? defaultRules, request.rules);
  if (rules.check !== '') parseCheck(rules.check);
  const ttl = request.ttl ?? (hasSet(zones.find(name), name, type) ? undefined : DEFAULT_TTL);
  const comment = `target ${printRdata(type, rdata)}`;
  const change = setRecords(zones, { name, type, rdatas: [rdata], ttl, add: true, create, comment }, hint);
  targets.set({ ...rules, name, type, rdata });
  return change;
}

function merged(base: TargetRules, said: SaidRules): TargetRules {
  return {
    weight: said.weight ?? base.weight,
    tier: said.tier ?? base.tier,
    check: said.check ?? base.check,
    fall: said.fall ?? base.fall,
    rise: said.rise ?? base.rise,
    holdDownMs: said.holdDownMs ?? base.holdDownMs,
    intervalMs: said.intervalMs ?? base.intervalMs,
    timeoutMs: said.timeoutMs ?? base.timeoutMs,
  };
}

function hasSet(zone: Parameters<typeof recordsAt>[0] | undefined, name: Name, type: number): boolean {
  return zone !== undefined && recordsAt(zone, { name, type }).length > 0;
}

/** For people and JSON. `state`: `unchecked` without a check, `gone` when its record is no more. */
export interface TargetReport {
  readonly name: string;
  readonly type: string;
  readonly target: string;
  readonly tier: number;
  readonly weight: number;
  readonly check: string;
  readonly state: 'unchecked' | 'gone' | 'unknown' | 'up' | 'held' | 'down';
  /** Milliseconds since the Unix epoch. */
  readonly since: number | undefined;
  readonly checkedAt: number | undefined;
  readonly problem: string;
}

export function reportTargets({ zones, targets }: DnsStore, name?: Name): TargetReport[] {
  const listed = targets.list().filter((target) => name === undefined || target.name.isWithin(name));
  return zones.reading((all) => listed.map((target) => report(target, isThere(target, all.find(target.name)))));
}

function isThere({ name, type, rdata }: StoredTarget, zone: ReturnType<DnsStore['zones']['find']>): boolean {
  const sets = zone === undefined ? [] : recordsAt(zone, { name, type });
  const key = targetKey({ name, type, rdata });
  return sets.some(({ rdatas }) => rdatas.some((one) => targetKey({ name, type, rdata: one }) === key));
}

function report(target: StoredTarget, isThere: boolean): TargetReport {
  const { name, type, rdata, tier, weight, check, health } = target;
  const state = !isThere ? 'gone' : check === '' ? 'unchecked' : (health?.state ?? 'unknown');
  return {
    name: name.toString(),
    type: typeName(type),
    target: printRdata(type, rdata),
    tier,
    weight,
    check,
    state,
    since: health?.since,
    checkedAt: health?.checkedAt,
    problem: health?.problem ?? '',
  };
}

/** Which targets lost their rules; their records stay. Of the name and type, and of these data where any are given. */
export function deleteTargets(
  { targets }: DnsStore,
  place: { readonly name: Name; readonly type: number; readonly rdatas: readonly Uint8Array[] },
): string[] {
  const { name, type, rdatas } = place;
  const wanted = new Set(rdatas.map((rdata) => targetKey({ name, type, rdata })));
  const matching = targets.list().filter((target) => {
    return target.type === type && target.name.equals(name) && (wanted.size === 0 || wanted.has(targetKey(target)));
  });
  return matching.filter((target) => targets.delete(target)).map(({ rdata }) => printRdata(type, rdata));
}

export function oneTargetOnly() {
  return dnsErrors.error('dns.not_a_target', 'a target is one record: give the values of each in a command of its own');
}

export function noSuchTarget(name: Name, type: string) {
  return dnsErrors.error('dns.no_such_target', `${name} has no such target of type ${type.toUpperCase()}`, {
    hint: 'ds dns target list',
    details: { name: name.toString() },
  });
}
