// Reads what PageData.java writes: see there for the records.

const END = 0, STRING = 1, FUNCTION = 2, FRAME = 3, THREAD = 4, STACK = 5, FACT = 6, STACK_BEFORE = 7;
const MOST_SUCCESSORS = 64;

/** The bytes behind base64 of deflate. */
export async function unpack(base64) {
  const letters = atob(base64);
  const packed = new Uint8Array(letters.length);
  for (let at = 0; at < packed.length; at++) {
    packed[at] = letters.charCodeAt(at);
  }
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Numbers one behind the other, in memory that grows with them. */
class Numbers {
  constructor(Values = Int32Array) {
    this.values = new Values(1 << 12);
    this.length = 0;
  }

  push(value) {
    this.reserve(1);
    this.values[this.length++] = value;
  }

  /** Makes room for so many more: who has it may write them into the values. */
  reserve(more) {
    if (this.length + more > this.values.length) {
      const longer = new this.values.constructor(Math.max(2 * this.values.length, this.length + more));
      longer.set(this.values);
      this.values = longer;
    }
  }
}

/**
 * The lists that Successors.java keeps: of each two numbers in a row those that have followed. Each of these leads to another list, that of
 * the second number and itself, so that a stack is read from list to list; only what is new is looked for, by open addressing.
 */
class Successors {
  constructor() {
    this.slots = new Int32Array(1 << 14); // number of a list + 1; 0 where free
    this.secondBefore = new Numbers();
    this.before = new Numbers();
    this.start = new Numbers(); // of each list, in the next
    this.size = new Numbers();
    this.followers = new Numbers(); // each a number and the list that it leads to
  }

  /** The list of two numbers. */
  of(secondBefore, before) {
    let slot = this.slotOf(secondBefore, before);
    if (this.slots[slot] === 0) {
      this.secondBefore.push(secondBefore);
      this.before.push(before);
      this.start.push(0);
      this.size.push(0);
      this.slots[slot] = this.size.length;
      if (2 * this.size.length > this.slots.length) {
        this.grow();
        slot = this.slotOf(secondBefore, before);
      }
    }
    return this.slots[slot] - 1;
  }

  slotOf(secondBefore, before) {
    const mask = this.slots.length - 1;
    let hash = Math.imul(Math.imul(secondBefore + 1, 0x9e3779b1) ^ before, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (let list = this.slots[slot]; list !== 0; list = this.slots[slot]) {
      if (this.before.values[list - 1] === before && this.secondBefore.values[list - 1] === secondBefore) {
        break;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  grow() {
    this.slots = new Int32Array(4 * this.slots.length);
    for (let list = 0; list < this.size.length; list++) {
      this.slots[this.slotOf(this.secondBefore.values[list], this.before.values[list])] = list + 1;
    }
  }

  /** What has not been there yet is behind the others from now on, if there is room; the list that it leads to. */
  add(list, number) {
    const next = this.of(this.before.values[list], number);
    const size = this.size.values[list];
    if (size < MOST_SUCCESSORS) {
      if ((size & (size - 1)) === 0) {
        this.move(list, Math.max(1, 2 * size)); // full: there are 0, 1, 2, 4 … places
      }
      const at = this.start.values[list] + 2 * size;
      this.followers.values[at] = number;
      this.followers.values[at + 1] = next;
      this.size.values[list]++;
    }
    return next;
  }

  /** Has the list go on where there are so many places. */
  move(list, places) {
    const {followers, start} = this;
    const from = start.values[list];
    followers.reserve(2 * places);
    followers.values.copyWithin(followers.length, from, from + 2 * this.size.values[list]);
    start.values[list] = followers.length;
    followers.length += 2 * places;
  }
}

/**
 * The profile.
 *
 * functions, frames, threads: by id, columns of numbers and texts
 * stacks: thread, cut, whether it is of the profile that this one is compared with, frames shared with the stack before, further frames, and
 *   these; cut is the id of a text, 0 where it is not cut
 * weights: of each stack, samples or nanoseconds or bytes: more than 32 bits hold
 * facts: texts by what they are of
 */
export function read(bytes) {
  const strings = [];
  const profile = {
    strings,
    functions: {kind: [], name: [], file: [], line: [], module: []},
    frames: {of: [], line: []},
    threads: [],
    stacks: null,
    weights: null,
    samples: 0,
    samplesBefore: 0,
    facts: new Map(),
  };
  const stacks = new Numbers();
  const weights = new Numbers(Float64Array);
  const successors = new Successors();
  const lists = [successors.of(0, 0)]; // by how many frames of the stack that was read last come before
  const utf8 = new TextDecoder();
  let at = 0;

  function number() {
    let byte = bytes[at++];
    let value = byte & 0x7f;
    for (let scale = 128; byte & 0x80; scale *= 128) {
      byte = bytes[at++];
      value += (byte & 0x7f) * scale;
    }
    return value;
  }

  function text() {
    const length = number();
    at += length;
    return utf8.decode(bytes.subarray(at - length, at));
  }

  function readFunction() {
    const {kind, name, file, line, module} = profile.functions;
    kind.push(number());
    name.push(strings[number()]);
    file.push(strings[number()]);
    line.push(number());
    module.push(strings[number()]);
  }

  function readFrame() {
    profile.frames.of.push(number());
    profile.frames.line.push(number());
  }

  function readThread() {
    profile.threads.push({pid: number(), tid: number(), name: strings[number()], container: strings[number()]});
  }

  function readStack(before) {
    const thread = number();
    const cut = number();
    const samples = number();
    const shared = number();
    const further = number();
    profile[before ? 'samplesBefore' : 'samples'] += samples;
    stacks.reserve(5 + further);
    stacks.values.set([thread, cut, before ? 1 : 0, shared, further], stacks.length);
    weights.push(samples);
    readFrames(shared, further, stacks.length + 5);
    stacks.length += 5 + further;
  }

  function readFrames(shared, further, to) {
    const {values} = stacks;
    let list = lists[shared];
    for (let level = shared; level < shared + further; level++, to++) {
      const place = bytes[at] < 0x80 ? bytes[at++] : number();
      if (place === 0) {
        values[to] = number();
        list = successors.add(list, values[to]);
      } else {
        const follower = successors.start.values[list] + 2 * (place - 1);
        values[to] = successors.followers.values[follower];
        list = successors.followers.values[follower + 1];
      }
      lists[level + 1] = list;
    }
  }

  function readFact() {
    const of = strings[number()];
    profile.facts.set(of, [...profile.facts.get(of) ?? [], strings[number()]]);
  }

  for (let record = number(); record !== END; record = number()) {
    switch (record) {
      case STRING: strings.push(text()); break;
      case FUNCTION: readFunction(); break;
      case FRAME: readFrame(); break;
      case THREAD: readThread(); break;
      case STACK: readStack(false); break;
      case STACK_BEFORE: readStack(true); break;
      case FACT: readFact(); break;
      default: throw new Error('this file is damaged: its data has a record of kind ' + record);
    }
  }
  profile.stacks = stacks.values.subarray(0, stacks.length);
  profile.weights = weights.values;
  return profile;
}
