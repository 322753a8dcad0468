local function place(row, n, cols, up, down)
  if row == n then return 1 end
  local solutions = 0
  for c = 0, n - 1 do
    if not (cols[c] or up[row + c] or down[row - c + n - 1]) then
      cols[c], up[row + c], down[row - c + n - 1] = true, true, true
      solutions = solutions + place(row + 1, n, cols, up, down)
      cols[c], up[row + c], down[row - c + n - 1] = false, false, false
    end
  end
  return solutions
end

local function falses(n)
  local t = {}
  for i = 0, n - 1 do t[i] = false end
  return t
end

local n = 12
print(place(0, n, falses(n), falses(2 * n), falses(2 * n)))
