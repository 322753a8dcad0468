local find, sub, concat = string.find, string.sub, table.concat

local function split(s, separator)
  local parts, count, from = {}, 0, 1
  while true do
    local at = find(s, separator, from, true)
    count = count + 1
    if not at then
      parts[count] = sub(s, from)
      return parts
    end
    parts[count] = sub(s, from, at - 1)
    from = at + 1
  end
end

local function make_table(rows)
  local lines = {}
  for i = 0, rows - 1 do
    local cells = { string.format("%d", i), "name" .. string.format("%d", i % 97), string.format("%d", i * i % 1009), "x" }
    lines[i + 1] = concat(cells, ",")
  end
  return concat(lines, "\n")
end

local function reversed(text)
  local lines = split(text, "\n")
  for i = 1, #lines do
    local cells = split(lines[i], ",")
    local a, b = 1, #cells
    while a < b do
      cells[a], cells[b] = cells[b], cells[a]
      a, b = a + 1, b - 1
    end
    lines[i] = concat(cells, ",")
  end
  return concat(lines, "\n")
end

local text = make_table(20000)
local sum = 0
for round = 1, 15 do
  text = reversed(reversed(text))
  for _, line in ipairs(split(text, "\n")) do sum = sum + tonumber(split(line, ",")[3]) end
end
print(string.format("%d %d", #text, sum))
