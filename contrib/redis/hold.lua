-- Holds back what a 429 was about. All moments are microseconds since 1970.
local held, refused, line_held = unpack(KEYS)
local line, hourly, hold, window, now = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local function extend(key)
  if now + hold > tonumber(redis.call('GET', key) or 0) then
    redis.call('SET', key, string.format('%.0f', now + hold), 'PX', math.ceil(hold / 1000) + 1000)
  end
end

if line ~= '' then
  extend(line_held)
end
if hourly then return {} end

-- A second entity in one window: the limit was not the entity's.
local second = false
if line ~= '' then
  local other, at = string.match(redis.call('GET', refused) or '', '^(.*):(%d+)$')
  second = other and other ~= line and now - tonumber(at) < window
  redis.call('SET', refused, line .. ':' .. string.format('%.0f', now), 'PX', math.ceil(window / 1000) + 1000)
end
if line == '' or second then
  extend(held)
end
return {}
