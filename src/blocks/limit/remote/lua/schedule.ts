/** rules/virtual-scheduling.ts in Lua, and the two algorithms that stand on it. */
export const scheduleLua = `
local function schedule_room(limit, us, fraction)
  if us == 0 and fraction == 0 then return limit.burst end
  local left_fraction, left = limit.burst_fraction - fraction, limit.burst_us - us
  if left_fraction < 0 then return whole_steps(limit, left - 1, left_fraction + limit.fractions) end
  return whole_steps(limit, left, left_fraction)
end

local function schedule_refused(limit, us, fraction, retry)
  return decision(false, limit.burst, schedule_room(limit, us, fraction), retry, round_up(us, fraction))
end

local function beyond_burst(limit, us, fraction)
  return us > limit.burst_us or (us == limit.burst_us and fraction > limit.burst_fraction)
end

local function schedule_judge(state, limit, now, cost, queues)
  local us, fraction = state[1] - now, state[2]
  if us < 0 then
    us, fraction = 0, 0
  elseif beyond_burst(limit, us, fraction) then
    us, fraction = limit.burst_us, limit.burst_fraction
  end
  if cost > limit.burst then return schedule_refused(limit, us, fraction, NEVER) end
  local after, after_fraction = us + steps_us(limit, cost), fraction + steps_fraction(limit, cost)
  if after_fraction >= limit.fractions then
    after, after_fraction = after + 1, after_fraction - limit.fractions
  end
  if beyond_burst(limit, after, after_fraction) then
    local wait = round_up(after - limit.burst_us, after_fraction - limit.burst_fraction)
    return schedule_refused(limit, us, fraction, wait)
  end
  local delay = 0
  if queues and cost > 0 then delay = round_up(us, fraction) end
  return decision(true, limit.burst, schedule_room(limit, after, after_fraction), 0, round_up(after, after_fraction), delay)
end

-- brings the state to now + burst at most
local function schedule_pull_back(state, limit, now)
  if not beyond_burst(limit, state[1] - now, state[2]) then return false end
  state[1], state[2] = now + limit.burst_us, limit.burst_fraction
  return true
end

local function schedule_bound(state, limit, now)
  if state[1] < now then
    state[1], state[2] = now, 0
  else
    schedule_pull_back(state, limit, now)
  end
end

local function schedule(queues)
  return {
    fresh = function(limit, now) return { now, 0 } end,
    judge = function(state, limit, now, cost) return schedule_judge(state, limit, now, cost, queues) end,
    take = function(state, limit, now, cost)
      schedule_bound(state, limit, now)
      local us, fraction = state[1] + steps_us(limit, cost), state[2] + steps_fraction(limit, cost)
      if fraction >= limit.fractions then us, fraction = us + 1, fraction - limit.fractions end
      state[1], state[2] = us, fraction
    end,
    refund = function(state, limit, now, cost)
      if cost >= limit.burst then
        state[1], state[2] = now, 0
        return
      end
      schedule_bound(state, limit, now)
      local us, fraction = state[1] - steps_us(limit, cost), state[2] - steps_fraction(limit, cost)
      if fraction < 0 then us, fraction = us - 1, fraction + limit.fractions end
      state[1], state[2] = us, fraction
      schedule_bound(state, limit, now)
    end,
    fresh_at = function(state) return round_up(state[1], state[2]) end,
    settle = function(state, counted_by, limit, now)
      local reparted = counted_by.fractions ~= limit.fractions
      if reparted then state[1], state[2] = round_up(state[1], state[2]), 0 end
      return schedule_pull_back(state, limit, now) or reparted
    end,
  }
end
`;

export const gcraLua = `
rules['gcra'] = schedule(false)
`;

export const leakyBucketLua = `
rules['leaky-bucket'] = schedule(true)
`;
