-- Takes a slot for a request, or queues it. One call is one atomic step, by the server's clock.
-- All moments are microseconds since 1970.
local sent, held, backfill, waiting, waiting_backfill, lines, alive, line_sent, line_held = unpack(KEYS)
local id, arrival, left, is_backfill = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local limit, backfill_limit, floor = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local span, seen, longest = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local line, line_limit, line_span, line_seen, line_longest = ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local dead, now = tonumber(ARGV[16]), tonumber(ARGV[17])
local TAKEN, WAIT, LATE = 0, 1, 2

if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

-- text writes a moment with all its digits, which .. does not.
local function text(moment) return string.format('%.0f', moment) end

local function score(log, index)
  return tonumber(redis.call('ZRANGE', log, index, index, 'WITHSCORES')[2] or 0)
end

-- count enters a member into a log, and drops what has left its window.
local function count(log, log_span, member)
  redis.call('ZREMRANGEBYSCORE', log, '-inf', now - log_span)
  redis.call('ZADD', log, now, member)
  redis.call('PEXPIRE', log, math.ceil(log_span / 1000) + 1000)
end

-- restore holds back a log that lacks what the caller has seen in it: the server has lost the
-- end of it, and cannot know what else. One member marks the loss, so that it counts once.
local function restore(log, log_held, log_span)
  count(log, log_span, 'lost')
  redis.call('SET', log_held, text(now + log_span), 'PX', math.ceil(log_span / 1000) + 1000)
end

local last = score(sent, -1)
if last > now + span then
  -- The clock was set back by more than a window: nothing that is kept has a meaning.
  redis.call('DEL', sent, backfill, waiting, waiting_backfill, lines, alive)
  restore(sent, held, span)
else
  now = math.max(now, last)
  if seen > last and math.abs(now - seen) < span then
    restore(sent, held, span)
  end
end
if line ~= '' then
  local line_last = score(line_sent, -1)
  if line_last > now then
    redis.call('DEL', line_sent)
  elseif line_seen > line_last and math.abs(now - line_seen) < line_span then
    restore(line_sent, line_held, line_span)
  end
end

-- A repetition of a question whose answer was lost counts once.
if redis.call('ZSCORE', sent, id) then return {TAKEN, 0, now, last} end

-- Those that have not asked again have died.
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', alive, '-inf', now - dead, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', waiting, gone)
  redis.call('ZREM', waiting_backfill, gone)
  redis.call('ZREM', lines, gone)
  redis.call('ZREM', alive, gone)
end

local first = arrival == 0
if first then arrival = now end
local name = line .. ':' .. text(arrival) .. ':' .. id
local queue = is_backfill and waiting_backfill or waiting
if not first then
  redis.call('ZREM', queue, name)
end

-- free is the earliest moment, not before from, for the request that comes after others other
-- requests.
local function free(log, log_limit, log_span, from, others)
  local at = redis.call('ZCARD', log) - log_limit + others % log_limit
  if at >= 0 then
    from = math.max(from, score(log, at) + log_span)
  end
  return from + math.floor(others / log_limit) * log_span
end

-- until_held is when a hold ends. One that lasts longer than any hold was set before the clock
-- was set back by more than a window, and has no meaning.
local function until_held(key, most)
  local at = tonumber(redis.call('GET', key) or 0)
  if at > now + most + span then
    redis.call('DEL', key)
    return 0
  end
  return at
end

-- The line, in order of arrival. A place in the queue counts from when the line has room.
local place = arrival
if line ~= '' then
  local ahead = redis.call('ZLEXCOUNT', lines, '[' .. line .. ':', '(' .. name)
  place = free(line_sent, line_limit, line_span, math.max(arrival, until_held(line_held, line_longest)), ahead)
end

-- The instance: interactive requests first, except that a backfill that waits gets its floor.
local ahead = redis.call('ZCOUNT', queue, '-inf', '(' .. text(place))
local from, turn = math.max(now, until_held(held, longest)), nil
if is_backfill then
  local ready = redis.call('ZCOUNT', waiting, '-inf', math.max(now, place))
  turn = free(sent, limit, span, from, ahead + ready)
  if floor > 0 and ready > 0 then
    turn = math.min(turn, math.max(free(backfill, floor, span, now, ahead), free(sent, limit, span, from, ahead)))
  end
  turn = math.max(turn, free(backfill, backfill_limit, span, now, ahead))
else
  local ready = floor > 0 and redis.call('ZCOUNT', waiting_backfill, '-inf', now) or 0
  if ready > 0 then
    local missing = floor - redis.call('ZCOUNT', backfill, '(' .. text(now - span), '+inf')
    ahead = ahead + math.max(0, math.min(missing, ready))
  end
  turn = free(sent, limit, span, from, ahead)
end
turn = math.max(turn, place)

if turn > now and turn - now < left then
  redis.call('ZADD', queue, place, name)
  redis.call('ZADD', lines, 0, name)
  redis.call('ZADD', alive, now, name)
  for _, key in ipairs({queue, lines, alive}) do
    redis.call('PEXPIRE', key, 2000)
  end
  return {WAIT, turn - now, arrival, score(sent, -1)}
end
if not first then
  redis.call('ZREM', lines, name)
  redis.call('ZREM', alive, name)
end
if turn > now then return {LATE, turn - now, arrival, score(sent, -1)} end
count(sent, span, id)
if is_backfill then count(backfill, span, id) end
if line ~= '' then count(line_sent, line_span, id) end
return {TAKEN, 0, arrival, now}
