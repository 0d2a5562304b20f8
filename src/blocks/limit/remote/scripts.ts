/**
 * The limiter's steps on a Redis or Valkey, one atomic script each; keys and records as redis-keys.ts draws them. What
 * several demands come to is decided as engine.ts does it, and each algorithm by its part of lua/.
 *
 * Time is the server's, so that clients whose clocks differ count alike.
 */
import { defineScript, type Script } from '../../../platform/protocol/resp-client/script.js';
import { type AlgorithmName, algorithmNames, type Limit } from '../limit.js';
import { RECENT_DECISIONS } from '../limiter.js';
import { rulesLua } from './lua/index.js';

const CLOCK = `
local function now_us()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local function text(number) return string.format('%.0f', number) end
`;

/** The arguments of a limit, as READ_LIMIT takes them. */
export function limitArguments(limit: Limit): (string | number)[] {
  const { algorithm, count, periodUs, burst, stepUs, stepFraction, fractions, burstUs, burstFraction } = limit;
  return [algorithm, count, periodUs, burst, stepUs, stepFraction, fractions, burstUs, burstFraction];
}

const READ_LIMIT = `
local function read_limit(at)
  return {
    algorithm = ARGV[at], count = tonumber(ARGV[at + 1]), period = tonumber(ARGV[at + 2]),
    burst = tonumber(ARGV[at + 3]), step = tonumber(ARGV[at + 4]), step_fraction = tonumber(ARGV[at + 5]),
    fractions = tonumber(ARGV[at + 6]), burst_us = tonumber(ARGV[at + 7]), burst_fraction = tonumber(ARGV[at + 8]),
  }
end
`;

const RECORDS = `
local MOST_RECENT = ${4 * RECENT_DECISIONS}
-- Milliseconds that a key is kept for a look at it, after it is as new.
local KEPT_FRESH = 60000

local function load_record(key, scope)
  local packed = redis.call('HGET', key, scope)
  if not packed then return nil end
  local head, recent, state = cmsgpack.unpack(packed)
  return { head = head, recent = recent, state = state }
end

local function counted_by(record)
  local head = record.head
  return { algorithm = head[1], count = head[2], period = head[3], burst = head[4], fractions = head[5] }
end

-- The record counts by this limit from now on.
local function assign(record, limit)
  local head = record.head
  head[1], head[2], head[3], head[4], head[5] = limit.algorithm, limit.count, limit.period, limit.burst, limit.fractions
  head[9] = rules[limit.algorithm].fresh_at(record.state, limit)
end

local function note(record, now, allowed, cost, remaining)
  local head, recent = record.head, record.recent
  local total = allowed and 6 or 7
  head[total], head[8] = head[total] + 1, now
  local size = #recent
  if size >= MOST_RECENT then
    for index = 5, size do recent[index - 4] = recent[index] end
    size = size - 4
  end
  recent[size + 1], recent[size + 2], recent[size + 3], recent[size + 4] = now, allowed and 1 or 0, cost, remaining
end

local function save_record(key, scope, record, now)
  redis.call('HSET', key, scope, cmsgpack.pack(record.head, record.recent, record.state))
  local ttl = math.ceil(max(0, record.head[9] - now) / 1000) + KEPT_FRESH
  if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, text(ttl)) end
end

local function reply_of(decided)
  return { decided.allowed and 1 or 0, decided.limit, decided.remaining, decided.retry, decided.reset, decided.delay,
    decided.lease or -1 }
end
`;

/** Arguments of each demand: member, scope, cost, shadow, lease, and those of the limit. */
const DECIDE = `
local PER_DEMAND = 14
local counting, now = ARGV[1] == 'check', now_us()
local allowed, blocked_for = true, 0
local demands = {}

for index = 1, #KEYS - 1 do
  local at = 2 + (index - 1) * PER_DEMAND
  local demand = { key = KEYS[index + 1], scope = ARGV[at + 1], cost = tonumber(ARGV[at + 2]),
    shadow = ARGV[at + 3] == '1', lease = tonumber(ARGV[at + 4]), limit = read_limit(at + 5) }
  local limit = demand.limit
  local rule = rules[limit.algorithm]
  local block_ends = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if block_ends then blocked_for = max(blocked_for, tonumber(block_ends) - now) end
  local record = load_record(demand.key, demand.scope)
  demand.record = record
  if record and record.head[1] == limit.algorithm then
    demand.state = record.state
    if rule.settle(record.state, counted_by(record), limit, now) then
      assign(record, limit)
      demand.changed = true
    end
  else
    demand.state = rule.fresh(limit, now)
  end
  demand.decision = rule.judge(demand.state, limit, now, demand.cost)
  if not demand.decision.allowed and not demand.shadow then allowed = false end
  demands[index] = demand
end
if blocked_for > 0 then allowed = false end

local function refuse(demand)
  if demand.record and demand.cost > 0 and (blocked_for > 0 or not demand.decision.allowed) then
    demand.noted = true
  end
  if not allowed and demand.decision.allowed and demand.cost > 0 then
    demand.decision = rules[demand.limit.algorithm].judge(demand.state, demand.limit, now, 0)
  end
  if demand.noted then
    note(demand.record, now, false, demand.cost, demand.decision.remaining)
    demand.changed = true
  end
end

local function take(demand)
  local limit, record = demand.limit, demand.record or { head = { 0, 0, 0, 0, 0, 0, 0, 0, 0 }, recent = {} }
  record.state = demand.state
  rules[limit.algorithm].take(record.state, limit, now, demand.cost, demand.lease)
  assign(record, limit)
  note(record, now, true, demand.cost, demand.decision.remaining)
  if limit.algorithm == 'concurrency' then demand.decision.lease = demand.lease end
  demand.record, demand.changed = record, true
end

local answer = { allowed and 1 or 0, blocked_for }
for index, demand in ipairs(demands) do
  if not allowed or not demand.decision.allowed then
    refuse(demand)
  elseif counting and demand.cost > 0 then
    take(demand)
  end
  if counting and demand.changed then save_record(demand.key, demand.scope, demand.record, now) end
  answer[index + 2] = reply_of(demand.decision)
end
return answer
`;

/** KEYS hash, ARGV scope cost lease, limit → decision */
const REFUND = `
local now, key, scope, limit = now_us(), KEYS[1], ARGV[1], read_limit(4)
local rule, record = rules[limit.algorithm], load_record(key, scope)
if not record or record.head[1] ~= limit.algorithm then
  return reply_of(rule.judge(rule.fresh(limit, now), limit, now, 0))
end
rule.settle(record.state, counted_by(record), limit, now)
rule.refund(record.state, limit, now, tonumber(ARGV[2]), tonumber(ARGV[3]))
assign(record, limit)
save_record(key, scope, record, now)
return reply_of(rule.judge(record.state, limit, now, 0))
`;

/** A script for each set of algorithms that is asked for: most limiters use one. */
const decideScripts = new Map<string, Script>();

/** KEYS blocked, a hash for each demand; ARGV check|peek, the demands → outcome, as LIMIT.CHECK answers */
export function decideScript(algorithms: readonly AlgorithmName[]): Script {
  return remembered(decideScripts, algorithms, READ_LIMIT + RECORDS + DECIDE);
}

const refundScripts = new Map<string, Script>();

export function refundScript(algorithm: AlgorithmName): Script {
  return remembered(refundScripts, [algorithm], READ_LIMIT + RECORDS + REFUND);
}

function remembered(scripts: Map<string, Script>, algorithms: readonly AlgorithmName[], rest: string): Script {
  const names = algorithmNames.filter((name) => algorithms.includes(name));
  const known = scripts.get(names.join());
  if (known !== undefined) return known;
  const script = defineScript(rulesLua(names) + CLOCK + rest);
  scripts.set(names.join(), script);
  return script;
}

/** KEYS hash blocked, ARGV member, [scope] → 1 when there was something */
export const resetScript = defineScript(`${CLOCK}
local block_ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
local found = block_ends and tonumber(block_ends) > now_us()
redis.call('ZREM', KEYS[2], ARGV[1])
local removed
if ARGV[2] then removed = redis.call('HDEL', KEYS[1], ARGV[2]) else removed = redis.call('DEL', KEYS[1]) end
if found or removed > 0 then return 1 end
return 0
`);

/** KEYS blocked, ARGV member for_us. Blocks that have ended are swept here: nobody else writes to them. */
export const blockScript = defineScript(`${CLOCK}
local now = now_us()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
local for_us = tonumber(ARGV[2])
if for_us == 0 then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return redis.call('ZADD', KEYS[1], text(now + for_us), ARGV[1])
`);

/** KEYS blocked → member until member until … */
export const blockedScript = defineScript(`${CLOCK}
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. text(now_us()), '+inf', 'WITHSCORES')
`);

/**
 * KEYS hash blocked, ARGV member → now, end of the block or 0, and of each scope its name, head, recent and state. What
 * they come to is for the rules on this side to say: only looking needs no script of theirs.
 */
export const inspectScript = defineScript(`${CLOCK}
local answer = { now_us(), tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0) }
local fields = redis.call('HGETALL', KEYS[1])
for index = 1, #fields, 2 do
  local head, recent, state = cmsgpack.unpack(fields[index + 1])
  answer[#answer + 1] = { fields[index], head, recent, state }
end
return answer
`);

/** KEYS hashes → now, and of each scope of each hash: the hash's place, the scope, demands, fresh_at. */
export const surveyScript = defineScript(`${CLOCK}
local answer = { now_us() }
for place, key in ipairs(KEYS) do
  local fields = redis.call('HGETALL', key)
  for index = 1, #fields, 2 do
    local _, head = cmsgpack.unpack_one(fields[index + 1])
    answer[#answer + 1] = { place, fields[index], head[6] + head[7], head[9] }
  end
end
return answer
`);
