local floor = math.floor

local function fill(data, n)
  local x = 1
  for i = 1, n do
    x = x * 16807 % 2147483647
    data[i] = floor(x / 256) % 256
  end
end

local function adler(data)
  local a, b = 1, 0
  for i = 1, #data do
    a = (a + data[i]) % 65521
    b = (b + a) % 65521
  end
  return b * 65536 + a
end

local data = {}
fill(data, 1000000)
local checksum, most = 0, 0
for round = 1, 20 do
  local counts = {}
  for c = 0, 255 do counts[c] = 0 end
  for i = 1, #data do
    local c = data[i]
    counts[c] = counts[c] + 1
  end
  for c = 0, 255 do
    if counts[c] > counts[most] then most = c end
  end
  checksum = adler(data)
  data[round] = checksum % 256
end
print(string.format("%d %d", most, checksum))
