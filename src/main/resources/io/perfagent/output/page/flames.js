// Draws a tree as boxes, callers above what they call (icicle) or below (flame), and says which box is where.

import {ROOT, changeOf, childrenOf, heightBelow} from './tree.js';
import {changeColour, colour} from './colours.js';

const ROW = 20; // px
const LEAST_WIDTH = 0.4;
const LEAST_TEXT = 24;
const PADDING = 5;

export class Flames {
  constructor(scroller) {
    this.scroller = scroller;
    this.canvas = scroller.querySelector('canvas');
    this.space = scroller.querySelector('.space');
    this.context = this.canvas.getContext('2d');
    this.widths = new Map();
    this.tree = null;
    this.zoom = ROOT;
    this.found = null; // 1 for each item that a search has found
    this.selected = -1;
    this.flame = false;
    this.dark = false;
    this.counted = true; // whether counts are samples
    this.drawing = false;
    scroller.addEventListener('scroll', () => this.draw());
    new ResizeObserver(() => this.resize()).observe(scroller);
  }

  show(tree, zoom) {
    this.tree = tree;
    this.zoomTo(zoom);
  }

  zoomTo(node) {
    this.zoom = node;
    this.rows = this.tree.depth[node] + 1 + heightBelow(this.tree, node);
    this.resize();
    this.scroller.scrollTop = this.flame ? this.space.clientHeight : 0;
  }

  turn(flame) {
    this.flame = flame;
    this.zoomTo(this.zoom);
  }

  resize() {
    const {clientWidth, clientHeight} = this.scroller;
    const scale = window.devicePixelRatio || 1;
    this.width = clientWidth;
    this.height = clientHeight;
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    this.canvas.style.width = clientWidth + 'px';
    this.canvas.style.height = clientHeight + 'px';
    this.space.style.height = Math.max(this.rows * ROW, clientHeight) + 'px';
    this.drawNow(); // for a canvas that gets a size is empty
  }

  /** In the next frame, once. */
  draw() {
    if (!this.drawing) {
      this.drawing = true;
      requestAnimationFrame(() => {
        this.drawing = false;
        this.drawNow();
      });
    }
  }

  drawNow() {
    if (!this.tree) {
      return;
    }
    const {context} = this;
    const scale = this.canvas.width / Math.max(1, this.width);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.direction = 'ltr';
    for (let node = this.zoom; node !== ROOT;) {
      node = this.tree.parent[node];
      this.box(node, 0, this.width, true);
    }
    this.boxes(this.zoom, 0);
  }

  boxes(top, left) {
    const {tree} = this;
    const perSample = this.width / (tree.total[top] || 1);
    const rest = [[top, left]];
    while (rest.length > 0) {
      const [node, x] = rest.pop();
      this.box(node, x, tree.total[node] * perSample, false);
      let at = x;
      for (const child of childrenOf(tree, node)) {
        const wide = tree.total[child] * perSample;
        if (wide < LEAST_WIDTH) {
          break; // and so are those behind it
        }
        rest.push([child, at]);
        at += wide;
      }
    }
  }

  /** Where a row begins on the canvas. */
  top(depth) {
    const y = depth * ROW;
    const full = Math.max(this.rows * ROW, this.height);
    return (this.flame ? full - y - ROW : y) - this.scroller.scrollTop;
  }

  box(node, x, wide, caller) {
    const y = this.top(this.tree.depth[node]);
    if (y < -ROW || y > this.height) {
      return;
    }
    const {context} = this;
    const item = this.tree.item[node];
    const name = this.tree.items.name(item);
    const found = this.found !== null && this.found[item] === 1;
    context.globalAlpha = caller ? 0.55 : this.found !== null && !found ? 0.42 : 1;
    context.fillStyle = found ? '#a4167f' : this.colour(node, item, name);
    context.fillRect(x, y, Math.max(LEAST_WIDTH, wide - (wide > 3 ? 1 : 0)), ROW - 1);
    context.globalAlpha = caller ? 0.8 : 1;
    if (wide >= LEAST_TEXT) {
      context.fillStyle = found ? '#fff' : '#1b1b1f';
      context.fillText(this.fitted(name, wide - 2 * PADDING), x + PADDING, y + ROW / 2);
    }
    if (node === this.selected) {
      context.strokeStyle = this.dark ? '#fff' : '#000';
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, Math.max(1, wide - 3), ROW - 3);
    }
    context.globalAlpha = 1;
  }

  colour(node, item, name) {
    return this.tree.earlier ? changeColour(changeOf(this.tree, node, this.counted), this.dark)
      : colour(this.tree.items.kind(item), name, this.dark);
  }

  /** As much of a name as there is room for. */
  fitted(name, wide) {
    let needed = this.widths.get(name);
    if (needed === undefined) {
      needed = this.context.measureText(name).width;
      this.widths.set(name, needed);
    }
    if (needed <= wide) {
      return name;
    }
    const letters = [...name];
    const fit = Math.floor(letters.length * wide / needed) - 1;
    return fit < 1 ? '' : letters.slice(0, fit).join('') + '…';
  }

  /** The node at a place of the canvas; −1 where there is none. */
  at(x, y) {
    if (!this.tree || x < 0 || x >= this.width) {
      return -1;
    }
    const full = Math.max(this.rows * ROW, this.height);
    const below = y + this.scroller.scrollTop;
    const depth = Math.floor((this.flame ? full - below : below) / ROW);
    const zoomed = this.tree.depth[this.zoom];
    if (depth <= zoomed) {
      return this.above(zoomed - depth);
    }
    return this.below(depth - zoomed, x * this.tree.total[this.zoom] / this.width);
  }

  above(levels) {
    let node = this.zoom;
    for (let level = 0; level < levels && node >= 0; level++) {
      node = this.tree.parent[node];
    }
    return node;
  }

  below(levels, samples) {
    let node = this.zoom;
    let left = samples;
    for (let level = 0; level < levels && node >= 0; level++) {
      let inside = -1;
      for (const child of childrenOf(this.tree, node)) {
        if (left < this.tree.total[child]) {
          inside = child;
          break;
        }
        left -= this.tree.total[child];
      }
      node = inside;
    }
    return node;
  }

  /** Brings the row of a node into sight. */
  reveal(node) {
    const y = this.top(this.tree.depth[node]);
    if (y < 0) {
      this.scroller.scrollTop += y;
    } else if (y > this.height - ROW) {
      this.scroller.scrollTop += y - this.height + ROW;
    }
    this.draw();
  }
}
