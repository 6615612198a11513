// leaf_x <- mid_x <- handler <- main, for each way x that JavaScript calls JavaScript: through V8's built-in functions, by generators,
// constructors, accessors, proxies, exceptions, promises, and WebAssembly. To be run with --no-turbo-inlining.
function work(n) {
  let sum = 0;
  for (let i = 0; i < 300; i++) sum = (sum * 7 + i + n) % 1000003;
  return sum;
}
const numbers = Array.from({ length: 12 }, (_, i) => (i * 7919) % 13);
const text = "a,b,c,d,e,f";
function leaf_direct(n) { return work(n) + 1; }
function mid_direct(n) { return leaf_direct(n) + 1; }
function leaf_sort(a, b) { return work(a) % 1 + a - b; }
function mid_sort() { return numbers.slice().sort(leaf_sort).length; }
function leaf_each(n) { return work(n) + 1; }
function mid_each() { let s = 0; numbers.forEach((n) => { s += leaf_each(n) + 1; }); return s; }
function leaf_replace(m) { return String(work(m.length)); }
function mid_replace() { return text.replace(/[a-f]/g, leaf_replace).length; }
function leaf_apply(...all) { return work(all.length) + 1; }
function mid_apply() { return leaf_apply.apply(null, numbers) + Reflect.apply(leaf_apply, null, [1]) + leaf_apply(...numbers); }
function leaf_json() { return work(3) + 1; }
function mid_json() { return JSON.stringify([{ toJSON() { return leaf_json() + 1; } }]).length; }
function leaf_generator(n) { return work(n) + 1; }
function* mid_generator() { for (let i = 0; i < 3; i++) yield leaf_generator(i) + 1; }
class Made { constructor(n) { this.value = leaf_new(n) + 1; } get own() { return leaf_get(this.value) + 1; } }
function leaf_new(n) { return work(n) + 1; }
function mid_new() { return new Made(5).value + 1; }
function leaf_get(n) { return work(n) + 1; }
const one = new Made(1);
function mid_get() { return one.own + 1; }
const proxy = new Proxy({}, { get(_, name) { return leaf_proxy(name.length) + 1; } });
function leaf_proxy(n) { return work(n) + 1; }
function mid_proxy() { return proxy.field + 1; }
function leaf_throw(n) { if (work(n) >= 0) throw new Error("no"); return 1; }
function mid_throw() { try { return leaf_throw(1) + 1; } catch (e) { return e.message.length; } }
function leaf_wasm(n) { return work(n) + 1; }
// (module (import "m" "f" (func $f (param i32) (result i32))) (func (export "g") (param i32) (result i32) local.get 0 call $f i32.const 1 i32.add))
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 2, 7, 1, 1, 109, 1, 102, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 1,
  10, 11, 1, 9, 0, 32, 0, 16, 0, 65, 1, 106, 11]);
const wasm = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { f: leaf_wasm } });
function mid_wasm() { return wasm.exports.g(3) + 1; }
function handler() {
  let sum = mid_direct(1) + mid_sort() + mid_each() + mid_replace() + mid_apply() + mid_json() + mid_new() + mid_get();
  for (const n of mid_generator()) sum += n;
  return sum + mid_proxy() + mid_throw() + mid_wasm() + 1;
}
async function turn(n) {
  for (let i = 0; i < n; i++) {
    handler();
    await null;
  }
}
console.log("ready");
function main() { turn(100).then(() => setImmediate(main)); }
main();
