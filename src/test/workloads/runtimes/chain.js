// leaf <- middle x 21 <- handler: nearly all the time in leaf.
function leaf(n) {
  let sum = 0;
  for (let i = 0; i < 20000; i++) sum = (sum * 7 + i) % 1000003;
  return sum + n;
}

function middle(n) {
  return n === 0 ? leaf(1) + 1 : middle(n - 1) + 1;
}

function handler() {
  return middle(20) + 1;
}

console.log("ready");
for (let total = 0; ; ) total += handler();
