/** What somebody can bear and what they carry, from 0 to 10, in words. */

export const SIDES = ['strength', 'burden'];
// The last number of each band but the highest.
const BANDS = [2, 4, 6, 8];

/** What the sliders of a form say in words: [{id, text}]. */
export function loadWords(env, values) {
  return SIDES.map((side) => ({id: `said-${side}`, text: sideWords(env, side, Number(values.get(side)))}));
}

/** One side in words: 'Draagkracht 7 van 10: kan aardig wat aan.' */
export function sideWords(env, side, value) {
  const band = BANDS.filter((most) => value > most).length;
  return env.say('load.said', {what: env.say(`load.${side}`), n: value, words: env.say(`load.${side}.${band}`)});
}
