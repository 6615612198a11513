# leaf <- middle x 21 <- handler: nearly all the time in leaf.
def leaf(n)
  sum = 0
  i = 0
  while i < 20000
    sum = (sum * 7 + i) % 1000003
    i += 1
  end
  sum + n
end

def middle(n)
  n == 0 ? leaf(1) + 1 : middle(n - 1) + 1
end

def handler
  middle(20) + 1
end

# Between two calls of its block the inner loop has left the interpreter; the outer block stays on the stack.
total = 0
loop do
  puts "ready"
  $stdout.flush
  loop { total += handler }
end
