/**
 * rules/arithmetic.ts in Lua. Redis's Lua (5.1) has doubles only, so products that pass 2^52 are not made: they are
 * divided bit by bit, as with pen and paper.
 *
 *     a × b / c     from the highest bit of b down:   quotient, remainder ← twice as much, and a / c once more where the
 *                                                     bit is set; the remainder stays below c, all of it below 2^53
 *
 * A limit is a table with the fields of limit.ts: count, period, burst, step, step_fraction, fractions, burst_us,
 * burst_fraction.
 */
export const arithmeticLua = `
local floor, fmod, min, max = math.floor, math.fmod, math.min, math.max
local NEVER = -1
local EXACT = 4503599627370496

-- floor(a * b / c) and the remainder; a and c below 2^52, b at most 2^26
local function multiply_divide(a, b, c)
  local product = a * b
  if product < EXACT then
    local quotient = floor(product / c)
    return quotient, product - quotient * c
  end
  local whole, rest = floor(a / c), fmod(a, c)
  local quotient, remainder = 0, 0
  local weight = 67108864
  while weight >= 1 do
    quotient = quotient * 2
    remainder = remainder * 2
    if remainder >= c then
      quotient = quotient + 1
      remainder = remainder - c
    end
    if b >= weight then
      b = b - weight
      quotient = quotient + whole
      remainder = remainder + rest
      if remainder >= c then
        quotient = quotient + 1
        remainder = remainder - c
      end
    end
    weight = weight / 2
  end
  return quotient, remainder
end

local function whole_steps(limit, us, fraction)
  local units = limit.step * limit.fractions + limit.step_fraction
  local steps, rest = multiply_divide(us, limit.fractions, units)
  return steps + floor((rest + fraction) / units)
end

local function steps_us(limit, count)
  if limit.step_fraction == 0 then return count * limit.step end
  return count * limit.step + floor((count * limit.step_fraction) / limit.fractions)
end

local function steps_fraction(limit, count)
  if limit.step_fraction == 0 then return 0 end
  return fmod(count * limit.step_fraction, limit.fractions)
end

local function round_up(us, fraction)
  if fraction > 0 then return us + 1 end
  return us
end

local function decision(allowed, limit, remaining, retry, reset, delay)
  return { allowed = allowed, limit = limit, remaining = remaining, retry = retry, reset = reset, delay = delay or 0 }
end

local rules = {}
`;
