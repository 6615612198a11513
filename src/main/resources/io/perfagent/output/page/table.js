// The functions of what is zoomed to, by their own samples or by all that they are in.

import {ROOT, summary} from './tree.js';
import {KINDS, colour} from './colours.js';
import {baseName, element, percent, points} from './words.js';

const MOST_ROWS = 400;

export class FunctionTable {
  /** chosen is told of the item whose row was clicked. */
  constructor(table, chosen) {
    this.body = table.tBodies[0];
    this.note = table.parentElement.querySelector('.note');
    this.by = 'self';
    this.rows = [];
    for (const head of table.querySelectorAll('button[data-by]')) {
      head.addEventListener('click', () => this.sortBy(table, head));
    }
    this.body.addEventListener('click', event => {
      const row = event.target.closest('tr');
      if (row) {
        chosen(Number(row.dataset.item));
      }
    });
  }

  sortBy(table, head) {
    this.by = head.dataset.by;
    for (const other of table.querySelectorAll('th')) {
      other.ariaSort = other === head.parentElement ? 'descending' : 'none';
    }
    this.fill();
  }

  show(tree, top, found, dark) {
    this.tree = tree;
    this.whole = tree.total[top];
    this.dark = dark;
    this.rows = (tree.earlier ? changes(tree, top) : summary(tree, top)).filter(row => found === null || found[row.item]);
    this.fill();
  }

  fill() {
    const {by, tree} = this;
    this.rows.sort((a, b) => Math.abs(b[by]) - Math.abs(a[by]) || Math.abs(b.total) - Math.abs(a.total) || a.item - b.item);
    this.body.replaceChildren(...this.rows.slice(0, MOST_ROWS).map(row => this.row(row, tree.items)));
    const more = this.rows.length - MOST_ROWS;
    this.note.textContent = more > 0 ? more.toLocaleString('en') + ' more: search, or zoom, to see fewer' : '';
  }

  row({item, self, total}, items) {
    const {tree} = this;
    const row = element('tr', '');
    row.dataset.item = item;
    const number = amount => element('td', 'number', tree.earlier ? points(amount) : percent(amount, this.whole));
    row.append(number(self), number(total));
    const cell = element('td', 'function');
    const dot = element('span', 'dot');
    dot.style.background = colour(items.kind(item), '', this.dark);
    dot.title = KINDS[items.kind(item)].name;
    const place = items.place(item) || items.module(item);
    const where = element('span', 'place', baseName(place));
    where.title = [items.place(item), items.module(item)].filter(text => text).join('\n');
    const name = element('span', 'name', items.name(item));
    name.title = items.name(item);
    cell.append(dot, name, where);
    row.append(cell);
    return row;
  }
}

/** The same of two profiles: how the shares of each one's total differ. */
function changes(tree, top) {
  const of = new Map();
  for (const [amounts, sign] of [[tree.earlier, -1], [tree.later, 1]]) {
    const all = amounts.total[ROOT] || 1;
    for (const {item, self, total} of summary(tree, top, amounts)) {
      const row = of.get(item) ?? {item, self: 0, total: 0};
      row.self += sign * self / all;
      row.total += sign * total / all;
      of.set(item, row);
    }
  }
  return [...of.values()];
}
