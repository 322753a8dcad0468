local function matrix(n, seed)
  local m = {}
  for i = 0, n - 1 do
    local row = {}
    for j = 0, n - 1 do row[j + 1] = seed * (i - j) * (i + j) / (n * n) end
    m[i + 1] = row
  end
  return m
end

local function multiply(a, b)
  local n = #a
  local c = {}
  for i = 1, n do
    local row, left = {}, a[i]
    for j = 1, n do row[j] = 0 end
    for k = 1, n do
      local x, other = left[k], b[k]
      for j = 1, n do row[j] = row[j] + x * other[j] end
    end
    c[i] = row
  end
  return c
end

local function truncated(x) return x < 0 and math.ceil(x) or math.floor(x) end

local n, c = 200, nil
for round = 1, 4 do c = multiply(matrix(n, 1), matrix(n, 2)) end
print(string.format("%d", truncated(c[n / 2 + 1][n / 2 + 1] * 1e6)))
