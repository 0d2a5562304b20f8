/** rules/token-bucket.ts in Lua. */
export const tokenBucketLua = `
-- tokens at now, and how long ago the last one came, in two parts
local function bucket_level(state, limit, now)
  local tokens, at, at_fraction = min(state[1], limit.burst), state[2], state[3]
  local us = now - at
  if at_fraction > 0 then us = us - 1 end
  if tokens >= limit.burst then return tokens, 0, 0 end
  local fraction = 0
  if at_fraction > 0 then fraction = limit.fractions - at_fraction end
  if us < 0 then return tokens, us, fraction end
  if us > limit.burst_us then return limit.burst, 0, 0 end
  local gained = whole_steps(limit, us, fraction)
  if tokens + gained >= limit.burst then return limit.burst, 0, 0 end
  local since, since_fraction = us - steps_us(limit, gained), fraction - steps_fraction(limit, gained)
  if since_fraction < 0 then since, since_fraction = since - 1, since_fraction + limit.fractions end
  return tokens + gained, since, since_fraction
end

local function bucket_time(limit, tokens, since, since_fraction)
  if tokens <= 0 then return 0 end
  return round_up(steps_us(limit, tokens) - since, steps_fraction(limit, tokens) - since_fraction)
end

local function bucket_change(state, limit, now, by)
  local tokens, since, since_fraction = bucket_level(state, limit, now)
  state[1] = min(limit.burst, tokens + by)
  if since_fraction > 0 then
    state[2], state[3] = now - since - 1, limit.fractions - since_fraction
  else
    state[2], state[3] = now - since, 0
  end
end

rules['token-bucket'] = {
  fresh = function(limit, now) return { limit.burst, now, 0 } end,
  judge = function(state, limit, now, cost)
    local tokens, since, since_fraction = bucket_level(state, limit, now)
    local allowed = cost <= tokens
    local remaining, retry = tokens, 0
    if allowed then
      remaining = tokens - cost
    elseif cost > limit.burst then
      retry = NEVER
    else
      retry = bucket_time(limit, cost - tokens, since, since_fraction)
    end
    local reset = bucket_time(limit, limit.burst - remaining, since, since_fraction)
    return decision(allowed, limit.burst, remaining, retry, reset)
  end,
  take = function(state, limit, now, cost) bucket_change(state, limit, now, -cost) end,
  refund = function(state, limit, now, cost) bucket_change(state, limit, now, cost) end,
  fresh_at = function(state, limit)
    local missing = max(0, limit.burst - state[1])
    return round_up(state[2] + steps_us(limit, missing), state[3] + steps_fraction(limit, missing)) + 1
  end,
  settle = function(state, counted_by, limit, now)
    local tokens = max(0, limit.burst - max(0, counted_by.burst - state[1]))
    local reparted = counted_by.fractions ~= limit.fractions
    local changed = tokens ~= state[1] or reparted
    state[1] = tokens
    if reparted then state[2], state[3] = round_up(state[2], state[3]), 0 end
    if state[2] <= now + limit.step then return changed end
    state[2], state[3] = now, 0
    return true
  end,
}
`;
