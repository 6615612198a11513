// The tree of calls that is drawn: made anew whenever what is one function, or hidden, changes.

const GROUP_KIND = 7, CUT_KIND = 8, ROOT_KIND = 9;
export const ROOT = 0;

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

/** The nodes: columns by number. Parents have smaller numbers than their children; 0 is the root. */
class Nodes {
  /** expected: about how many there will be; compared: whether there are two profiles */
  constructor(expected, compared) {
    this.length = 0;
    this.parent = new Int32Array(1 << 12);
    this.item = new Int32Array(1 << 12);
    this.self = new Float64Array(1 << 12);
    this.other = compared ? new Float64Array(1 << 12) : null; // of the other profile
    this.slots = new Int32Array(1 << Math.max(14, 33 - Math.clz32(expected))); // open addressing: number of the node + 1
  }

  add(parent, item) {
    if (this.length === this.parent.length) {
      for (const column of this.other ? ['parent', 'item', 'self', 'other'] : ['parent', 'item', 'self']) {
        const longer = new this[column].constructor(2 * this.length);
        longer.set(this[column]);
        this[column] = longer;
      }
    }
    this.parent[this.length] = parent;
    this.item[this.length] = item;
    return this.length++;
  }

  /** The child of that item, which is made where there is none. */
  child(parent, item) {
    const slot = this.find(parent, item);
    if (this.slots[slot] === 0) {
      this.slots[slot] = this.add(parent, item) + 1;
      if (this.length * 2 > this.slots.length) {
        this.rehash();
        return this.length - 1;
      }
    }
    return this.slots[slot] - 1;
  }

  find(parent, item) {
    const mask = this.slots.length - 1;
    let hash = Math.imul(Math.imul(parent, 0x9e3779b1) ^ item, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (let node = this.slots[slot]; node !== 0; node = this.slots[slot]) {
      if (this.parent[node - 1] === parent && this.item[node - 1] === item) {
        break;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  rehash() {
    this.slots = new Int32Array(4 * this.slots.length);
    for (let node = 1; node < this.length; node++) {
      this.slots[this.find(this.parent[node], this.item[node])] = node + 1;
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
  const nodes = new Nodes(profile.stacks.length / 4, profile.samplesBefore > 0);
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
  const stacks = profile.stacks;
  let frames = new Int32Array(1 << 10);
  let path = new Int32Array(1 << 10);
  let before = -1;
  for (let at = 0; at < stacks.length;) {
    const base = baseOf(stacks[at], stacks[at + 1]);
    const samples = stacks[at + 2];
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
    if (samples < 0) {
      nodes.other[path[depth]] -= samples;
    } else {
      nodes.self[path[depth]] += samples;
    }
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
  for (let node = length - 1; node > 0; node--) {
    firstChild[parent[node] + 1]++;
  }
  for (let node = 1; node < length; node++) {
    depth[node] = depth[parent[node]] + 1;
  }
  for (let node = 0; node < length; node++) {
    firstChild[node + 1] += firstChild[node];
  }
  const next = firstChild.slice();
  const children = new Int32Array(Math.max(0, length - 1));
  for (let node = 1; node < length; node++) {
    children[next[parent[node]]++] = node;
  }
  for (let node = 0; node < length; node++) {
    if (firstChild[node + 1] - firstChild[node] > 1) {
      children.subarray(firstChild[node], firstChild[node + 1]).sort((a, b) => total[b] - total[a] || a - b);
    }
  }
  return {length, items, parent, item, self, total, depth, firstChild, children, earlier, later};
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
  const open = new Int32Array(tree.items.length);
  const rest = [top];
  while (rest.length > 0) {
    const node = rest.pop();
    if (node < 0) {
      open[tree.item[~node]]--;
      continue;
    }
    const item = tree.item[node];
    self[item] += of.self[node];
    total[item] += open[item]++ === 0 ? of.total[node] : 0;
    rest.push(~node);
    for (let at = tree.firstChild[node]; at < tree.firstChild[node + 1]; at++) {
      rest.push(tree.children[at]);
    }
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
