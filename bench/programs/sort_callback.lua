local function records(n)
  local all, x = {}, 1
  for i = 1, n do
    x = x * 16807 % 2147483647
    all[i] = { key = x % 50000, id = i - 1 }
  end
  return all
end

local function checksum(all)
  local sum = 0
  for i = 1, #all do sum = (sum * 31 + all[i].key * i + all[i].id) % 2000003 end
  return sum
end

local a = records(200000)
table.sort(a, function(x, y)
  if x.key ~= y.key then return x.key < y.key end
  return x.id < y.id
end)
local b = records(200000)
table.sort(b, function(x, y)
  if x.key ~= y.key then return x.key > y.key end
  return x.id < y.id
end)
print(string.format("%d %d", checksum(a), checksum(b)))
