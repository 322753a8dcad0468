local m, count = {}, 0
for i = 0, 999999 do
  local key = i * 7919 % 1000003
  if m[key] == nil then count = count + 1 end
  m[key] = i
end
local sum = 0
for i = 0, 1999999 do sum = sum + (m[i % 1000003] or 0) end
print(string.format("%d %d", count, sum))
