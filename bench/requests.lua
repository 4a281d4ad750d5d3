-- Sends the requests of a file one after the other (bench/ingest.py writes it), each once.
-- With a third argument it waits between them, so that together all connections send so many a second.
local file, pause_ms, next_request, all = nil, 0, 0, {}

function init(arguments)
  local reader = io.open(arguments[1], "rb")
  while true do
    local length = reader:read(8)
    if not length then break end
    all[#all + 1] = reader:read(tonumber(length))
  end
  reader:close()
  pause_ms = tonumber(arguments[2] or "0")
end

function request()
  next_request = next_request + 1
  return all[(next_request - 1) % #all + 1]
end

-- An exponential wait, so that requests come as independent senders send them.
function delay()
  if pause_ms == 0 then return 0 end
  return math.floor(-pause_ms * math.log(1 - math.random()))
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    "RESULT %d %d %d %.0f %.0f\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
