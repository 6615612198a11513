// Reads what PageData.java writes: see there for the records.

const END = 0, STRING = 1, FUNCTION = 2, FRAME = 3, THREAD = 4, STACK = 5, FACT = 6;
const MOST_SUCCESSORS = 64;

/** The bytes behind base64 of deflate. */
export async function unpack(base64) {
  const packed = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
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

/** The lists that Successors.java keeps. */
class Successors {
  constructor() {
    this.known = new Map();
  }

  /** The number at a place behind two others; next tells it where it has not been there yet. */
  at(secondBefore, before, place, next) {
    const key = secondBefore * 2 ** 26 + before;
    let list = this.known.get(key);
    if (list === undefined) {
      this.known.set(key, list = []);
    }
    if (place > 0) {
      return list[place - 1];
    }
    const number = next();
    if (list.length < MOST_SUCCESSORS) {
      list.push(number);
    }
    return number;
  }
}

/**
 * The profile.
 *
 * functions, frames, threads: by id, columns of numbers and texts
 * stacks: thread, cut, samples, frames shared with the stack before, further frames, and these; cut is the id of a text, 0 where it is not cut
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
    facts: new Map(),
  };
  const stacks = new Numbers();
  const successors = new Successors();
  const path = []; // frames of the stack that was read last
  const utf8 = new TextDecoder();
  let at = 0;

  function number() {
    let value = 0;
    let scale = 1;
    let byte;
    do {
      byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte & 0x80);
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

  function readStack() {
    stacks.push(number());
    stacks.push(number());
    const samples = number();
    profile.samples += samples;
    stacks.push(samples);
    readFrames(number());
  }

  function readFrames(shared) {
    const further = number();
    stacks.push(shared);
    stacks.push(further);
    let secondBefore = shared > 1 ? path[shared - 2] : 0;
    let before = shared > 0 ? path[shared - 1] : 0;
    for (let at = shared; at < shared + further; at++) {
      const frame = successors.at(secondBefore, before, number(), number);
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
      case STACK: readStack(); break;
      case FACT: readFact(); break;
      default: throw new Error('this file is damaged: its data has a record of kind ' + record);
    }
  }
  profile.stacks = stacks.values.subarray(0, stacks.length);
  return profile;
}
