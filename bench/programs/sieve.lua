local n, count = 2000000, 0
for round = 1, 5 do
  local composite = {}
  for i = 0, n - 1 do composite[i] = false end
  count = 0
  for i = 2, n - 1 do
    if not composite[i] then
      count = count + 1
      for j = i * 2, n - 1, i do composite[j] = true end
    end
  end
end
print(count)
