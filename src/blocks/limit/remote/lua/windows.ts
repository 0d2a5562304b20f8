/** rules/fixed-window.ts, anchored-window.ts and sliding-window.ts in Lua. */

/** rules/window.ts. */
export const windowLua = `
local function window_judge(limit, used, left, cost)
  local allowed = used + cost <= limit.count
  local after, retry, reset = used, 0, left
  if allowed then
    after = used + cost
  elseif cost > limit.count then
    retry = NEVER
  else
    retry = left
  end
  if after == 0 then reset = 0 end
  return decision(allowed, limit.count, max(0, limit.count - after), retry, reset)
end
`;

export const fixedWindowLua = `
-- start of the window that counts now, and what is used in it
local function fixed_window(state, limit, now)
  local start = now - fmod(now, limit.period)
  if state[1] > start and state[1] - start <= limit.period then start = state[1] end
  if state[1] == start then return start, state[2] end
  return start, 0
end

local function fixed_add(state, limit, now, change)
  local start, used = fixed_window(state, limit, now)
  state[1], state[2] = start, max(0, used + change)
end

rules['fixed-window'] = {
  fresh = function(limit, now) return { now - fmod(now, limit.period), 0 } end,
  judge = function(state, limit, now, cost)
    local start, used = fixed_window(state, limit, now)
    return window_judge(limit, used, start + limit.period - now, cost)
  end,
  take = function(state, limit, now, cost) fixed_add(state, limit, now, cost) end,
  refund = function(state, limit, now, cost) fixed_add(state, limit, now, -cost) end,
  fresh_at = function(state, limit)
    if state[2] == 0 then return state[1] end
    return state[1] + limit.period
  end,
  settle = function(state, counted_by, limit, now)
    if counted_by.period == limit.period then return false end
    local _, used = fixed_window(state, counted_by, now)
    state[1], state[2] = now - fmod(now, limit.period), used
    return true
  end,
}
`;

export const anchoredWindowLua = `
local function anchored_is_open(state, limit, now)
  return state[2] > 0 and now < state[1] + limit.period
end

local function anchored_add(state, limit, now, change)
  if anchored_is_open(state, limit, now) then
    state[1], state[2] = min(state[1], now), max(0, state[2] + change)
  else
    state[1], state[2] = now, max(0, change)
  end
end

rules['anchored-window'] = {
  fresh = function(limit, now) return { now, 0 } end,
  judge = function(state, limit, now, cost)
    if not anchored_is_open(state, limit, now) then return window_judge(limit, 0, limit.period, cost) end
    return window_judge(limit, state[2], min(state[1], now) + limit.period - now, cost)
  end,
  take = function(state, limit, now, cost) anchored_add(state, limit, now, cost) end,
  refund = function(state, limit, now, cost) anchored_add(state, limit, now, -cost) end,
  fresh_at = function(state, limit)
    if state[2] == 0 then return state[1] end
    return state[1] + limit.period
  end,
  settle = function(state, _, _, now)
    if state[1] <= now then return false end
    state[1] = now
    return true
  end,
}
`;

export const slidingWindowLua = `
-- start, elapsed, current, previous
local function sliding_view(state, limit, now)
  local stored, start = state[1], now - fmod(now, limit.period)
  local elapsed = now - start
  if stored == start then return start, elapsed, state[2], state[3] end
  if stored == start - limit.period then return start, elapsed, 0, state[2] end
  if stored > start and stored - start <= limit.period then return stored, 0, state[2], state[3] end
  return start, elapsed, 0, 0
end

local function sliding_weighted(previous, elapsed, period)
  return previous - multiply_divide(elapsed, previous, period)
end

-- how far into a window the weighted previous has come down to room
local function sliding_elapsed(previous, room, period)
  if previous <= room then return 0 end
  local sunk = previous - room
  local down = multiply_divide(period, sunk, previous)
  local reached = multiply_divide(down, previous, period)
  if reached >= sunk then return down end
  return down + 1
end

local function sliding_retry(limit, now, cost, start, current, previous)
  if cost > limit.count then return NEVER end
  local room = limit.count - current - cost
  if room >= 0 then return start + sliding_elapsed(previous, room, limit.period) - now end
  return start + limit.period + sliding_elapsed(current, limit.count - cost, limit.period) - now
end

local function sliding_add(state, limit, now, change)
  local start, _, current, previous = sliding_view(state, limit, now)
  local over = min(0, current + change)
  state[1], state[2], state[3] = start, max(0, current + change), max(0, previous + over)
end

rules['sliding-window'] = {
  fresh = function(limit, now) return { now - fmod(now, limit.period), 0, 0 } end,
  judge = function(state, limit, now, cost)
    local start, elapsed, current, previous = sliding_view(state, limit, now)
    local used = sliding_weighted(previous, elapsed, limit.period) + current
    local allowed = used + cost <= limit.count
    local taken, retry, reset = 0, 0, 0
    if allowed then taken = cost else retry = sliding_retry(limit, now, cost, start, current, previous) end
    if current + taken > 0 then
      reset = start + 2 * limit.period - now
    elseif previous > 0 then
      reset = start + limit.period - now
    end
    return decision(allowed, limit.count, max(0, limit.count - used - taken), retry, reset)
  end,
  take = function(state, limit, now, cost) sliding_add(state, limit, now, cost) end,
  refund = function(state, limit, now, cost) sliding_add(state, limit, now, -cost) end,
  fresh_at = function(state, limit)
    if state[2] > 0 then return state[1] + 2 * limit.period end
    if state[3] > 0 then return state[1] + limit.period end
    return state[1]
  end,
  settle = function(state, counted_by, limit, now)
    if counted_by.period == limit.period then return false end
    local _, elapsed, current, previous = sliding_view(state, counted_by, now)
    state[1] = now - fmod(now, limit.period)
    state[2] = current + sliding_weighted(previous, elapsed, counted_by.period)
    state[3] = 0
    return true
  end,
}
`;
