/** Leases in Redis: the rules are those of store/workers.ts, the clock is the server's. Keys: redis-keys.ts. */
import { defineScript } from '../../../platform/protocol/resp-client/script.js';

/** `now()`, `text(number)` without an exponent, and a worker's record as a table. */
const PRELUDE = `
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function text(number) return string.format('%.0f', number) end
local function unpack_record(packed)
  local token, leased, expires, floor, high, skew, released, holder =
    string.match(packed, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) ([01]) (.*)$')
  return { token = token, leased = tonumber(leased), expires = tonumber(expires), floor = tonumber(floor),
    high = tonumber(high), skew = tonumber(skew), released = released == '1', holder = holder }
end
local function write(workers, free, live, number, r)
  redis.call('HSET', workers, number, table.concat({ r.token, text(r.leased), text(r.expires), text(r.floor),
    text(r.high), text(r.skew), r.released and '1' or '0', r.holder }, ' '))
  redis.call('ZADD', free, text(math.max(r.expires, r.high) + r.skew), number)
  if r.released then redis.call('ZREM', live, number) else redis.call('ZADD', live, text(r.expires), number) end
end
local function raise_floor(space, instant)
  local floor = tonumber(redis.call('HGET', space, 'floor') or '0')
  if instant > floor then redis.call('HSET', space, 'floor', text(instant)) return instant end
  return floor
end
-- How far the instants of a holder whose lease ended count for the other numbers: see store/workers.ts.
local function believable(r, ended) return math.min(r.high, math.max(r.floor, ended) + 60000) end
`;

/**
 * KEYS token spaces workers free live space, ARGV space workers worker|'' holder ttl skew reserve
 * → ok worker token expires floor reserved | taken free_at now holder | exhausted free_at now
 */
export const leaseScript = defineScript(`${PRELUDE}
local workers, free, live, space = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local count, asked, holder = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local ttl, skew, reserve = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local t = now()

-- Who let the lease run out may have used everything up to its high-water mark.
for _, number in ipairs(redis.call('ZRANGEBYSCORE', live, '-inf', text(t))) do
  local r = unpack_record(redis.call('HGET', workers, number))
  raise_floor(space, believable(r, r.expires))
  redis.call('ZREM', live, number)
end

local function free_at(number)
  local packed = redis.call('HGET', workers, number)
  if not packed then return 0 end
  local r = unpack_record(packed)
  return math.max(r.expires, r.high) + math.max(r.skew, skew), r.holder
end

local function lowest()
  local unused = tonumber(redis.call('HGET', space, 'unused') or '0')
  while redis.call('HEXISTS', workers, text(unused)) == 1 do unused = unused + 1 end
  redis.call('HSET', space, 'unused', text(unused))
  local best = unused < count and unused or nil
  for _, number in ipairs(redis.call('ZRANGEBYSCORE', free, '-inf', text(t))) do
    local n = tonumber(number)
    if n < count and (not best or n < best) and free_at(number) <= t then best = n end
  end
  return best
end

local function next_free_at()
  local earliest
  for _, number in ipairs(redis.call('ZRANGE', free, 0, -1)) do
    if tonumber(number) < count then
      local at = free_at(number)
      if not earliest or at < earliest then earliest = at end
    end
  end
  return earliest or t
end

local number
if asked == '' then
  local n = lowest()
  if not n then return { 'exhausted', text(next_free_at()), text(t) } end
  number = text(n)
else
  number = asked
  local at, other = free_at(number)
  if at > t then return { 'taken', text(at), text(t), other } end
end

local floor = raise_floor(space, 0)
local previous = redis.call('HGET', workers, number)
if previous then floor = math.max(floor, unpack_record(previous).high) end
local present = math.max(t, floor)
raise_floor(space, present)
redis.call('INCR', KEYS[1])
local token = redis.call('GET', KEYS[1])
redis.call('SADD', KEYS[2], ARGV[1])
write(workers, free, live, number, { token = token, leased = t, expires = t + ttl, floor = floor,
  high = present + reserve, skew = skew, released = false, holder = holder })
return { 'ok', number, token, text(t + ttl), text(floor), text(present + reserve) }
`);

/** The record of a held lease, or why it is lost. An expired lease is its holder's until the number is given again. */
const HELD = `
local workers, free, live, space = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local number, token = ARGV[1], ARGV[2]
local packed = redis.call('HGET', workers, number)
local r = packed and unpack_record(packed)
if not r or r.token ~= token then return { 'lost', 'somebody else has the number now' } end
if r.released then return { 'lost', 'it was released' } end
local t = now()
`;

/** KEYS workers free live space, ARGV worker token ttl reserve_until most_ahead → ok holder expires floor reserved | lost why | ahead now ms */
export const renewScript = defineScript(`${PRELUDE}${HELD}
local ttl, reserve_until, most_ahead = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local present = math.max(t, r.floor)
if reserve_until > present + most_ahead then return { 'ahead', text(t), text(reserve_until - present) } end
raise_floor(space, present)
r.expires = t + ttl
r.high = math.max(r.high, reserve_until)
write(workers, free, live, number, r)
return { 'ok', r.holder, text(r.expires), text(r.floor), text(r.high) }
`);

/** KEYS workers free live space, ARGV worker token used_until|'' → ok | lost why */
export const releaseScript = defineScript(`${PRELUDE}${HELD}
local used = ARGV[3] == '' and r.high or tonumber(ARGV[3])
r.high = math.min(r.high, math.max(r.floor, used))
r.expires = t
r.released = true
raise_floor(space, believable(r, t))
write(workers, free, live, number, r)
return { 'ok' }
`);
