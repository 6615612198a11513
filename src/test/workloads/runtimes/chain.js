// leaf <- middle x 21 <- handler: for a second over and over, so that all of it is compiled, then in leaf for ever.
function leaf(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum = (sum * 7 + i) % 1000003;
  return sum + n;
}

function middle(depth, n) {
  return depth === 0 ? leaf(n) + 1 : middle(depth - 1, n) + 1;
}

function handler(n) {
  return middle(20, n) + 1;
}

for (const end = Date.now() + 1000; Date.now() < end; ) handler(2000);
console.log("ready");
handler(Infinity);
