local byte, sub, lower = string.byte, string.sub, string.lower

local function is_letter(c)
  return c >= 97 and c <= 122 or c >= 65 and c <= 90
end

local function count(text, counts)
  local i, size = 1, #text
  while i <= size do
    if is_letter(byte(text, i)) then
      local start = i
      while i <= size and is_letter(byte(text, i)) do i = i + 1 end
      local word = lower(sub(text, start, i - 1))
      counts[word] = (counts[word] or 0) + 1
    else
      i = i + 1
    end
  end
end

local file = assert(io.open("LICENSE"))
local text = file:read("*a")
file:close()
local counts = {}
for round = 1, 500 do count(text, counts) end
local size = 0
for _ in pairs(counts) do size = size + 1 end
print(string.format("%d %d %d", size, counts.the, counts.license))
