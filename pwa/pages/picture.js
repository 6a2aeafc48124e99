/** The picture of a network: the household in the middle, helpers on rings by how near they are, each with the sign of who they are. */
import {NEAR, askable, nearness} from './helper_rows.js';
import {inSentence, shortNames} from './names.js';
import {listed} from './sentences.js';

const MIDDLE = {x: 180, y: 200};
const RINGS = [{rx: 72, ry: 74}, {rx: 106, ry: 112}, {rx: 132, ry: 150}, {rx: 152, ry: 186}];
// Helpers stand between these angles, clockwise from the right: the top is left to the names of the rings.
const FROM = -52, TURN = 284;
/** What stands for each relation, drawn round 0,0: readable without colour. */
export const SIGNS = {
  carer: 'M0,13C-18,1 -14,-12 -6,-12C-2,-12 0,-9 0,-7C0,-9 2,-12 6,-12C14,-12 18,1 0,13Z', family: 'M-12,0a12,12 0 1,0 24,0a12,12 0 1,0 -24,0Z',
  friend: 'M0,-14L14,0L0,14L-14,0Z', neighbour: 'M-11,12V-3L0,-13L11,-3V12Z', contact: 'M-11,-11H11V11H-11Z',
  volunteer: 'M0,-15L4,-5L14,-5L6,2L9,12L0,6L-9,12L-6,2L-14,-5L-4,-5Z',
};

/** {name, middle, rings, helpers, signs (a legend), words (the same as a sentence)} of the helpers who are there now. */
export function pictureOf(env, house, helpers) {
  const turned = spread(helpers);
  const names = shortNames(turned.map(({fields}) => fields.name));
  return {
    name: shortNames([house.fields.name])[0], middle: MIDDLE, rings: RINGS.map((ring, i) => ({...ring, label: env.say(`near.${NEAR[i]}`), at: MIDDLE.y - ring.ry})),
    helpers: turned.map((one, i) => placed(one, names[i], FROM + Math.round((i + 0.5) * TURN / turned.length))),
    signs: Object.keys(SIGNS).filter((relation) => helpers.some(({fields}) => fields.relation === relation)).map((relation) => ({sign: SIGNS[relation], text: env.say(`relation.${relation}`)})),
    unasked: helpers.some((one) => state(one) === 'unasked'), never: helpers.some((one) => !askable(one)), words: inWords(env, house, helpers),
  };
}

/** In the order in which they stand: those of a ring all the way round, and beside each of them somebody of another ring, so that names stand apart. */
function spread(helpers) {
  const rings = NEAR.map((_, near) => helpers.filter((one) => nearness(one) === near));
  const parts = rings.flatMap((ring, near) => ring.map((one, i) => ({one, near, part: (i + 0.5) / ring.length})));
  return parts.sort((a, b) => a.part - b.part || a.near - b.near).map(({one}) => one);
}

function placed(one, name, angle) {
  const {rx, ry} = RINGS[nearness(one)];
  const turn = angle * Math.PI / 180;
  const [x, y] = [MIDDLE.x + Math.round(rx * Math.cos(turn)), MIDDLE.y + Math.round(ry * Math.sin(turn))];
  return {x, y, below: y + 29, name, sign: SIGNS[one.fields.relation], state: state(one)};
}

function state({fields}) {
  return fields.agreed ?? 'unasked';
}

function inWords(env, house, helpers) {
  const groups = NEAR.map((near, i) => [env.say(`near.${near}`), helpers.filter((one) => nearness(one) === i).map(({fields}) => fields.name)]);
  const said = groups.filter(([, names]) => names.length).map(([where, names]) => `${where}: ${listed(env, names)}.`);
  return [env.say('network.picture', {n: helpers.length, name: inSentence(house.fields.name)}), ...said].join(' ');
}
