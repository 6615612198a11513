// What a regular expression finds.

import {ROOT} from './tree.js';

/** Null for an empty one; small letters stand for large ones too, as long as there are no large ones. Throws where it is none. */
export function expression(text) {
  return text === '' ? null : new RegExp(text, /\p{Lu}/u.test(text.replace(/\\./g, '')) ? 'u' : 'iu');
}

/** 1 for each item whose name, file or module has it. */
export function matches(tree, wanted) {
  const {items} = tree;
  const found = new Uint8Array(items.length);
  for (let item = 0; item < items.length; item++) {
    found[item] = wanted.test(items.name(item)) || wanted.test(items.place(item)) || wanted.test(items.module(item)) ? 1 : 0;
  }
  return found;
}

/** Samples below a node that have such an item, each counted once. */
export function samplesOf(tree, found, top = ROOT) {
  const OUTSIDE = 0, WITHIN = 1, COUNTED = 2;
  const state = new Uint8Array(tree.length);
  let samples = 0;
  for (let node = top; node < tree.length; node++) {
    const above = node === top ? WITHIN : node === ROOT ? OUTSIDE : state[tree.parent[node]];
    state[node] = above;
    if (above === WITHIN && found[tree.item[node]]) {
      samples += tree.total[node];
      state[node] = COUNTED;
    }
  }
  return samples;
}
