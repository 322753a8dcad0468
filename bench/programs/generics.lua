local floor = math.floor

local Heap = {}
Heap.__index = Heap

function Heap:push(item)
  local items, less = self.items, self.less
  local i = self.size + 1
  self.size = i
  items[i] = item
  while i > 1 do
    local parent = floor(i / 2)
    if not less(items[i], items[parent]) then return end
    items[i], items[parent] = items[parent], items[i]
    i = parent
  end
end

function Heap:pop()
  local items, less, size = self.items, self.less, self.size - 1
  local top = items[1]
  items[1] = items[size + 1]
  items[size + 1] = nil
  self.size = size
  local i = 1
  while true do
    local child = 2 * i
    if child > size then return top end
    if child < size and less(items[child + 1], items[child]) then child = child + 1 end
    if not less(items[child], items[i]) then return top end
    items[i], items[child] = items[child], items[i]
    i = child
  end
end

local List = {}
List.__index = List

function List:add(value)
  local n = { value = value }
  if self.last then self.last.next = n else self.first = n end
  self.last = n
end

local function fold(list, start, step)
  local n = list.first
  while n do
    start = step(start, n.value)
    n = n.next
  end
  return start
end

local Stack = {}
Stack.__index = Stack

function Stack:push(item)
  self.size = self.size + 1
  self.items[self.size] = item
end

function Stack:pop()
  local item = self.items[self.size]
  self.items[self.size] = nil
  self.size = self.size - 1
  return item
end

-- Sends n items through all three containers and folds what comes out.
local function drain(n, create, less, key)
  local h = setmetatable({ items = {}, size = 0, less = less }, Heap)
  local x = 1
  for i = 0, n - 1 do
    x = x * 16807 % 2147483647
    h:push(create(x % 100003, i))
  end
  local s = setmetatable({ items = {}, size = 0 }, Stack)
  while h.size > 0 do s:push(h:pop()) end
  local l = setmetatable({}, List)
  while s.size > 0 do l:add(s:pop()) end
  return fold(l, 0, function(sum, item) return (sum * 31 + key(item)) % 1000003 end)
end

local ints = drain(150000, function(x) return x end, function(a, b) return a < b end, function(n) return n end)
local tasks = drain(150000, function(x, id) return { priority = x, id = id } end,
  function(a, b) return a.priority < b.priority or a.priority == b.priority and a.id < b.id end,
  function(t) return t.priority + t.id end)
print(string.format("%d %d", ints, tasks))
