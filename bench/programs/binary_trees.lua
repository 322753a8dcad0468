local function build(depth)
  if depth == 0 then return {} end
  return { left = build(depth - 1), right = build(depth - 1) }
end

local function count(tree)
  if not tree.left then return 1 end
  return 1 + count(tree.left) + count(tree.right)
end

local total = 0
for i = 1, 150 do total = total + count(build(14)) end
print(total)
