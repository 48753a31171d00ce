/**
 * The beginning of every script: the clock, and one counter as a hash.
 *
 *     t  all that counts          s<slice>        what a slice counts, held amounts included
 *     r  what of it is held       h<slice>:<end>  what is held of it until then
 *     e  when something leaves by time alone, 0: nothing does
 *     z  when the last of it has left
 *
 * Time is Redis's own, so that clocks of sidecars do not matter. Numbers in Lua are doubles, exact up to 2^53, and are
 * written with all their digits: `tostring` would give fourteen. Work is bounded: a counter has at most 61 slices and a
 * few ends of leases for each, and looks through them once per slice.
 *
 * Commands: https://redis.io/docs/latest/commands/, scripts: https://redis.io/docs/latest/develop/programmability/eval-intro/
 */
import { maxLeaseMs } from "../counter-store.ts";

/** Redis's clock in milliseconds. */
export const serverClock = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`;

export const counterLua = `
local most, never, day = ${Number.MAX_SAFE_INTEGER}, math.huge, 86400000
-- What ends later than any lease can was written when the clock was wrong.
local far = ${2 * maxLeaseMs}

-- A third of the time of '%.0f', and where a long has 64 bits as exact.
local text_format = string.format
local digits = text_format('%d', 2^53) == '9007199254740992' and '%d' or '%.0f'
local function whole(number) return text_format(digits, number) end
local function slice_name(slice) return 's' .. whole(slice) end
local function hold_name(slice, ends) return 'h' .. whole(slice) .. ':' .. whole(ends) end

local function slice_at(c, time)
  if c.slice_ms == 0 then return 0 end
  return math.floor(time / c.slice_ms)
end

local function leaves(c, slice)
  if c.slice_ms == 0 then return never end
  return (slice + 1) * c.slice_ms + c.span_ms
end

local function sliding(c) return c.slice_ms > 0 end
local function calendar(c) return c.slice_ms == 0 and c.span_ms > 0 end

-- Slices of the past, and those that a clock which has since gone back by more than the window left in the future.
local function out(c, slice)
  if not sliding(c) then return false end
  return leaves(c, slice) <= now or slice * c.slice_ms > now + c.span_ms
end

local function delete(c, names)
  for from = 1, #names, 500 do
    redis.call('HDEL', c.key, unpack(names, from, math.min(from + 499, #names)))
  end
end

-- All slices and holds of a counter, by their names.
local function parts(c)
  local flat, slices, holds = redis.call('HGETALL', c.key), {}, {}
  for j = 1, #flat, 2 do
    local slice, ends = string.match(flat[j], '^h(%d+):(%d+)$')
    if slice then
      holds[#holds + 1] = { slice = tonumber(slice), ends = tonumber(ends), amount = tonumber(flat[j + 1]) }
    else
      slice = string.match(flat[j], '^s(%d+)$')
      if slice then slices[tonumber(slice)] = tonumber(flat[j + 1]) end
    end
  end
  return slices, holds
end

-- Lets go of what has left by now.
local function advance(c)
  local slices, holds = parts(c)
  local gone, changed = {}, {}
  c.total, c.reserved, c.earliest, c.latest = 0, 0, never, 0
  for _, hold in ipairs(holds) do
    local over = hold.ends <= now or hold.ends > now + far
    local sum = slices[hold.slice]
    if not sum or out(c, hold.slice) or over then
      gone[#gone + 1] = hold_name(hold.slice, hold.ends)
      if sum and over then
        slices[hold.slice] = sum - hold.amount
        changed[hold.slice] = true
      end
    else
      c.reserved = c.reserved + hold.amount
      c.earliest = math.min(c.earliest, hold.ends)
      if not sliding(c) then c.latest = math.max(c.latest, hold.ends) end
    end
  end
  local written = {}
  for slice, sum in pairs(slices) do
    if out(c, slice) then
      gone[#gone + 1] = slice_name(slice)
    else
      c.total = c.total + sum
      c.earliest = math.min(c.earliest, leaves(c, slice))
      if sliding(c) then c.latest = math.max(c.latest, leaves(c, slice)) end
      if changed[slice] then
        written[#written + 1] = slice_name(slice)
        written[#written + 1] = whole(sum)
      end
    end
  end
  delete(c, gone)
  redis.call('HSET', c.key, 't', whole(c.total), 'r', whole(c.reserved),
    'e', c.earliest == never and '0' or whole(c.earliest), 'z', whole(c.latest), unpack(written))
end

-- What one slice counts, and what of it is held until then.
local function look(c, slice, ends)
  c.slice, c.ends, c.slice_field, c.hold_field = slice, ends, slice_name(slice), hold_name(slice, ends)
  local found = redis.call('HMGET', c.key, c.slice_field, c.hold_field)
  c.sum, c.held = tonumber(found[1] or 0), tonumber(found[2] or 0)
end

-- A counter as it is now, with a look at one slice: all in one command, as a rule.
local function open(key, slice_ms, span_ms, time, ends, slice)
  local c = { key = key, slice_ms = tonumber(slice_ms), span_ms = tonumber(span_ms) }
  c.slice, c.ends = slice or slice_at(c, time), ends
  c.slice_field, c.hold_field = slice_name(c.slice), hold_name(c.slice, ends)
  local head = redis.call('HMGET', key, 't', 'r', 'e', 'z', c.slice_field, c.hold_field)
  c.new = not head[1]
  c.total, c.reserved = tonumber(head[1] or 0), tonumber(head[2] or 0)
  c.earliest, c.latest = tonumber(head[3] or 0), tonumber(head[4] or 0)
  if c.earliest == 0 then c.earliest = never end
  c.sum, c.held = tonumber(head[5] or 0), tonumber(head[6] or 0)
  local horizon = sliding(c) and c.slice_ms + c.span_ms or far
  if c.earliest <= now or (c.earliest < never and c.earliest > now + horizon) then
    advance(c)
    look(c, c.slice, ends)
  end
  return c
end

local function countable(c, amount) return math.min(amount, most - c.total) end

-- Adds to what the slice looked at counts, and to what is held of it.
local function change(c, sum, hold)
  c.total, c.reserved, c.sum, c.held = c.total + sum, c.reserved + hold, c.sum + sum, c.held + hold
  local leaving, last = leaves(c, c.slice), c.latest
  c.earliest = math.min(c.earliest, leaving)
  if sliding(c) then c.latest = math.max(c.latest, leaving) end
  local fields = { c.slice_field, whole(c.sum) }
  if c.held > 0 and hold ~= 0 then
    fields[3], fields[4] = c.hold_field, whole(c.held)
    c.earliest = math.min(c.earliest, c.ends)
    if not sliding(c) then c.latest = math.max(c.latest, c.ends) end
  elseif hold ~= 0 then
    redis.call('HDEL', c.key, c.hold_field)
  end
  redis.call('HSET', c.key, 't', whole(c.total), 'r', whole(c.reserved),
    'e', c.earliest == never and '0' or whole(c.earliest), 'z', whole(c.latest), unpack(fields))
  -- A calendar counter stays a day longer, for the truth of exchanges that outlast the period. Said once: the ends of
  -- leases, which come much earlier, are not its own.
  if calendar(c) then
    if c.new then redis.call('PEXPIRE', c.key, whole(c.span_ms + day)) end
  elseif c.new or c.latest > last then
    redis.call('PEXPIRE', c.key, whole(math.max(c.latest - now, 0) + 1000))
  end
  c.new = false
end

local function report(reply, c)
  local n = #reply
  reply[n + 1], reply[n + 2] = c.total - c.reserved, c.reserved
  if calendar(c) then reply[n + 3] = c.span_ms
  elseif c.total == 0 then reply[n + 3] = 0
  else reply[n + 3] = math.max(0, c.latest - now) end
end

-- As text: not every client reads integers near 2^53 right.
local function text_of(reply)
  for j, number in ipairs(reply) do reply[j] = whole(number) end
  return table.concat(reply, ' ')
end

-- The record of a lease: its end, then slice and amount of every claim.
local function read_lease(key)
  local text = redis.call('GET', key)
  if not text then return nil end
  if text == 'settled' then return 'settled' end
  local lease = { places = {} }
  for a, b in string.gmatch(text, '(%d+),(%d+)') do
    if lease.ends then lease.places[#lease.places + 1] = { slice = tonumber(a), amount = tonumber(b) }
    else lease.ends = tonumber(a) end
  end
  return lease
end

local function write_lease(key, ends, places, keep_ms)
  local texts = { whole(ends) .. ',0' }
  for j, place in ipairs(places) do texts[j + 1] = whole(place.slice) .. ',' .. whole(place.amount) end
  redis.call('SET', key, table.concat(texts, ';'), 'PX', whole(ends - now + keep_ms))
end
`;
