local function counter()
  local sum = 0
  return function(n)
    sum = sum + n
    return sum
  end
end

local add, last = counter(), 0
for i = 0, 29999999 do last = add(i % 8) end
print(string.format("%d", last))
