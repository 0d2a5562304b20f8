/** rules/sliding-log.ts and concurrency.ts in Lua: the algorithms whose states are lists. */

export const slidingLogLua = `
-- index of the first entry in sight, and the sum of all that are
local function log_live(state, limit, now)
  local horizon, from = now - limit.period, 1
  while from <= #state and state[from] <= horizon do from = from + 2 end
  local sum = 0
  for index = from + 1, #state, 2 do sum = sum + state[index] end
  return from, sum
end

local function log_retry(state, limit, now, from, excess, cost)
  if cost > limit.count then return NEVER end
  for index = from, #state, 2 do
    excess = excess - state[index + 1]
    if excess <= 0 then return min(state[index], now) + limit.period - now end
  end
  return limit.period
end

-- leaves out what is out of sight
local function log_forget(state, limit, now)
  local from = log_live(state, limit, now)
  local size = #state
  if from > 1 then
    for index = from, size do state[index - from + 1] = state[index] end
    for index = size - from + 2, size do state[index] = nil end
  end
end

rules['sliding-log'] = {
  fresh = function() return {} end,
  judge = function(state, limit, now, cost)
    local from, used = log_live(state, limit, now)
    local allowed = used + cost <= limit.count
    local taken, retry, reset = 0, 0, 0
    if allowed then taken = cost else retry = log_retry(state, limit, now, from, used + cost - limit.count, cost) end
    if used > 0 or taken > 0 then
      local newest = now
      if taken == 0 then newest = min(now, state[#state - 1]) end
      reset = newest + limit.period - now
    end
    return decision(allowed, limit.count, max(0, limit.count - used - taken), retry, reset)
  end,
  take = function(state, limit, now, cost)
    log_forget(state, limit, now)
    if cost == 0 then return end
    local size = #state
    if size > 0 and state[size - 1] == now then
      state[size] = state[size] + cost
    else
      state[size + 1], state[size + 2] = now, cost
    end
  end,
  refund = function(state, limit, now, cost)
    log_forget(state, limit, now)
    while cost > 0 and #state > 0 do
      local size = #state
      local newest = state[size]
      if newest > cost then
        state[size] = newest - cost
      else
        state[size], state[size - 1] = nil, nil
      end
      cost = cost - newest
    end
  end,
  fresh_at = function(state, limit)
    if #state == 0 then return 0 end
    return state[#state - 1] + limit.period
  end,
  settle = function(state, _, _, now)
    local changed = false
    for index = #state - 1, 1, -2 do
      if state[index] <= now then break end
      state[index] = now
      changed = true
    end
    return changed
  end,
}
`;

export const concurrencyLua = `
-- what the leases that have not ended hold, and the longest that one still lasts
local function leases_held(state, limit, now)
  local sum, latest = 0, 0
  for index = 1, #state, 3 do
    if state[index] > now then sum = sum + state[index + 2] end
    latest = max(latest, state[index] - now)
  end
  return sum, min(latest, limit.period)
end

local function leases_retry(state, limit, now, excess, cost)
  if cost > limit.count then return NEVER end
  local leases = {}
  for index = 1, #state, 3 do
    local left = min(state[index] - now, limit.period)
    if left > 0 then leases[#leases + 1] = { left, state[index + 2] } end
  end
  table.sort(leases, function(a, b) return a[1] < b[1] end)
  for _, lease in ipairs(leases) do
    excess = excess - lease[2]
    if excess <= 0 then return lease[1] end
  end
  return limit.period
end

-- leaves out the leases that have ended and, where told, one more
local function leases_forget(state, now, released)
  local size, kept = #state, 0
  for index = 1, size, 3 do
    if state[index] > now and state[index + 1] ~= released then
      state[kept + 1], state[kept + 2], state[kept + 3] = state[index], state[index + 1], state[index + 2]
      kept = kept + 3
    end
  end
  for index = size, kept + 1, -1 do state[index] = nil end
end

rules['concurrency'] = {
  fresh = function() return {} end,
  judge = function(state, limit, now, cost)
    local used, latest = leases_held(state, limit, now)
    local allowed = used + cost <= limit.count
    local taken, retry, reset = 0, 0, latest
    if allowed then taken = cost else retry = leases_retry(state, limit, now, used + cost - limit.count, cost) end
    if taken > 0 then reset = limit.period elseif used == 0 then reset = 0 end
    return decision(allowed, limit.count, max(0, limit.count - used - taken), retry, reset)
  end,
  take = function(state, limit, now, cost, lease)
    leases_forget(state, now)
    if cost == 0 then return end
    local size = #state
    state[size + 1], state[size + 2], state[size + 3] = now + limit.period, lease, cost
  end,
  refund = function(state, _, now, _, lease) leases_forget(state, now, lease) end,
  fresh_at = function(state)
    local latest = 0
    for index = 1, #state, 3 do latest = max(latest, state[index]) end
    return latest
  end,
  settle = function(state, _, limit, now)
    local changed = false
    for index = 1, #state, 3 do
      if state[index] > now + limit.period then
        state[index] = now + limit.period
        changed = true
      end
    end
    return changed
  end,
}
`;
