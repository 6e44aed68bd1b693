-- Its argument: how long a connection waits before its next request, on average, in milliseconds. By chance, or they
-- would all come at once.
function init(args)
  local pause = tonumber(args[1])
  if pause > 0 then
    function delay()
      return math.random(0, 2 * pause)
    end
  end
end

-- What wrk has counted, as JSON on the last line; it counts time in microseconds.
function done(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format('{"units":%d,"errors":%d,"bytes":%.0f,"p99Ms":%.3f}',
    summary.requests, errors, summary.bytes, latency:percentile(99) / 1000))
end
