/** Names as they stand in a sentence, and in an order. */

const TITLE = '(?:mevrouw|meneer|de heer|heer|dhr\\.?|mevr?\\.?|familie|fam\\.?|gezin|echtpaar|(?:de )?(?:gebroeders|gezusters|broers?|zus(?:sen|ters|jes)?)|m(?:rs?|s)\\.?|family)';
const TITLES = new RegExp(`^${TITLE}(?:\\s+(?:en|and|&)\\s+${TITLE})*\\s+`, 'i');
const PARTICLES = /^((van|der|den|de|het|ten|ter|te|el|al|van 't|'t|in|op)\s+)+/i;
const ENGLISH = /^(m(rs?|s)\b|family\b)/i;
const SHORT = 12;

/** A name inside a sentence: 'Mevrouw De Wit' -> 'mevrouw De Wit'. */
export function inSentence(name) {
  return TITLES.test(name) && !ENGLISH.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** The name without title and particles, for order and letter: 'mevrouw De Wit' -> 'Wit'. */
export function sortName(name) {
  const bare = name.replace(TITLES, '').replace(PARTICLES, '');
  return bare || name;
}

/** Names as they fit in a picture: 'Riet de Boer' -> 'Riet', 'Mevrouw De Wit' -> 'De Wit'; two that would be the same stay whole, and none is longer than its room. */
export function shortNames(names) {
  const short = names.map((name) => name.replace(TITLES, '')).map((bare, i) => (bare === names[i] ? bare.split(' ')[0] : bare));
  return short.map((one, i) => clipped(short.indexOf(one) === short.lastIndexOf(one) ? one : names[i]));
}

function clipped(name) {
  return name.length > SHORT ? `${name.slice(0, SHORT - 1)}…` : name;
}
