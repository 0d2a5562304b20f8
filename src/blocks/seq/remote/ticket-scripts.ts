/** Tickets in Redis: as in store/tickets.ts and store/gapless.ts. Keys: redis-keys.ts. */
import { defineScript } from '../../../platform/protocol/resp-client/script.js';

/** KEYS names ticket, ARGV name count → ok last | kind gapless | exhausted last */
export const takeScript = defineScript(`
local kind = redis.call('HGET', KEYS[1], ARGV[1])
if kind and kind ~= 'block' then return { 'kind', kind } end
local taken = redis.pcall('INCRBY', KEYS[2], ARGV[2])
if type(taken) == 'table' then
  if not string.find(taken.err, 'overflow') then return taken end
  return { 'exhausted', redis.call('GET', KEYS[2]) or '0' }
end
if not kind then redis.call('HSET', KEYS[1], ARGV[1], 'block') end
return { 'ok', redis.call('GET', KEYS[2]) }
`);

const PRELUDE = `
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function text(number) return string.format('%.0f', number) end
-- Decimal strings without leading zeros, compared as numbers of any size.
local function below(a, b) return #a < #b or (#a == #b and a < b) end
`;

/** KEYS names gapless holes expiry token, ARGV name holder ttl → ok number token expires | kind block | exhausted last */
export const reserveScript = defineScript(`${PRELUDE}
local names, last, holes, expiry = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local kind = redis.call('HGET', names, ARGV[1])
if kind and kind ~= 'gapless' then return { 'kind', kind } end
local t = now()
local number
for _, abandoned in ipairs(redis.call('ZRANGEBYSCORE', expiry, '-inf', text(t))) do
  if not number or below(abandoned, number) then number = abandoned end
end
if not number then
  local next = redis.pcall('INCR', last)
  if type(next) == 'table' then
    if not string.find(next.err, 'overflow') then return next end
    return { 'exhausted', redis.call('GET', last) }
  end
  number = redis.call('GET', last)
end
if not kind then redis.call('HSET', names, ARGV[1], 'gapless') end
redis.call('INCR', KEYS[5])
local token = redis.call('GET', KEYS[5])
local expires = text(t + tonumber(ARGV[3]))
redis.call('HSET', holes, number, token .. ' ' .. expires .. ' ' .. ARGV[2])
redis.call('ZADD', expiry, expires, number)
return { 'ok', number, token, expires }
`);

/** KEYS names holes expiry, ARGV name number token commit|abort → ok | kind block | lost why */
export const endScript = defineScript(`
local names, holes, expiry = KEYS[1], KEYS[2], KEYS[3]
local number = ARGV[2]
local kind = redis.call('HGET', names, ARGV[1])
if kind and kind ~= 'gapless' then return { 'kind', kind } end
local packed = redis.call('HGET', holes, number)
if not packed then return { 'lost', 'it is not reserved' } end
local token, expires, holder = string.match(packed, '^(%d+) (%d+) (.*)$')
if expires == '0' then return { 'lost', 'it is not reserved' } end
if token ~= ARGV[3] then return { 'lost', 'it was given to ' .. holder } end
if ARGV[4] == 'commit' then
  redis.call('HDEL', holes, number)
  redis.call('ZREM', expiry, number)
else
  redis.call('HSET', holes, number, token .. ' 0 ' .. holder)
  redis.call('ZADD', expiry, '0', number)
end
return { 'ok' }
`);

/** KEYS names holes, ARGV name → ok now number packed number packed … | kind block */
export const holesScript = defineScript(`${PRELUDE}
local kind = redis.call('HGET', KEYS[1], ARGV[1])
if kind and kind ~= 'gapless' then return { 'kind', kind } end
local answer = { 'ok', text(now()) }
for _, value in ipairs(redis.call('HGETALL', KEYS[2])) do answer[#answer + 1] = value end
return answer
`);
