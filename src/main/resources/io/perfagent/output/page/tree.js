// The tree of calls that is drawn: made anew whenever what is one function, or hidden, changes.

const GROUP_KIND = 7, CUT_KIND = 8, ROOT_KIND = 9;
export const ROOT = 0;
const MANY = 16; // children that are looked through one by one

/** What a node may be of: a function, a line of one, a group of threads, or the reason why callers are missing. */
class Items {
  constructor(profile, lines) {
    this.profile = profile;
    this.lines = lines;
    this.firstOther = lines ? profile.frames.of.length : profile.functions.name.length;
    this.others = [];
    this.otherIds = new Map();
  }

  get length() {
    return this.firstOther + this.others.length;
  }

  ofFrame(frame) {
    return this.lines ? frame : this.profile.frames.of[frame];
  }

  other(name, kind) {
    const key = kind + name;
    if (!this.otherIds.has(key)) {
      this.otherIds.set(key, this.length);
      this.others.push({name, kind, file: '', line: 0, module: ''});
    }
    return this.otherIds.get(key);
  }

  isFunction(item) {
    return item < this.firstOther;
  }

  /** −1 where it is none. */
  functionOf(item) {
    return !this.isFunction(item) ? -1 : this.lines ? this.profile.frames.of[item] : item;
  }

  name(item) {
    return this.isFunction(item) ? this.profile.functions.name[this.functionOf(item)] : this.others[item - this.firstOther].name;
  }

  kind(item) {
    return this.isFunction(item) ? this.profile.functions.kind[this.functionOf(item)] : this.others[item - this.firstOther].kind;
  }

  module(item) {
    return this.isFunction(item) ? this.profile.functions.module[this.functionOf(item)] : '';
  }

  /** File and line: of the function, or the one that runs or calls. */
  place(item) {
    if (!this.isFunction(item)) {
      return '';
    }
    const {functions, frames} = this.profile;
    const of = this.functionOf(item);
    const line = this.lines ? frames.line[item] : functions.line[of];
    return functions.file[of] + (line ? ':' + line : '');
  }
}

/**
 * The nodes: columns by number. Parents have smaller numbers than their children; 0 is the root. A node has a list of its children, the
 * youngest first; where they are many a table with open addressing finds them as well.
 */
class Nodes {
  /** most: no more will there be; memory that nothing is written to is not taken; compared: whether there are two profiles */
  constructor(most, compared) {
    this.length = 0;
    this.parent = new Int32Array(most);
    this.item = new Int32Array(most);
    this.self = new Float64Array(most);
    this.other = compared ? new Float64Array(most) : null; // of the other profile
    this.youngest = new Int32Array(most); // 0 where there are no children
    this.older = new Int32Array(most); // among those of its parent; 0 where there is none
    this.children = new Int32Array(most); // how many
    this.slots = new Int32Array(1 << 12); // number of a node
    this.inSlots = 0;
  }

  add(parent, item) {
    const node = this.length++;
    this.parent[node] = parent;
    this.item[node] = item;
    if (node !== ROOT) {
      this.older[node] = this.youngest[parent];
      this.youngest[parent] = node;
      if (++this.children[parent] >= MANY) {
        this.putInSlots(this.children[parent] === MANY ? MANY : 1, node);
      }
    }
    return node;
  }

  /** The child of that item, which is made where there is none. */
  child(parent, item) {
    let node = this.children[parent] >= MANY ? this.slots[this.slotOf(parent, item)] : this.youngest[parent];
    while (node !== 0 && this.item[node] !== item) {
      node = this.older[node];
    }
    return node === 0 ? this.add(parent, item) : node;
  }

  /** A node and those of its siblings that are older, so many in all. */
  putInSlots(count, node) {
    for (let at = node; count > 0; count--, at = this.older[at]) {
      this.slots[this.slotOf(this.parent[at], this.item[at])] = at;
      if (2 * ++this.inSlots > this.slots.length) {
        this.growSlots();
      }
    }
  }

  slotOf(parent, item) {
    const mask = this.slots.length - 1;
    let hash = Math.imul(Math.imul(parent, 0x9e3779b1) ^ item, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (let node = this.slots[slot]; node !== 0; node = this.slots[slot]) {
      if (this.parent[node] === parent && this.item[node] === item) {
        break;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  growSlots() {
    const old = this.slots;
    this.slots = new Int32Array(4 * old.length);
    for (const node of old) {
      if (node !== 0) {
        this.slots[this.slotOf(this.parent[node], this.item[node])] = node;
      }
    }
  }
}

/**
 * The tree.
 *
 * hide: frames that fold are left out
 * lines: each line of a function is by itself
 * group: none, process, thread or container: what comes below the root
 * before: of two profiles that are compared the earlier one is drawn
 */
export function build(profile, {hide, lines, group, before}) {
  const items = new Items(profile, lines);
  const nodes = new Nodes(profile.stacks.length + 1, profile.samplesBefore > 0); // of a stack its frames, a group and a cut
  nodes.add(-1, items.other('all', ROOT_KIND));
  const groups = profile.threads.map(thread => groupName(profile, thread, group));
  addStacks(profile, hide, items, nodes, (thread, cut) => {
    const below = group === 'none' ? ROOT : nodes.child(ROOT, items.other(groups[thread], GROUP_KIND));
    return cut === 0 ? below : nodes.child(below, items.other('[cut: ' + profile.strings[cut] + ']', CUT_KIND));
  });
  return finished(items, nodes, before);
}

/** A stack begins where it differs from the one before: the path of nodes up to there is that one's. */
function addStacks(profile, hide, items, nodes, baseOf) {
  const {stacks, weights} = profile;
  let frames = new Int32Array(1 << 10);
  let path = new Int32Array(1 << 10);
  let before = -1;
  for (let at = 0, number = 0; at < stacks.length; number++) {
    const base = baseOf(stacks[at], stacks[at + 1]);
    const self = stacks[at + 2] === 0 ? nodes.self : nodes.other;
    const shared = stacks[at + 3];
    const depth = shared + stacks[at + 4];
    if (depth >= frames.length) {
      frames = longer(frames, depth);
      path = longer(path, depth);
    }
    at += 5;
    frames.set(stacks.subarray(at, at + depth - shared), shared);
    at += depth - shared;
    path[0] = base;
    for (let level = base === before ? shared : 0; level < depth; level++) {
      const folds = hide && frames[level] & 1;
      path[level + 1] = folds ? path[level] : nodes.child(path[level], items.ofFrame(frames[level] >>> 1));
    }
    self[path[depth]] += weights[number];
    before = base;
  }
}

function longer(numbers, least) {
  const longer = new Int32Array(2 * (least + 1));
  longer.set(numbers);
  return longer;
}

/** With totals, depths, and children, of which the heaviest are first. */
function finished(items, nodes, before) {
  const {length} = nodes;
  const earlier = nodes.other && {self: nodes.other.subarray(0, length), total: totals(nodes, nodes.other)};
  const later = {self: nodes.self.subarray(0, length), total: totals(nodes, nodes.self)};
  const {self, total} = before ? earlier : later;
  const parent = nodes.parent.subarray(0, length);
  const item = nodes.item.subarray(0, length);
  const depth = new Int32Array(length);
  const firstChild = new Int32Array(length + 1);
  let height = 0;
  for (let node = 1; node < length; node++) {
    depth[node] = depth[parent[node]] + 1;
    height = Math.max(height, depth[node]);
  }
  const children = new Int32Array(Math.max(0, length - 1));
  for (let node = 0; node < length; node++) {
    firstChild[node + 1] = firstChild[node] + nodes.children[node];
    sortChildren(nodes, node, total, children, firstChild[node]);
  }
  const kinds = Uint8Array.from({length: items.length}, (_, of) => items.kind(of));
  return {length, items, kinds, parent, item, self, total, depth, height, firstChild, children, earlier, later};
}

/** Puts the children of a node from a place on, the heaviest first, of two that are equal the older. */
function sortChildren(nodes, node, total, children, from) {
  const count = nodes.children[node];
  let end = from;
  for (let child = nodes.youngest[node]; child !== 0; child = nodes.older[child]) {
    let at = end++;
    if (count < MANY) {
      for (; at > from && total[children[at - 1]] <= total[child]; at--) {
        children[at] = children[at - 1];
      }
    }
    children[at] = child;
  }
  if (count >= MANY) {
    children.subarray(from, end).sort((a, b) => total[b] - total[a] || a - b);
  }
}

/** Of each node with those below it. */
function totals(nodes, self) {
  const total = self.slice(0, nodes.length);
  for (let node = nodes.length - 1; node > 0; node--) {
    total[nodes.parent[node]] += total[node];
  }
  return total;
}

/** The children of a node. */
export function childrenOf(tree, node) {
  return tree.children.subarray(tree.firstChild[node], tree.firstChild[node + 1]);
}

/** The node of a function that has most samples; the root where there is none. */
export function heaviestOf(tree, wanted) {
  let best = ROOT;
  for (let node = 1; node < tree.length && wanted >= 0; node++) {
    if (tree.items.functionOf(tree.item[node]) === wanted && (best === ROOT || tree.total[node] > tree.total[best])) {
      best = node;
    }
  }
  return best;
}

/** How deep the tree goes below a node. */
export function heightBelow(tree, top) {
  if (top === ROOT) {
    return tree.height;
  }
  const within = new Uint8Array(tree.length);
  within[top] = 1;
  let deepest = tree.depth[top];
  for (let node = top + 1; node < tree.length; node++) {
    if (within[tree.parent[node]]) {
      within[node] = 1;
      deepest = Math.max(deepest, tree.depth[node]);
    }
  }
  return deepest - tree.depth[top];
}

/** Of two profiles that are compared, by shares of their own totals: {before, after}. */
export function sharesOf(tree, node) {
  return {before: share(tree.earlier.total, node), after: share(tree.later.total, node)};
}

function share(total, node) {
  return total[ROOT] > 0 ? total[node] / total[ROOT] : 0;
}

/**
 * How a node has changed between two profiles, from -1, gone, to 1, new; 0 where chance makes as much of a difference once in twenty times
 * (two-proportion z test), if counts are samples.
 */
export function changeOf(tree, node, counted) {
  const {before, after} = sharesOf(tree, node);
  const all = [tree.earlier.total[ROOT], tree.later.total[ROOT]];
  const pooled = (tree.earlier.total[node] + tree.later.total[node]) / (all[0] + all[1]);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / all[0] + 1 / all[1]));
  return counted && Math.abs(after - before) <= 1.96 * deviation ? 0 : (after - before) / (Math.max(before, after) || 1);
}

/** Each item below a node, once for each sample however often it stands in it: {item, self, total}; of one of two profiles, if there are two. */
export function summary(tree, top, of = tree) {
  const self = new Float64Array(tree.items.length);
  const total = new Float64Array(tree.items.length);
  const open = new Int32Array(tree.items.length); // how often it is on the path
  const {firstChild, children, item} = tree;
  const path = new Int32Array(tree.height + 2);
  const next = new Int32Array(tree.height + 2); // of each node on the path the place of its next child
  let level = -1;
  for (let node = top; ;) {
    const at = item[node];
    self[at] += of.self[node];
    total[at] += open[at]++ === 0 ? of.total[node] : 0;
    path[++level] = node;
    next[level] = firstChild[node];
    while (level >= 0 && next[level] === firstChild[path[level] + 1]) {
      open[item[path[level--]]]--;
    }
    if (level < 0) {
      break;
    }
    node = children[next[level]++];
  }
  const found = [];
  for (let item = 0; item < total.length; item++) {
    if (total[item] > 0 && tree.items.isFunction(item)) {
      found.push({item, self: self[item], total: total[item]});
    }
  }
  return found;
}

function groupName(profile, thread, group) {
  switch (group) {
    case 'process': return processName(profile, thread.pid);
    case 'thread': return thread.pid ? thread.name + ' ' + thread.tid + ' (process ' + thread.pid + ')' : thread.name;
    case 'container': return thread.container ? 'container ' + thread.container.slice(0, 12) : 'no container';
    default: return '';
  }
}

/** A process is called as its first thread. */
export function processName(profile, pid) {
  const threads = profile.threads.filter(thread => thread.pid === pid);
  const main = threads.find(thread => thread.tid === pid) ?? threads[0];
  return main.name + ' ' + pid;
}
