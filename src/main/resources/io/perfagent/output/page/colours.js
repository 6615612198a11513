// A colour for each kind of code, a little lighter or darker by the name.

/** As CodeKind.java numbers them; behind these groups, cuts and the root. */
export const KINDS = [
  {name: 'Python', hue: 41, saturation: 88, light: 66},
  {name: 'interpreter', hue: 265, saturation: 34, light: 80},
  {name: 'native', hue: 176, saturation: 38, light: 66},
  {name: 'kernel', hue: 352, saturation: 62, light: 77},
  {name: 'JIT', hue: 96, saturation: 40, light: 68},
  {name: 'without a name', hue: 30, saturation: 6, light: 74},
  {name: 'other', hue: 200, saturation: 46, light: 72},
  {name: 'group', hue: 212, saturation: 22, light: 82},
  {name: 'cut', hue: 20, saturation: 60, light: 84},
  {name: 'all', hue: 212, saturation: 12, light: 86},
];

const SHADES = 7;
const DARKER = 10; // per cent, on a dark page

export function colour(kind, name, dark) {
  const {hue, saturation, light} = KINDS[kind];
  return `hsl(${hue} ${saturation}% ${light - (dark ? DARKER : 0) + shade(name) - 4}%)`;
}

/** Of what has changed: red where it has grown, blue where it has shrunk, grey where it has not. */
export function changeColour(change, dark) {
  const light = (dark ? 78 : 88) - 34 * Math.abs(change);
  return change === 0 ? `hsl(212 6% ${dark ? 70 : 84}%)` : `hsl(${change > 0 ? 4 : 218} 78% ${light}%)`;
}

function shade(name) {
  let hash = 0;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash, 31) + name.charCodeAt(at) | 0;
  }
  return (hash >>> 8) % SHADES;
}
