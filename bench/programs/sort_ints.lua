local floor = math.floor

local function quicksort(a, from, to)
  while to - from >= 12 do
    local pivot = a[floor((from + to + 1) / 2)]
    local i, j = from, to
    while i <= j do
      while a[i] < pivot do i = i + 1 end
      while a[j] > pivot do j = j - 1 end
      if i <= j then
        a[i], a[j] = a[j], a[i]
        i, j = i + 1, j - 1
      end
    end
    quicksort(a, from, j)
    from = i
  end
  for i = from + 1, to do
    local j = i
    while j > from and a[j] < a[j - 1] do
      a[j], a[j - 1] = a[j - 1], a[j]
      j = j - 1
    end
  end
end

local n, a, x = 1000000, {}, 1
for i = 1, n do
  x = (x * 1664525 + 1013904223) % 4294967296
  a[i] = floor(x / 256)
end
quicksort(a, 1, n)
local ordered = true
for i = 2, n do ordered = ordered and a[i - 1] <= a[i] end
print(string.format("%s %d", ordered, a[1001]))
