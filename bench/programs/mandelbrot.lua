local function escapes(cx, cy, limit)
  local x, y = 0.0, 0.0
  for i = 1, limit do
    local xx, yy = x * x, y * y
    if xx + yy > 4 then return true end
    x, y = xx - yy + cx, 2 * x * y + cy
  end
  return false
end

local size, limit = 800, 100
local inside = 0
for row = 0, size - 1 do
  local cy = 2 * row / size - 1
  for column = 0, size - 1 do
    if not escapes(2 * column / size - 1.5, cy, limit) then inside = inside + 1 end
  end
end
print(inside)
