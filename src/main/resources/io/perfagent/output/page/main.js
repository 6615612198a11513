// What the page shows, and what a click or a key changes of it.

import {ROOT, build, heaviestOf, childrenOf, processName, sharesOf} from './tree.js';
import {expression, matches, samplesOf} from './search.js';
import {KINDS, changeColour, colour} from './colours.js';
import {Flames} from './flames.js';
import {FunctionTable} from './table.js';
import {element, percent, points, samples, weight} from './words.js';
import {read, unpack} from './reader.js';

const GROUPS = ['none', 'process', 'thread', 'container'];
const MOST_LETTERS = 160; // of losses that the head says one by one
const $ = id => document.getElementById(id);

class Page {
  constructor(profile) {
    this.profile = profile;
    this.hide = true;
    this.lines = false;
    this.group = 'none';
    this.before = false;
    this.zoom = ROOT;
    this.wanted = null;
    this.found = null;
    this.dark = matchMedia('(prefers-color-scheme: dark)').matches;
    this.flames = new Flames($('flames'));
    this.table = new FunctionTable($('functions'), item => this.searchFor(this.tree.items.name(item)));
  }

  start() {
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
    this.flames.dark = this.dark;
    const [type, unit, counts] = this.profile.facts.get('measure');
    this.flames.counted = counts === 'samples';
    this.amount = count => this.flames.counted ? samples(count) : weight(count, type, unit);
    $('before').hidden = this.profile.samplesBefore === 0;
    if (matchMedia('(max-width: 800px)').matches) {
      document.body.classList.remove('with-table');
      $('table').ariaPressed = false;
    }
    this.offerGroups();
    tellRun(this.profile, this.amount);
    this.listen();
    this.rebuild(-1);
  }

  /** Only what would make groups is offered. */
  offerGroups() {
    const {threads} = this.profile;
    const several = {
      none: true,
      process: new Set(threads.map(thread => thread.pid)).size > 1,
      thread: new Set(threads.map(thread => thread.tid + thread.name)).size > 1,
      container: threads.some(thread => thread.container),
    };
    for (const option of $('group').options) {
      option.disabled = !several[option.value];
    }
  }

  /** Makes the tree anew; zooms to the heaviest node of that function. */
  rebuild(zoomed) {
    this.tree = build(this.profile, this);
    this.flames.selected = -1;
    this.zoom = heaviestOf(this.tree, zoomed);
    this.flames.show(this.tree, this.zoom);
    this.search();
    this.describe(-1);
  }

  functionZoomed() {
    return this.tree.items.functionOf(this.tree.item[this.zoom]);
  }

  zoomTo(node) {
    this.zoom = node;
    this.flames.zoomTo(node);
    this.flames.selected = node;
    this.showMatches();
    this.describe(node);
  }

  search() {
    const field = $('search');
    try {
      this.wanted = expression(field.value);
      field.setCustomValidity('');
    } catch {
      field.setCustomValidity('this is no regular expression');
    }
    field.ariaInvalid = !field.validity.valid;
    this.found = this.wanted === null ? null : matches(this.tree, this.wanted);
    this.flames.found = this.found;
    this.flames.draw();
    this.showMatches();
  }

  searchFor(name) {
    $('search').value = '^' + name.replace(/[.*+?^${}()|[\]\\\/]/g, '\\$&') + '$';
    this.search();
  }

  showMatches() {
    const whole = this.tree.total[this.zoom];
    const field = $('search');
    $('matched').textContent = !field.validity.valid ? field.validationMessage
      : this.found === null ? ''
      : percent(samplesOf(this.tree, this.found, this.zoom), whole) + ' matched';
    $('clear').hidden = field.value === '';
    $('out').hidden = this.zoom === ROOT;
    this.showKinds();
    if (document.body.classList.contains('with-table')) {
      this.table.show(this.tree, this.zoom, this.found, this.dark);
    }
  }

  /** The legend says which share of the samples each kind of code took itself. */
  showKinds() {
    const {tree} = this;
    if (tree.earlier) {
      this.showChanges();
      return;
    }
    const of = new Float64Array(KINDS.length);
    for (let node = 0; node < tree.length; node++) {
      of[tree.kinds[tree.item[node]]] += tree.self[node];
    }
    $('kinds').replaceChildren(...KINDS.flatMap((kind, at) => {
      if (of[at] === 0) {
        return [];
      }
      const entry = element('li', '', kind.name + ' ' + percent(of[at], tree.total[ROOT]));
      entry.style.setProperty('--kind', colour(at, '', this.dark));
      return [entry];
    }));
  }

  /** The legend of what has changed. */
  showChanges() {
    $('kinds').replaceChildren(...[[1, 'more than before'], [-1, 'less'],
      [0, this.flames.counted ? 'as much, or what chance may make' : 'as much']].map(([change, text]) => {
      const entry = element('li', '', text);
      entry.style.setProperty('--kind', changeColour(change, this.dark));
      return entry;
    }));
  }

  /** What there is of a node. */
  numbers(node) {
    const {tree} = this;
    if (tree.earlier) {
      const {before, after} = sharesOf(tree, node);
      return percent(before, 1) + ' before, ' + percent(after, 1) + ' after: ' + points(after - before);
    }
    return this.amount(tree.total[node]) + ', ' + percent(tree.total[node], tree.total[ROOT]) + ' of all; itself '
      + percent(tree.self[node], tree.total[ROOT]);
  }

  /** The line at the bottom: of a node, or of what is zoomed to. */
  describe(wanted) {
    const node = wanted >= 0 ? wanted : this.zoom;
    const item = this.tree.item[node];
    const {items} = this.tree;
    const kind = KINDS[items.kind(item)].name;
    $('name').textContent = items.name(item);
    $('numbers').textContent = this.numbers(node);
    $('place').textContent = [items.isFunction(item) ? kind : '', items.place(item), items.module(item)]
      .filter(text => text).join(' · ');
  }

  hover(event) {
    const node = this.flames.at(event.offsetX, event.offsetY);
    const tip = $('tip');
    tip.hidden = node < 0;
    if (node < 0) {
      return;
    }
    const item = this.tree.item[node];
    const {items} = this.tree;
    tip.replaceChildren(
      element('strong', 'name', items.name(item)),
      element('span', '', this.numbers(node)),
      ...[items.isFunction(item) ? KINDS[items.kind(item)].name : '', items.place(item), items.module(item)]
        .filter(text => text).map(text => element('span', 'place', text)));
    const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18;
    const y = below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
    tip.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  }

  /** A finger has no place to hover: its first tap says what is there, its second zooms. */
  choose(event) {
    const node = this.flames.at(event.offsetX, event.offsetY);
    if (node < 0) {
      return;
    }
    if (event.pointerType === 'touch' && this.flames.selected !== node) {
      this.select(node);
    } else {
      this.zoomTo(node);
    }
  }

  select(node) {
    this.flames.selected = node;
    this.flames.reveal(node);
    this.describe(node);
  }

  /** Up and down are towards callers and what they call, as these are drawn. */
  move(key) {
    const at = this.flames.selected < 0 ? this.zoom : this.flames.selected;
    const {tree} = this;
    const inwards = this.flames.flame ? 'ArrowUp' : 'ArrowDown';
    const outwards = this.flames.flame ? 'ArrowDown' : 'ArrowUp';
    const siblings = at === ROOT ? tree.children.subarray(0, 0) : childrenOf(tree, tree.parent[at]);
    const next = {
      [inwards]: childrenOf(tree, at)[0],
      [outwards]: tree.parent[at],
      ArrowLeft: siblings[siblings.indexOf(at) - 1],
      ArrowRight: siblings[siblings.indexOf(at) + 1],
    }[key];
    if (next !== undefined && next >= 0) {
      this.select(next);
    }
  }

  toggleHide() {
    this.hide = !this.hide;
    $('hide').ariaPressed = this.hide;
    this.rebuild(this.functionZoomed());
  }

  toggleLines() {
    this.lines = !this.lines;
    $('lines').ariaPressed = this.lines;
    this.rebuild(this.functionZoomed());
  }

  toggleBefore() {
    if (this.tree.earlier) {
      this.before = !this.before;
      $('before').ariaPressed = this.before;
      this.rebuild(this.functionZoomed());
    }
  }

  groupBy(group) {
    this.group = group;
    $('group').value = group;
    this.rebuild(-1);
  }

  nextGroup() {
    const offered = [...$('group').options].filter(option => !option.disabled).map(option => option.value);
    this.groupBy(offered[(offered.indexOf(this.group) + 1) % offered.length]);
  }

  toggleFlame() {
    this.flames.turn(!this.flames.flame);
    $('flame').ariaPressed = this.flames.flame;
  }

  toggleTable() {
    $('table').ariaPressed = document.body.classList.toggle('with-table');
    this.showMatches();
  }

  toggleTheme() {
    this.dark = !this.dark;
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
    this.flames.dark = this.dark;
    this.flames.draw();
    this.showMatches();
  }

  /** Out of the search first, then out of the zoom. */
  escape() {
    if ($('search').value !== '') {
      $('search').value = '';
      this.search();
    } else {
      this.zoomTo(ROOT);
    }
  }

  zoomOut() {
    if (this.zoom !== ROOT) {
      this.zoomTo(this.tree.parent[this.zoom]);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || $('help').open) {
      return;
    }
    if (event.target === $('search')) {
      if (event.key === 'Escape' || event.key === 'Enter') {
        $('search').blur();
      }
      return;
    }
    if (event.target.tagName === 'SELECT' || (event.key === 'Enter' && event.target.tagName === 'BUTTON')) {
      return;
    }
    const action = {
      '/': () => $('search').focus(),
      f: () => this.toggleHide(),
      l: () => this.toggleLines(),
      g: () => this.nextGroup(),
      b: () => this.toggleBefore(),
      i: () => this.toggleFlame(),
      t: () => this.toggleTable(),
      d: () => this.toggleTheme(),
      0: () => this.zoomTo(ROOT),
      '?': () => $('help').showModal(),
      Enter: () => this.flames.selected >= 0 && this.zoomTo(this.flames.selected),
      Backspace: () => this.zoomOut(),
      Escape: () => this.escape(),
      ArrowUp: () => this.move(event.key),
      ArrowDown: () => this.move(event.key),
      ArrowLeft: () => this.move(event.key),
      ArrowRight: () => this.move(event.key),
    }[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  }

  listen() {
    const {canvas} = this.flames;
    canvas.addEventListener('pointermove', event => event.pointerType !== 'touch' && this.hover(event));
    canvas.addEventListener('pointerleave', () => $('tip').hidden = true);
    canvas.addEventListener('click', event => this.choose(event));
    document.addEventListener('keydown', event => this.key(event));
    $('search').addEventListener('input', () => this.search());
    $('clear').addEventListener('click', () => this.escape());
    $('hide').addEventListener('click', () => this.toggleHide());
    $('lines').addEventListener('click', () => this.toggleLines());
    $('group').addEventListener('change', event => this.groupBy(event.target.value));
    $('before').addEventListener('click', () => this.toggleBefore());
    $('flame').addEventListener('click', () => this.toggleFlame());
    $('out').addEventListener('click', () => this.zoomTo(ROOT));
    $('table').addEventListener('click', () => this.toggleTable());
    $('theme').addEventListener('click', () => this.toggleTheme());
    $('keys').addEventListener('click', () => $('help').showModal());
  }
}

/** The head: what was profiled, and the truth of the run. */
function tellRun(profile, amount) {
  const fact = of => profile.facts.get(of) ?? [];
  const of = whose(profile, fact);
  const lost = fact('lost');
  const stopped = fact('python');
  document.title = of + ' – perf-agent';
  $('of').textContent = of;
  $('when').textContent = when(fact);
  $('taken').textContent = fact('taken')[0] || amount(profile.samples);
  $('complete').textContent = fact('complete')[0] ?? '';
  const losses = lost.join('; ');
  const known = fact('taken')[0] !== ''; // else the comments say it
  $('losses').textContent = !known ? '' : 'lost: ' + (lost.length === 0 ? 'nothing' : losses.length <= MOST_LETTERS ? losses : lost.length + ' causes');
  $('losses').classList.toggle('bad', lost.length > 0);
  $('stopped').textContent = !known ? '' : stopped.length === 0 ? 'stopped: nothing' : stopped.at(-1);
  for (const [title, texts] of [['Lost', lost], ['Stopped', stopped], ['Cost', fact('cost')], ['Written by', fact('origin')],
    ['Comments', known ? [] : fact('comment')]]) {
    if (texts.length > 0) {
      $('account').append(element('dt', '', title), ...texts.map(text => element('dd', '', text)));
    }
  }
}

/** The processes; of profiles that know none, or of two, the files. */
function whose(profile, fact) {
  if (fact('before').length > 0) {
    return fact('before')[0] + ' → ' + fact('origin')[0];
  }
  const pids = [...new Set(profile.threads.map(thread => thread.pid))];
  const none = pids.length === 0 || (pids.length === 1 && pids[0] === 0);
  return none && fact('origin').length > 0 ? fact('origin')[0]
    : pids.length === 1 ? processName(profile, pids[0]) : pids.length + ' processes';
}

/** What is not known of it is left out. */
function when(fact) {
  const start = new Date(fact('start')[0]);
  const rate = Number(fact('rate')[0]);
  const seconds = Number(fact('seconds')[0]);
  const during = [seconds > 0 ? seconds.toFixed(1) + ' s' : '', rate > 0 ? 'at ' + rate + ' Hz' : ''].filter(text => text).join(' ');
  return [start.getTime() > 0 ? start.toLocaleString() : '', during].filter(text => text).join(', ');
}

try {
  const began = performance.now();
  const page = new Page(read(await unpack($('data').textContent.trim())));
  page.start();
  document.documentElement.dataset.ready = Math.round(performance.now() - began); // ms
} catch (error) {
  $('of').textContent = 'This page cannot be shown: ' + error.message;
  throw error;
}
