/**
 * One script for each thing that a store does. The first key is the lease's record (`levels` has none), the others are
 * counters; all have the tenant's hash tag. Whatever can fail is read before anything is reserved.
 */
import { createHash } from "node:crypto";
import { counterLua, serverClock } from "./counter-lua.ts";

export interface Script {
  readonly text: string;
  /** By which Redis knows it once it has run it. */
  readonly sha1: string;
}

export interface Scripts {
  readonly take: Script;
  readonly settle: Script;
  readonly renew: Script;
  readonly levels: Script;
}

/** ARGV: lease ms, grid ms, ms that the record stays; per counter: slice ms, span ms, limit, amount, 1 when enforced. */
const take = `
local ends = math.ceil((now + tonumber(ARGV[1])) / tonumber(ARGV[2])) * tonumber(ARGV[2])
local lease = read_lease(KEYS[1])
local reply, counters = { 1, 0, 0 }, {}

-- How long until the amount fits if nothing but time happens; -1: it never does.
local function wait(c)
  if c.amount > c.limit then return -1 end
  local slices, holds = parts(c)
  local departures = {}
  for _, hold in ipairs(holds) do
    if hold.ends < leaves(c, hold.slice) then
      departures[#departures + 1] = { at = hold.ends, amount = hold.amount }
      slices[hold.slice] = slices[hold.slice] - hold.amount
    end
  end
  for slice, sum in pairs(slices) do departures[#departures + 1] = { at = leaves(c, slice), amount = sum } end
  table.sort(departures, function(a, b) return a.at < b.at end)
  local excess = c.total + c.amount - c.limit
  for _, departure in ipairs(departures) do
    excess = excess - departure.amount
    if excess <= 0 then return math.min(calendar(c) and c.span_ms or never, departure.at - now) end
  end
  return 0
end

for k = 2, #KEYS do
  local a = 5 * k - 6
  local c = open(KEYS[k], ARGV[a], ARGV[a + 1], now, ends)
  c.limit, c.amount = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  c.fits = lease ~= nil or c.total + c.amount <= c.limit
  if not c.fits and ARGV[a + 4] == '1' then
    if reply[1] == 1 then reply[1], reply[2] = 0, k - 2 end
    local ms = reply[3] < 0 and -1 or wait(c)
    reply[3] = ms < 0 and -1 or math.max(reply[3], ms)
  end
  counters[k - 1] = c
end

if reply[1] == 1 and not lease then
  local places = {}
  for j, c in ipairs(counters) do
    local place = { slice = c.slice, amount = countable(c, c.amount) }
    if place.amount > 0 then change(c, place.amount, place.amount) end
    places[j] = place
  end
  write_lease(KEYS[1], ends, places, tonumber(ARGV[3]))
end

for _, c in ipairs(counters) do
  report(reply, c)
  reply[#reply + 1] = c.fits and 1 or 0
end
return text_of(reply)
`;

/** ARGV: ms that the mark stays, ms since the take; per counter: slice ms, span ms, what it came to. */
const settle = `
local lease = read_lease(KEYS[1])
if lease == 'settled' then return 0 end
for k = 2, #KEYS do
  local a = 3 * k - 3
  local place = lease and lease.places[k - 1]
  local taken, ends = now - tonumber(ARGV[2]), lease and lease.ends or 0
  local c = open(KEYS[k], ARGV[a], ARGV[a + 1], taken, ends, place and place.slice)
  local actual = tonumber(ARGV[a + 2])
  if place and place.amount > 0 and c.held >= place.amount then
    actual = math.min(actual, place.amount + (most - c.total))
    change(c, actual - place.amount, -place.amount)
  elseif actual > 0 and not out(c, c.slice) then
    change(c, countable(c, actual), 0)
  end
end
redis.call('SET', KEYS[1], 'settled', 'PX', ARGV[1])
return 1
`;

/** ARGV: lease ms, grid ms, ms that the record stays, ms since the take; per counter: slice ms, span ms, amount. */
const renew = `
local lease = read_lease(KEYS[1])
if lease == 'settled' then return 0 end
local ends = math.ceil((now + tonumber(ARGV[1])) / tonumber(ARGV[2])) * tonumber(ARGV[2])
if lease then ends = math.max(ends, lease.ends) end
local places = {}
for k = 2, #KEYS do
  local a = 3 * k - 1
  local place = lease and lease.places[k - 1]
  local taken, before = now - tonumber(ARGV[4]), lease and lease.ends or ends
  local c = open(KEYS[k], ARGV[a], ARGV[a + 1], taken, before, place and place.slice)
  if place and place.amount > 0 and c.held >= place.amount then
    if ends ~= before then
      change(c, 0, -place.amount)
      look(c, place.slice, ends)
      change(c, 0, place.amount)
    end
  else
    place = { slice = c.slice, amount = 0 }
    if not out(c, c.slice) then place.amount = countable(c, tonumber(ARGV[a + 2])) end
    if place.amount > 0 then
      look(c, place.slice, ends)
      change(c, place.amount, place.amount)
    end
  end
  places[k - 1] = place
end
write_lease(KEYS[1], ends, places, tonumber(ARGV[3]))
return 1
`;

/** ARGV: per counter slice ms, span ms. */
const levels = `
local reply = {}
for k = 1, #KEYS do report(reply, open(KEYS[k], ARGV[2 * k - 1], ARGV[2 * k], now, 0)) end
return text_of(reply)
`;

/** @param clock Lua that sets the local \`now\`; Redis's own time unless a test has another */
export function counterScripts(clock = serverClock): Scripts {
  const script = (body: string): Script => {
    const text = `${clock}${counterLua}${body}`;
    return { text, sha1: createHash("sha1").update(text).digest("hex") };
  };
  return { take: script(take), settle: script(settle), renew: script(renew), levels: script(levels) };
}
