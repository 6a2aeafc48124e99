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

/** A name as it fits in a picture: 'Riet de Boer' -> 'Riet', 'Mevrouw De Wit' -> 'De Wit', and no longer than its room. */
export function shortName(name) {
  const bare = name.replace(TITLES, '');
  const short = bare === name ? name.split(' ')[0] : bare;
  return short.length > SHORT ? `${short.slice(0, SHORT - 1)}…` : short;
}
