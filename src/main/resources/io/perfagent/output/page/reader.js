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
  constructor() {
    this.values = new Int32Array(1 << 12);
    this.length = 0;
  }

  push(value) {
    if (this.length === this.values.length) {
      const longer = new Int32Array(2 * this.length);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length++] = value;
  }
}

/**
 * The lists that Successors.java keeps, in one table with open addressing: of two numbers and a place the number that is there, and of place 0
 * how many there are. It is asked for each frame, which a Map is too slow for.
 */
class Successors {
  constructor() {
    this.slots = new Int32Array(4 << 16); // second before + 1, before, place, number; 0 where free
    this.used = 0;
  }

  slotOf(secondBefore, before, place) {
    const {slots} = this;
    const mask = slots.length - 1;
    let hash = Math.imul(Math.imul(Math.imul(secondBefore + 1, 0x9e3779b1) ^ before, 0x85ebca6b) ^ place, 0xc2b2ae35);
    hash ^= hash >>> 15;
    let at = (hash << 2) & mask;
    while (slots[at] !== 0 && (slots[at] !== secondBefore + 1 || slots[at + 1] !== before || slots[at + 2] !== place)) {
      at = (at + 4) & mask;
    }
    return at;
  }

  at(secondBefore, before, place) {
    return this.slots[this.slotOf(secondBefore, before, place) + 3];
  }

  /** What has not been there yet is behind the others from now on, if there is room. */
  add(secondBefore, before, number) {
    const count = this.at(secondBefore, before, 0);
    if (count < MOST_SUCCESSORS) {
      this.set(secondBefore, before, count + 1, number);
      this.set(secondBefore, before, 0, count + 1);
    }
  }

  set(secondBefore, before, place, number) {
    const at = this.slotOf(secondBefore, before, place);
    if (this.slots[at] === 0) {
      this.slots.set([secondBefore + 1, before, place], at);
      this.used++;
    }
    this.slots[at + 3] = number;
    if (8 * this.used > this.slots.length) {
      this.grow();
    }
  }

  grow() {
    const old = this.slots;
    this.slots = new Int32Array(4 * old.length);
    for (let at = 0; at < old.length; at += 4) {
      if (old[at] !== 0) {
        this.slots.set(old.subarray(at, at + 4), this.slotOf(old[at] - 1, old[at + 1], old[at + 2]));
      }
    }
  }
}

/**
 * The profile.
 *
 * functions, frames, threads: by id, columns of numbers and texts
 * stacks: thread, cut, samples, frames shared with the stack before, further frames, and these; cut is the id of a text, 0 where it is not cut;
 *   samples of the profile that this one is compared with are negative
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
    samples: 0,
    samplesBefore: 0,
    facts: new Map(),
  };
  const stacks = new Numbers();
  const successors = new Successors();
  const path = []; // frames of the stack that was read last
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
    stacks.push(number());
    stacks.push(number());
    const samples = number();
    profile[before ? 'samplesBefore' : 'samples'] += samples;
    stacks.push(before ? -samples : samples);
    readFrames(number());
  }

  function readFrames(shared) {
    const further = number();
    stacks.push(shared);
    stacks.push(further);
    let secondBefore = shared > 1 ? path[shared - 2] : 0;
    let before = shared > 0 ? path[shared - 1] : 0;
    for (let at = shared; at < shared + further; at++) {
      const place = number();
      const frame = place > 0 ? successors.at(secondBefore, before, place) : number();
      if (place === 0) {
        successors.add(secondBefore, before, frame);
      }
      stacks.push(frame);
      path[at] = frame;
      secondBefore = before;
      before = frame;
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
  return profile;
}
