-- Compiled code that is entered and left all the time: below table.sort, which is C and calls back, there are loops with branches that go
-- either way, calls of C for strings, tables and coroutines, and many variables at once.
local function branches(n)
  local even, odd, third = 0, 0, 0
  for i = 1, n do
    if i % 2 == 0 then even = even + i else odd = odd + i % 7 end
    if i % 3 == 0 then third = third + even % 5 end
  end
  return even + odd + third
end

local function strings(n)
  local parts = {}
  for i = 1, n do parts[#parts + 1] = string.format("%d:%s", i, tostring(i * 3)) end
  return #table.concat(parts, ",")
end

local function variables(n)
  local a, b, c, d, e, f, g, h, i, j = 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5
  local k, l, m, o, p, q, r, s, t, u = 1.25, 2.25, 3.25, 4.25, 5.25, 6.25, 7.25, 8.25, 9.25, 10.25
  for x = 1, n do
    a, b, c, d, e, f, g, h, i, j = b + k, c + l, d + m, e + o, f + p, g + q, h + r, i + s, j + t, a % 1000 + u
    k, l, m, o, p, q, r, s, t, u = l * 0.5, m * 0.5, o * 0.5, p * 0.5, q * 0.5, r * 0.5, s * 0.5, t * 0.5, u * 0.5, a % 10
  end
  return a + b + c + d + e + f + g + h + i + j + k + l + m + o + p + q + r + s + t + u
end

local generate = function(n)
  return coroutine.wrap(function()
    for i = 1, n do
      local sum = 0
      for j = 1, 100 do sum = (sum * 3 + j) % 9973 end
      coroutine.yield(sum)
    end
  end)
end

local function coroutines(n)
  local sum = 0
  for value in generate(n) do sum = sum + value end
  return sum
end

local ways = { branches, strings, variables, coroutines }
local calls = 0

local function compare(a, b)
  calls = calls + 1
  ways[calls % #ways + 1](200)
  return a < b
end

print("ready")
io.stdout:flush()
local list = {}
while true do
  for i = 1, 1000 do list[i] = (i * 7919) % 1009 end
  table.sort(list, compare)
end
