/** Signing on the screen: what a finger draws becomes a small text that can be nothing else, under the words that were read. */
import assert from 'node:assert/strict';
import test from 'node:test';
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as rules from '../../sync/rules.js';
import {added, stroke} from '../../pwa/strokes.js';
import {ANNIE, BOUAZZA, DE_WIT, WELFARE, WELFARE_TEAM, WIM, aNeighbourhood, withValues} from './neighbourhood.js';

const LENGTH_MAX = kinds.kinds.consent.fields.signature.max;
const ROOT = `/households/${DE_WIT}`;
const YES = {resident: ANNIE, to: `team:${WELFARE_TEAM}`, topics: ['social'], period: 'endless', how: 'signed', answer: 'yes'};
const SIGNED = 'M12,34l3,-1 5,2M300,9l0,0';
const waiting = async (phone) => (await phone.waiting()).map(({change}) => change.fields);

/** What is read above the box once a form is filled in so, as the answer to its draft puts it there. */
async function read(world, values) {
  return /#signed-words"[^>]*>([^<]*)</.exec((await world.post('/drafts', values)).html)[1];
}

async function signed(world, fields = {}) {
  const values = withValues(await world.get(`${ROOT}/consents/new`), {...YES, signature: SIGNED});
  values.set('signed_words', await read(world, values));
  for (const [name, value] of Object.entries(fields)) values.set(name, value);
  return world.post(`${ROOT}/consents`, values);
}

/** A loop as a quick finger leaves it: few points, far apart. */
function loop(points, turns = 1) {
  return Array.from({length: points}, (_, i) => [300 + 90 * Math.cos(i / points * turns * 6.283) + i / points * 100, 100 + 80 * Math.sin(i / points * turns * 6.283)]);
}

/** How far the farthest of these points is from a line, which is looked at ten times between two of its own. */
function farthest(points, line) {
  const looked = line.slice(1).flatMap(([x, y], before) => Array.from({length: 11}, (_, part) => [line[before][0] + (x - line[before][0]) * part / 10, line[before][1] + (y - line[before][1]) * part / 10]));
  return Math.max(...points.map(([x, y]) => Math.min(...looked.map(([px, py]) => Math.hypot(px - x, py - y)))));
}

test('a stroke is written as where it begins and each step from there, a dot as a step to nowhere', () => {
  assert.equal(stroke([[12.4, 33.6], [15, 33], [15.2, 33.3], [20, 35]]), 'M12,34l3,-1 5,2');
  assert.equal(stroke([[300, 9]]), 'M300,9l0,0');
  assert.equal(added(added('', [[12, 34], [15, 33]]), [[0, 0]]), 'M12,34l3,-1M0,0l0,0');
});

test('points on one line are left out, and corners of a quick finger are rounded', () => {
  assert.equal(added('', Array.from({length: 100}, (_, i) => [i, 2 * i / 2])), 'M0,0l99,99');
  const [bend] = rules.strokes(added('', [[0, 0], [100, 0], [100, 100]]));
  assert.ok(bend.length > 4);
  assert.ok(bend.every(([x, y]) => x < 100 || y > 0), 'the corner itself is gone');
});

test('what is kept of a signature lies where the finger was', () => {
  const drawn = loop(400, 3);
  const text = added('', drawn);
  assert.ok(text.length < 1200, `${text.length} signs`);
  assert.ok(farthest(drawn, rules.strokes(text)[0]) < 1.5);
});

test('a signature never grows longer than the contract takes: it gets coarser, and what no more fits is left out', () => {
  let path = '';
  for (let n = 0; n < 30; n += 1) path = added(path, loop(500, 9).map(([x, y]) => [x, (y + 7 * n) % 200]));
  assert.ok(path.length <= LENGTH_MAX && rules.strokes(path).length > 5);
  for (let n = 0; n < 600; n += 1) path = added(path, [[n, n % 200]]);
  assert.ok(path.length <= LENGTH_MAX && rules.strokes(path));
});

test('whatever is drawn is a signature for the contract, however wild', () => {
  let seed = 7;
  const chance = (most) => (seed = (seed * 48271) % 2147483647) % 10_000 / 10_000 * most;
  for (let n = 0; n < 300; n += 1) {
    const points = Array.from({length: 1 + Math.floor(chance(40))}, () => [chance(600), chance(200)]);
    assert.ok(rules.strokes(added(SIGNED, points)), JSON.stringify(points));
  }
});

test('a signed yes keeps the strokes and who signed, and its page shows them with words', async () => {
  const world = await aNeighbourhood();
  const {location} = await signed(world, {signer: 'Els <de Wit>'});
  const [{how, signature, signer, words}] = await waiting(world.phone);
  assert.deepEqual([how, signature, signer], ['signed', SIGNED, 'Els <de Wit>']);
  assert.match(words, /^Sociaal werk · Buurtteam van Welzijn\nMag weten/);
  const {html} = await world.get(location);
  assert.match(html, /Sinds 22 november 2026\. Ondertekend door Els &lt;de Wit&gt;\..*<svg class="signature" viewBox="0 0 600 200" role="img" aria-label="Handtekening van Els &lt;de Wit&gt;, 22 november 2026"><path d="M12,34l3,-1 5,2M300,9l0,0"\/>/s);
});

test('whose name is not filled in is the resident', async () => {
  const world = await aNeighbourhood();
  await signed(world);
  assert.equal((await waiting(world.phone))[0].signer, 'Annie de Wit');
});

test('signed without a signature is asked for, in words that say what to do, and nothing typed is lost', async () => {
  const world = await aNeighbourhood();
  for (const signature of ['', 'M1,2l3,4"/><script>', 'M590,0l20,0']) {
    const {status, html} = await signed(world, {signature, signer: 'Els', purpose: 'om te wandelen'});
    assert.equal(status, 422);
    assert.match(html, /value="om te wandelen".*value="signed" checked.*Er staat nog geen handtekening\. Laat hieronder in het vak ondertekenen, of kies Gesproken of Getekend op papier\..*value="Els"/s);
    assert.match(html, /<path d=""\/>/);
  }
  assert.deepEqual(await waiting(world.phone), []);
});

test('what was signed under other words, or of somebody else, is signed again', async () => {
  const world = await aNeighbourhood();
  for (const [name, value] of [['topics', 'money'], ['period', 'months3'], ['resident', WIM], ['to', `organisation:${WELFARE}`]]) {
    const {status, html} = await signed(world, {[name]: value, present: 'buurvrouw'});
    assert.equal(status, 422);
    assert.match(html, new RegExp(`Er is iets veranderd nadat er is ondertekend\\..*<path d="${SIGNED}"/>.*value="buurvrouw"`, 's'));
  }
  assert.deepEqual(await waiting(world.phone), []);
});

test('what is to be signed is read above the box as soon as it is chosen', async () => {
  const world = await aNeighbourhood();
  const form = await world.get(`${ROOT}/consents/new`);
  assert.match(form.html, /id="signed-words">Kies eerst hierboven wie wat mag weten\.</);
  assert.match(await read(world, withValues(form, YES)), /^Annie de Wit\nSociaal werk · Buurtteam van Welzijn\nMag weten wat we bespreken over uw contacten\./);
});

test('a no needs no signature: it was said', async () => {
  const world = await aNeighbourhood();
  await signed(world, {answer: 'no', signature: ''});
  const [{answer, how, signature, signer}] = await waiting(world.phone);
  assert.deepEqual([answer, how, signature, signer], ['no', 'spoken', undefined, undefined]);
});

test('spoken or on paper keeps no strokes, though some were drawn', async () => {
  const world = await aNeighbourhood();
  await signed(world, {how: 'paper'});
  assert.deepEqual(Object.keys((await waiting(world.phone))[0]).filter((name) => name.startsWith('sign')), []);
});

test('a half-filled form comes back with its drawing', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`/households/${BOUAZZA}/consents/new`);
  assert.match(form.html, /aria-label="Vak voor de handtekening, nog leeg"><path d=""\/>/);
  await post('/drafts', withValues(form, {how: 'signed', signature: SIGNED}));
  assert.match((await get(`/households/${BOUAZZA}/consents/new`)).html, new RegExp(`name="signature" value="${SIGNED}".*handtekening, ondertekend"><path d="${SIGNED}"/>`, 's'));
});

test('a consent of a phone that could not sign yet shows none', async () => {
  const world = await aNeighbourhood();
  const [change] = [world.phone.change('consent', {
    subject: `resident:${ANNIE}`, topic: 'practical', by: world.phone.me().hats[0].id,
    fields: {about: 'secrecy', answer: 'yes', to_kind: 'team', to: WELFARE_TEAM, topics: ['social'], since: '2026-11-22', how: 'signed'},
  })];
  await world.phone.add([change], {op: world.phone.id()});
  const {html} = await world.get(`${ROOT}/consents`);
  assert.match(html, /Sinds 22 november 2026\. Ondertekend\./);
  assert.doesNotMatch(html, /class="signature"/);
});
