-- The same as Quota::decide; the clock is Redis's own, so that replicas agree.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = burst * interval
local from = tonumber(redis.call('GET', KEYS[1]) or now) or now
from = math.min(math.max(from, now), now + whole)
local used = from + interval - now
if used > whole then
  return {0, 0, used - whole, from - now}
end
redis.call('SET', KEYS[1], now + used, 'PX', math.ceil(used / 1000))
return {1, math.floor((whole - used) / interval), 0, used}
