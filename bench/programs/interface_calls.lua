local Square = {}
Square.__index = Square
function Square:area() return self.side * self.side end

local Rectangle = {}
Rectangle.__index = Rectangle
function Rectangle:area() return self.a * self.b end

local function square(side) return setmetatable({ side = side }, Square) end
local function rectangle(a, b) return setmetatable({ a = a, b = b }, Rectangle) end

local shapes = { square(2), rectangle(2, 3), square(4), rectangle(5, 6) }
local sum = 0
for i = 1, 5000000 do
  for j = 1, #shapes do sum = sum + shapes[j]:area() end
end
print(string.format("%d", sum))
