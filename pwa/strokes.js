/** What a finger drew as the text of a signature: smooth, no longer than the contract takes, in the box of sync/rules. */
import kinds from '../sync/kinds.json' with {type: 'json'};
import * as rules from '../sync/rules.js';

const {max: LENGTH_MAX} = kinds.kinds.consent.fields.signature;
// Units of the box: what is left out shows on no phone, until a signature is so full that it must.
const [FINE, COARSE] = [0.5, 20];
const COARSER = 1.5;
const ROUNDS = 2;

/** A signature with one more stroke; as it was when no more fits in it. */
export function added(path, points) {
  const drawn = simplified(rounded(points), FINE);
  const longer = path + stroke(drawn);
  if (longer.length <= LENGTH_MAX) return longer;
  const all = [...rules.strokes(path) ?? [], drawn];
  for (let units = FINE * COARSER; units < COARSE; units *= COARSER) {
    const shorter = all.map((one) => stroke(simplified(one, units))).join('');
    if (shorter.length <= LENGTH_MAX) return shorter;
  }
  return path;
}

/** One stroke as it is written: where it begins, then each step; a dot is a step to nowhere. */
export function stroke(points) {
  const whole = points.map((point) => point.map(Math.round));
  const steps = whole.slice(1).map(([x, y], before) => [x - whole[before][0], y - whole[before][1]]).filter(([x, y]) => x || y);
  return `M${whole[0]}l${steps.length ? steps.join(' ') : '0,0'}`;
}

/** Without the corners of a finger that was faster than its screen: each is cut, and cut again. */
function rounded(points) {
  let round = points;
  for (let n = 0; n < ROUNDS && points.length > 2; n += 1) {
    const cut = round.slice(1).flatMap((point, before) => [between(round[before], point, 1 / 4), between(round[before], point, 3 / 4)]);
    round = [round[0], ...cut, round.at(-1)];
  }
  return round;
}

function between([x, y], [to, down], part) {
  return [x + (to - x) * part, y + (down - y) * part];
}

/** Without the points that lie within so many units of the line between those that stay (Douglas and Peucker's way). */
function simplified(points, units) {
  const stays = new Set([0, points.length - 1]);
  const pieces = [[0, points.length - 1]];
  for (let piece = pieces.pop(); piece; piece = pieces.pop()) {
    const [from, to] = piece;
    let [far, at] = [units, 0];
    for (let i = from + 1; i < to; i += 1) {
      const off = distance(points[i], points[from], points[to]);
      if (off > far) [far, at] = [off, i];
    }
    if (!at) continue;
    stays.add(at);
    pieces.push([from, at], [at, to]);
  }
  return points.filter((_, i) => stays.has(i));
}

/** How far a point is from the piece between two others. */
function distance([x, y], [fromX, fromY], [toX, toY]) {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const along = dx || dy ? Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(x - fromX - along * dx, y - fromY - along * dy);
}
