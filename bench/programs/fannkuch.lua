local function fannkuch(n)
  local perm, perm1, count = {}, {}, {}
  for i = 1, n do perm1[i] = i end
  local checksum, flips, r, number = 0, 0, n, 0
  while true do
    while r ~= 1 do
      count[r] = r
      r = r - 1
    end
    for i = 1, n do perm[i] = perm1[i] end
    local f, k = 0, perm[1]
    while k ~= 1 do
      local i, j = 1, k
      while i < j do
        perm[i], perm[j] = perm[j], perm[i]
        i, j = i + 1, j - 1
      end
      f = f + 1
      k = perm[1]
    end
    if f > flips then flips = f end
    if number % 2 == 0 then checksum = checksum + f else checksum = checksum - f end
    while true do
      if r == n then return checksum, flips end
      local first = perm1[1]
      for i = 1, r do perm1[i] = perm1[i + 1] end
      perm1[r + 1] = first
      count[r + 1] = count[r + 1] - 1
      if count[r + 1] > 0 then break end
      r = r + 1
    end
    number = number + 1
  end
end

local checksum, flips = 0, 0
for round = 1, 2 do
  local c, f = fannkuch(9)
  checksum = checksum + c
  flips = f
end
print(checksum .. " " .. flips)
