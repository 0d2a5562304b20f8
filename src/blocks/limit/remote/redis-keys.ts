/**
 * The keys in a Redis or Valkey. All carry one hash tag: demands on several keys are counted together or not at all, so a
 * script must have them on one node. A cluster therefore keeps the whole limiter on the node that owns the tag, and
 * connections go there; what shards is several limiters, by database or by server.
 *
 *     {ds:limit}:key:<key>     hash   scope ─▶ record, for each scope that the key is counted in
 *     {ds:limit}:blocked       zset   key by the instant when its block ends, µs
 *
 * <key> are the bytes of the stored form (key.ts). A record is three MessagePack values one after another:
 *
 *     head     [ algorithm, count, period_us, burst, fractions,      the limit that it was last counted by
 *                allowed_total, limited_total, last_at, fresh_at ]
 *     recent   [ at, allowed, cost, remaining,  at, … ]              the last decisions, oldest first
 *     state    as the algorithm's rules draw it
 *
 * A record is read and written whole. That is nothing where a state is three numbers; a sliding log or the leases of a
 * concurrency limit cost the server about a millisecond for every one or two thousand that are remembered.
 *
 * A hash expires a minute after the last of its records is as new: Redis sweeps them. Lua's numbers are doubles, exact up
 * to 2^53, and MessagePack keeps whole ones as integers.
 */
import { bytesOfKey, storedKey, storedKeyFromBytes } from '../key.js';

const PREFIX = '{ds:limit}:key:';

export const blockedKey = '{ds:limit}:blocked';

/** For SCAN. */
export const keyPattern = `${PREFIX}*`;

/** What stands for a key: in the name of its hash, and in the blocked ones. */
export const memberOf = (key: string): Buffer => bytesOfKey(storedKey(key));

export const hashOf = (member: Buffer): Buffer => Buffer.concat([Buffer.from(PREFIX), member]);

/** Of bytes that came as one character each. */
export const keyOfMember = (member: string): string => storedKeyFromBytes(Buffer.from(member, 'latin1'));

export const keyOfHash = (hash: string): string => keyOfMember(hash.slice(PREFIX.length));
