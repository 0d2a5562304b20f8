/** Worker leases shared through a Redis or Valkey. Time is the server's, whatever the machines' clocks say. */
import { seqErrors } from '../errors.js';
import {
  type LeaseKey,
  type LeaseRequest,
  MACHINES_CLOCK_SKEW_MS,
  type RenewRequest,
  type WorkerLease,
  type WorkerRecord,
  type WorkerRegistry,
} from '../sequencer.js';
import { checkTtl } from '../store/durations.js';
import { checkLeaseRequest } from '../store/lease-request.js';
import { freeKey, liveKey, spaceKey, spacesKey, tokenKey, workersKey } from './redis-keys.js';
import type { ScriptRunner } from './script.js';
import { readBigint, readList, readNumber, readText, unexpected, type WireReply } from './wire-values.js';
import { leaseScript, releaseScript, renewScript } from './worker-scripts.js';

/**
 * How far beyond max(now, floor) plus the lease's length a renewal may reserve, in milliseconds; as in
 * store/workers.ts. More means that the holder's clock is ahead of the server's.
 */
const MAX_RESERVE_AHEAD_MS = 60_000;

export class RedisWorkers implements WorkerRegistry {
  readonly clockSkewMs = MACHINES_CLOCK_SKEW_MS;
  readonly #scripts: ScriptRunner;

  constructor(scripts: ScriptRunner) {
    this.#scripts = scripts;
  }

  async lease(request: LeaseRequest): Promise<WorkerLease> {
    checkLeaseRequest(request);
    checkWorker(request);
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

function checkWorker({ space, workers, worker }: LeaseRequest): void {
  if (worker === undefined || (Number.isInteger(worker) && worker >= 0 && worker < workers)) return;
  throw seqErrors.error('seq.worker_out_of_range', `${space} has no worker ${worker}, only 0 to ${workers - 1}`, {
    hint: `--worker ${workers - 1}`,
    details: { space, worker, workers },
  });
}

function taken({ space, worker = 0 }: LeaseRequest, values: readonly WireReply[]) {
  const freeAt = readNumber(values[0] ?? null, 'free_at');
  const wait = Math.max(0, freeAt - readNumber(values[1] ?? null, 'now'));
  const holder = readText(values[2] ?? null, 'holder');
  return seqErrors.error(
    'seq.worker_taken',
    `worker ${worker} of ${space} is taken by ${holder}; it is free in ${wait} ms`,
    {
      hint: 'leave --worker out to get a free one, or see who has them: ds seq worker list',
      details: { space, worker, holder, free_at_ms: freeAt },
    },
  );
}

function exhausted({ space, workers }: LeaseRequest, values: readonly WireReply[]) {
  const freeAt = readNumber(values[0] ?? null, 'free_at');
  const wait = Math.max(0, freeAt - readNumber(values[1] ?? null, 'now'));
  return seqErrors.error(
    'seq.workers_exhausted',
    `all ${workers} worker numbers of ${space} are taken; the next is free in ${wait} ms`,
    { hint: 'see who has them: ds seq worker list', details: { space, workers, free_at_ms: freeAt } },
  );
}

function lost({ space, worker, token }: LeaseKey, values: readonly WireReply[]) {
  const reason = readText(values[0] ?? null, 'reason');
  return seqErrors.error('seq.lease_lost', `the lease of worker ${worker} of ${space} is lost: ${reason}`, {
    hint: 'lease a number again: ds seq worker lease',
    details: { space, worker, token: token.toString() },
  });
}

function ahead(reserveUntil: number, values: readonly WireReply[]) {
  const now = readNumber(values[0] ?? null, 'now');
  const ms = readNumber(values[1] ?? null, 'ahead');
  return seqErrors.error(
    'seq.clock_ahead',
    `instants up to ${reserveUntil} were asked for, ${ms} ms ahead of the server`,
    { hint: 'compare the clocks: timedatectl', details: { reserve_until: reserveUntil, store_now: now } },
  );
}
