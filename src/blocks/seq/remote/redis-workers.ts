/** Worker leases shared through a Redis or Valkey. Time is the server's, whatever the machines' clocks say. */

import type { ScriptRunner } from '../../../platform/protocol/resp-client/script.js';
import {
  readBigint,
  readList,
  readNumber,
  readText,
  unexpected,
  type WireReply,
} from '../../../platform/protocol/resp-client/values.js';
import { checkTtl } from '../rules/durations.js';
import {
  checkLeaseRequest,
  clockAhead,
  leaseLost,
  MAX_RESERVE_AHEAD_MS,
  workersExhausted,
  workerTaken,
} from '../rules/leases.js';
import {
  type LeaseKey,
  type LeaseRequest,
  MACHINES_CLOCK_SKEW_MS,
  type RenewRequest,
  type WorkerLease,
  type WorkerRecord,
  type WorkerRegistry,
} from '../sequencer.js';
import { freeKey, liveKey, spaceKey, spacesKey, tokenKey, workersKey } from './redis-keys.js';
import { leaseScript, releaseScript, renewScript } from './worker-scripts.js';

export class RedisWorkers implements WorkerRegistry {
  readonly clockSkewMs = MACHINES_CLOCK_SKEW_MS;
  readonly #scripts: ScriptRunner;

  constructor(scripts: ScriptRunner) {
    this.#scripts = scripts;
  }

  async lease(request: LeaseRequest): Promise<WorkerLease> {
    checkLeaseRequest(request);
    const { space, workers, worker, holder, ttlMs, skewMs, reserveMs } = request;
    const reply = await this.#scripts.run(
      leaseScript,
      [tokenKey, spacesKey, ...keysOf(space)],
      [space, workers, worker ?? '', holder, ttlMs, skewMs, reserveMs],
    );
    const [outcome, ...values] = answer(reply);
    if (outcome === 'taken') throw taken(request, values);
    if (outcome === 'exhausted') throw exhausted(request, values);
    if (outcome !== 'ok') throw unexpected('lease', reply);
    const [number = null, token = null, expires = null, floor = null, reserved = null] = values;
    return {
      space,
      worker: readNumber(number, 'worker'),
      token: readBigint(token, 'token'),
      holder,
      expiresAt: readNumber(expires, 'expires_at'),
      floor: readNumber(floor, 'floor'),
      reservedUntil: readNumber(reserved, 'reserved_until'),
    };
  }

  async renew(key: LeaseKey, request: RenewRequest): Promise<WorkerLease> {
    checkTtl(request.ttlMs);
    const { space, worker, token } = key;
    const reserveUntil = Math.ceil(request.reserveUntil);
    const reply = await this.#scripts.run(renewScript, keysOf(space), [
      worker,
      token,
      request.ttlMs,
      reserveUntil,
      request.ttlMs + MAX_RESERVE_AHEAD_MS,
    ]);
    const [outcome, ...values] = answer(reply);
    if (outcome === 'lost') throw lost(key, values);
    if (outcome === 'ahead') throw ahead(reserveUntil, values);
    if (outcome !== 'ok') throw unexpected('renewal', reply);
    const [holder = null, expires = null, floor = null, reserved = null] = values;
    return {
      space,
      worker,
      token,
      holder: readText(holder, 'holder'),
      expiresAt: readNumber(expires, 'expires_at'),
      floor: readNumber(floor, 'floor'),
      reservedUntil: readNumber(reserved, 'reserved_until'),
    };
  }

  async release(key: LeaseKey, usedUntil?: number): Promise<void> {
    const used = usedUntil === undefined ? '' : Math.ceil(usedUntil);
    const reply = await this.#scripts.run(releaseScript, keysOf(key.space), [key.worker, key.token, used]);
    const [outcome, ...values] = answer(reply);
    if (outcome === 'lost') throw lost(key, values);
    if (outcome !== 'ok') throw unexpected('release', reply);
  }

  async list(space?: string): Promise<WorkerRecord[]> {
    const spaces =
      space === undefined
        ? readList(await this.#scripts.send(['SMEMBERS', spacesKey]), 'spaces').map((name) => readText(name, 'space'))
        : [space];
    // Sent together, so that all are one round trip and the time belongs to all of them.
    const [time, ...hashes] = await Promise.all([
      this.#scripts.send(['TIME']),
      ...spaces.map((name) => this.#scripts.send(['HGETALL', workersKey(name)])),
    ]);
    const now = readTime(time ?? null);
    const records = spaces.flatMap((name, index) => readWorkers(name, hashes[index] ?? null, now));
    return records.sort((a, b) => (a.space < b.space ? -1 : a.space > b.space ? 1 : a.worker - b.worker));
  }
}

const keysOf = (space: string): string[] => [workersKey(space), freeKey(space), liveKey(space), spaceKey(space)];

/** A script's answer: the outcome, then its values. */
function answer(reply: WireReply): readonly WireReply[] {
  return readList(reply, 'script');
}

function readTime(reply: WireReply): number {
  const [seconds = null, micros = null] = readList(reply, 'TIME');
  return readNumber(seconds, 'TIME') * 1000 + Math.floor(readNumber(micros, 'TIME') / 1000);
}

function readWorkers(space: string, reply: WireReply, now: number): WorkerRecord[] {
  const flat = readList(reply, 'workers');
  const records: WorkerRecord[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    records.push(
      readRecord(space, readNumber(flat[at] ?? null, 'worker'), readText(flat[at + 1] ?? null, 'worker'), now),
    );
  }
  return records;
}

/** `token leased_at expires_at floor high_water skew_ms released holder` */
const RECORD = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) ([01]) (.*)$/s;

function readRecord(space: string, worker: number, packed: string, now: number): WorkerRecord {
  const [, token, leasedAt, expires, , high, skew, released, holder] = RECORD.exec(packed) ?? [];
  if (token === undefined || holder === undefined) throw unexpected(`worker ${worker} of ${space}`, packed);
  const [expiresAt, highWater] = [Number(expires), Number(high)];
  return {
    space,
    worker,
    state: released === '1' ? 'released' : expiresAt <= now ? 'expired' : 'leased',
    token: BigInt(token),
    holder,
    leasedAt: Number(leasedAt),
    expiresAt,
    highWater,
    freeAt: Math.max(expiresAt, highWater) + Number(skew),
  };
}

function taken(request: LeaseRequest, values: readonly WireReply[]) {
  const [freeAt = null, now = null, holder = null] = values;
  return workerTaken(request, readText(holder, 'holder'), readNumber(freeAt, 'free_at'), readNumber(now, 'now'));
}

function exhausted(request: LeaseRequest, [freeAt = null, now = null]: readonly WireReply[]) {
  return workersExhausted(request, readNumber(freeAt, 'free_at'), readNumber(now, 'now'));
}

function lost(key: LeaseKey, [reason = null]: readonly WireReply[]) {
  return leaseLost(key, readText(reason, 'reason'));
}

function ahead(reserveUntil: number, [now = null, ms = null]: readonly WireReply[]) {
  return clockAhead(reserveUntil, readNumber(ms, 'ahead'), readNumber(now, 'now'));
}
