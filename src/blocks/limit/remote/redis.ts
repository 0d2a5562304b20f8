/**
 * The rate limiter in a Redis (6 or later) or Valkey: scripts, one atomic step each (scripts.ts), on keys as
 * redis-keys.ts draws them.
 */
import type { Random } from '../../../platform/clock.js';
import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { readSetting } from '../../../platform/protocol/resp-client/identify.js';
import { ScriptRunner } from '../../../platform/protocol/resp-client/script.js';
import { readList, readNumber, readText } from '../../../platform/protocol/resp-client/values.js';
import { checkBlockTime, checkDemand, checkDemands } from '../engine/checks.js';
import { checkKey } from '../key.js';
import { newLease } from '../lease.js';
import {
  type BlockedKey,
  type Decision,
  type Demand,
  type KeyReport,
  type LimiterCounts,
  NOTHING_ASKED,
  type Outcome,
  type RateLimiter,
  type RefundDemand,
} from '../limiter.js';
import { decodeDecision, decodeOutcome } from '../wire/decisions.js';
import { encodeKey } from '../wire/keys.js';
import type { Inspection } from '../wire/reports.js';
import { blockedKey, hashOf, keyOfMember, memberOf } from './redis-keys.js';
import { readInspection } from './redis-records.js';
import { busiestKeys, countKeys } from './redis-survey.js';
import {
  blockedScript,
  blockScript,
  decideScript,
  inspectScript,
  limitArguments,
  refundScript,
  resetScript,
} from './scripts.js';

const NO_LEASE = -1;

export class RedisLimiter implements RateLimiter {
  readonly #connection: RemoteConnection;
  readonly #scripts: ScriptRunner;
  readonly #random: Random;

  constructor(connection: RemoteConnection, random: Random) {
    this.#connection = connection;
    this.#scripts = new ScriptRunner(connection);
    this.#random = random;
  }

  check(demands: readonly Demand[]): Promise<Outcome> {
    return this.#decide('check', demands);
  }

  peek(demands: readonly Demand[]): Promise<Outcome> {
    return this.#decide('peek', demands);
  }

  async refund(demand: RefundDemand): Promise<Decision> {
    checkDemand(demand);
    const { scope, key, limit, cost, lease = NO_LEASE } = demand;
    const args = [encodeKey(scope), cost, Number.isSafeInteger(lease) ? lease : NO_LEASE, ...limitArguments(limit)];
    return decodeDecision(await this.#scripts.run(refundScript(limit.algorithm), [hashOf(memberOf(key))], args));
  }

  async reset(key: string, scope?: string): Promise<boolean> {
    checkKey(key);
    const member = memberOf(key);
    const args = scope === undefined ? [member] : [member, encodeKey(scope)];
    return readNumber(await this.#scripts.run(resetScript, [hashOf(member), blockedKey], args), 'reset') === 1;
  }

  async block(key: string, forUs: number): Promise<void> {
    checkKey(key);
    checkBlockTime(forUs);
    await this.#scripts.run(blockScript, [blockedKey], [memberOf(key), forUs]);
  }

  async inspect(key: string): Promise<Inspection> {
    checkKey(key);
    const member = memberOf(key);
    const reply = await this.#scripts.run(inspectScript, [hashOf(member), blockedKey], [member]);
    return readInspection(keyOfMember(member.toString('latin1')), reply);
  }

  /** Of the keys that redis-survey.ts looks at, here as in counts(). */
  async top(count: number): Promise<readonly KeyReport[]> {
    const busiest = await busiestKeys(this.#scripts, count);
    const inspections = await Promise.all(busiest.map(({ key }) => this.inspect(key)));
    return inspections.flatMap(({ reports }, i) => reports.filter(({ scope }) => scope === busiest[i]?.scope));
  }

  async blocked(): Promise<readonly BlockedKey[]> {
    const flat = readList(await this.#scripts.run(blockedScript, [blockedKey], []), 'blocked');
    const keys: BlockedKey[] = [];
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const key = keyOfMember(readText(flat[at] ?? null, 'blocked'));
      keys.push({ key, untilUs: readNumber(flat[at + 1] ?? null, 'blocked') });
    }
    return keys;
  }

  async counts(): Promise<LimiterCounts> {
    const [keys, blocked] = await Promise.all([countKeys(this.#scripts), this.blocked()]);
    return { keys, blocked: blocked.length };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #decide(mode: 'check' | 'peek', demands: readonly Demand[]): Promise<Outcome> {
    checkDemands(demands);
    if (demands.length === 0) return NOTHING_ASKED;
    const script = decideScript(demands.map(({ limit }) => limit.algorithm));
    const members = demands.map(({ key }) => memberOf(key));
    const args = demands.flatMap(({ scope, limit, cost, shadow }, i) => [
      members[i] ?? '',
      encodeKey(scope),
      cost,
      shadow === true ? 1 : 0,
      limit.algorithm === 'concurrency' ? newLease(this.#random) : NO_LEASE,
      ...limitArguments(limit),
    ]);
    return decodeOutcome(await this.#scripts.run(script, [blockedKey, ...members.map(hashOf)], [mode, ...args]));
  }
}

/**
 * What of the server's configuration can forget what was counted, as sentences for people. Empty when nothing does, and
 * when the server does not let itself be asked.
 */
export async function durabilityNotices(connection: RemoteConnection): Promise<string[]> {
  const names = ['appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy'];
  const settings = await Promise.all(names.map((name) => readSetting(connection, name)));
  const [appendonly, appendfsync, maxmemory, policy] = settings;
  const notices: string[] = [];
  if (appendonly === 'no') {
    notices.push(
      'the server has appendonly no: what was counted since its last snapshot is let through again after a crash',
    );
  } else if (appendfsync !== undefined && appendfsync !== 'always') {
    notices.push(
      `the server has appendfsync ${appendfsync}: what was counted last is let through again after a power loss`,
    );
  }
  // Every key of the limiter has a time to live, so volatile-* evicts them as well.
  if (maxmemory !== undefined && maxmemory !== '0' && policy !== undefined && policy !== 'noeviction') {
    notices.push(`the server has maxmemory-policy ${policy}: an evicted key is let through its whole limit again`);
  }
  return notices;
}
