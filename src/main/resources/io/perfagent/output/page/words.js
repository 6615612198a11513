// Numbers and names as people read them.

export function percent(part, whole) {
  const share = whole > 0 ? 100 * part / whole : 0;
  return share.toFixed(share < 10 && share > 0 ? 2 : 1) + ' %';
}

export function samples(count) {
  return count.toLocaleString('en') + (count === 1 ? ' sample' : ' samples');
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
