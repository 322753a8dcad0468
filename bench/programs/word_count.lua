local function count(text, counts)
  for word in text:lower():gmatch("%S+") do
    counts[word] = (counts[word] or 0) + 1
  end
end

local file = assert(io.open("LICENSE"))
local text = file:read("*a")
file:close()
local counts = {}
for round = 1, 500 do count(text, counts) end
local words = {}
for word in pairs(counts) do words[#words + 1] = word end
table.sort(words, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)
print(#words)
for i = 1, 5 do print(words[i] .. " " .. counts[words[i]]) end
