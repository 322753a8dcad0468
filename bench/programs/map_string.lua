local n = 100000
local keys = {}
for i = 0, 2 * n - 1 do keys[i] = "key" .. string.format("%d", i * 7919 % 1000003) end
local m, count = {}, 0
for i = 0, n - 1 do
  if m[keys[i]] == nil then count = count + 1 end
  m[keys[i]] = i
end
local sum, missing = 0, 0
for round = 1, 25 do
  for i = 0, 2 * n - 1 do
    local value = m[keys[i]]
    if value then sum = sum + value else missing = missing + 1 end
  end
end
for i = 0, n - 1, 2 do
  if m[keys[i]] ~= nil then count = count - 1 end
  m[keys[i]] = nil
end
print(string.format("%d %d %d", count, sum, missing))
