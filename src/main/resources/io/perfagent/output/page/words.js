// Numbers and names as people read them.

export function percent(part, whole) {
  const share = whole > 0 ? 100 * part / whole : 0;
  return share.toFixed(share < 10 && share > 0 ? 2 : 1) + ' %';
}

export function samples(count) {
  return count.toLocaleString('en') + (count === 1 ? ' sample' : ' samples');
}

const TIMES = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];
const BYTES = [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B']];

/** A count that is no number of samples, of what a profile measures: its type and unit. */
export function weight(count, type, unit) {
  const [size, name] = ({nanoseconds: TIMES, bytes: BYTES}[unit] ?? []).find(([size]) => count >= size) ?? [1, unit === 'count' ? '' : unit];
  const number = size === 1 ? count.toLocaleString('en') : (count / size).toFixed(2);
  return [number, name, type].filter(text => text).join(' ');
}

/** A difference of two shares. */
export function points(share) {
  return (share < 0 ? '−' : '+') + percent(Math.abs(share), 1);
}

export function baseName(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** An element with text in it, which is nothing but text. */
export function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
