local parts = {}
for i = 0, 799999 do
  parts[#parts + 1] = "word"
  parts[#parts + 1] = string.format("%d", i % 5003)
  parts[#parts + 1] = " "
end
local counts, distinct = {}, 0
for word in table.concat(parts):gmatch("%S+") do
  word = word:upper()
  if not counts[word] then
    counts[word] = 0
    distinct = distinct + 1
  end
  counts[word] = counts[word] + 1
end
print(distinct .. " " .. counts["WORD42"])
