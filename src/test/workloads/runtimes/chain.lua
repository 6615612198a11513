-- leaf <- middle x 21 <- handler: nearly all the time in leaf, part of it in subroutines that LuaJIT's interpreter calls for %.
local function leaf(n)
  local sum = 0
  for i = 1, 2000 do sum = (sum * 7 + i) % 1000003 end
  return sum + n
end

local function middle(n)
  if n == 0 then return leaf(1) + 1 end
  return middle(n - 1) + 1
end

local function handler() return middle(20) + 1 end

print("ready")
io.stdout:flush()
local total = 0
while true do total = total + handler() end
