local byte, char = string.byte, string.char

local function record(id)
  return "id=" .. string.format("%d", id) .. ";next=" .. string.format("%d", id * 7919 % 1000003) .. ";"
end

local letters = {}
for c = 0, 255 do letters[c] = char(c) end

local function escape(parts, count, s)
  for i = 1, #s do
    local c = byte(s, i)
    count = count + 1
    if c == 61 then
      parts[count] = " -> "
    elseif c == 59 then
      parts[count] = "\n"
    else
      parts[count] = letters[c]
    end
  end
  return count
end

local size, lines = 0, 0
for round = 0, 39 do
  local parts, count = {}, 0
  for i = 0, 9999 do count = escape(parts, count, record(round * 10000 + i)) end
  local text = table.concat(parts)
  size = size + #text
  for _ in text:gmatch("\n") do lines = lines + 1 end
end
print(size .. " " .. lines)
