local byte, sub = string.byte, string.sub

-- nil cannot stand in a table, so null has a value of its own.
local null = {}
local text, at

local function space()
  local c = byte(text, at)
  while c == 32 or c == 10 do
    at = at + 1
    c = byte(text, at)
  end
end

local function expect(c)
  if byte(text, at) ~= c then error("unexpected character at " .. at) end
  at = at + 1
end

-- Skips c and the space before it, if c comes next.
local function accept(c)
  space()
  if byte(text, at) ~= c then return false end
  at = at + 1
  return true
end

local function str()
  expect(34)
  local start = at
  local c = byte(text, at)
  while c ~= 34 and c ~= 92 do
    at = at + 1
    c = byte(text, at)
  end
  if c == 34 then
    at = at + 1
    return sub(text, start, at - 2)
  end
  local out = { sub(text, start, at - 1) }
  while byte(text, at) ~= 34 do
    if byte(text, at) == 92 then at = at + 1 end
    out[#out + 1] = sub(text, at, at)
    at = at + 1
  end
  at = at + 1
  return table.concat(out)
end

local function number()
  local sign, n = 1, 0
  if byte(text, at) == 45 then
    sign = -1
    at = at + 1
  end
  local c = byte(text, at)
  while c >= 48 and c <= 57 do
    n = n * 10 + (c - 48)
    at = at + 1
    c = byte(text, at)
  end
  return sign * n
end

local value

local function object()
  expect(123)
  local members = {}
  if accept(125) then return { members = members } end
  while true do
    space()
    local name = str()
    space()
    expect(58)
    members[name] = value()
    if accept(125) then return { members = members } end
    expect(44)
  end
end

local function array()
  expect(91)
  local items = {}
  if accept(93) then return { items = items } end
  while true do
    items[#items + 1] = value()
    if accept(93) then return { items = items } end
    expect(44)
  end
end

function value()
  space()
  local c = byte(text, at)
  if c == 123 then return object() end
  if c == 91 then return array() end
  if c == 34 then return str() end
  if c == 116 then
    at = at + 4
    return true
  end
  if c == 102 then
    at = at + 5
    return false
  end
  if c == 110 then
    at = at + 4
    return null
  end
  return number()
end

local function generate(n)
  local b = { "[\n" }
  for i = 0, n - 1 do
    local id = string.format("%d", i)
    b[#b + 1] = '  {"id": ' .. id .. ', "name": "item \\"' .. id .. '\\"", "tags": ["red", "green", "blue"], '
    b[#b + 1] = '"position": {"x": -' .. id .. ', "y": ' .. string.format("%d", i * 7 % 1000) .. '}, "live": true, "next": null},\n'
  end
  b[#b + 1] = "  []\n]\n"
  return table.concat(b)
end

-- Walks a tree and adds up what is in it.
local function weigh(v)
  local kind = type(v)
  if kind == "string" then return #v end
  if kind == "number" then return v end
  if kind == "boolean" then return 1 end
  local sum = 0
  if v.members then
    for name, member in pairs(v.members) do sum = sum + #name + weigh(member) end
  elseif v.items then
    for _, item in ipairs(v.items) do sum = sum + 1 + weigh(item) end
  end
  return sum
end

local sum = 0
local source = generate(2000)
for round = 1, 25 do
  text, at = source, 1
  sum = sum + weigh(value())
end
print(string.format("%d %d", #source, sum))
