local function element(i, j)
  local sum = i + j
  return 1 / (sum * (sum + 1) / 2 + i + 1)
end

local function times(v, result)
  for i = 1, #result do
    local sum = 0
    for j = 1, #v do sum = sum + element(i - 1, j - 1) * v[j] end
    result[i] = sum
  end
end

local function times_transposed(v, result)
  for i = 1, #result do
    local sum = 0
    for j = 1, #v do sum = sum + element(j - 1, i - 1) * v[j] end
    result[i] = sum
  end
end

local n = 700
local u, v, scratch = {}, {}, {}
for i = 1, n do u[i], v[i], scratch[i] = 1, 0, 0 end
for round = 1, 10 do
  times(u, scratch)
  times_transposed(scratch, v)
  times(v, scratch)
  times_transposed(scratch, u)
end
local uv, vv = 0, 0
for i = 1, n do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
print(string.format("%d", math.floor(math.sqrt(uv / vv) * 1e9)))
