/** Idee voor Naober: from the bottom of every screen, about that screen and nobody on it, and the answer comes back to whoever wrote it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {answer} from '../../pwa/routes.js';
import {DE_WIT, JOOST, aNeighbourhood, withValues} from './neighbourhood.js';
import {HAT, TEAM, amina, anId, elsewhere} from './phones.js';

const PLACE = '/profile/suggestions';
const ORIGIN = 'https://naober.example';

/** The form as it is asked for from a screen. */
async function from(env, path) {
  const given = await answer(new Request(`${ORIGIN}${PLACE}/new`, {headers: {'HX-Current-URL': `${ORIGIN}${path}`}}), env);
  return {status: given.status, html: await given.text()};
}

const waiting = async (phone) => (await phone.waiting()).map(({change: {kind, subject, topic, by, fields}}) => ({kind, subject, topic, by, ...fields}));

test('the way to it stands at the bottom of every page, and not on the lock page', async () => {
  const {env, phone, get} = await aNeighbourhood();
  for (const page of ['/today', '/tasks', `/households/${DE_WIT}`, `/households/${DE_WIT}/visits/new`, '/profile', '/nowhere']) assert.match((await get(page)).html, /<a class="idea" href="\/profile\/suggestions\/new">Idee over dit scherm\?<\/a>/, page);
  phone.lapsed = () => true;
  assert.doesNotMatch(await (await answer(new Request(`${ORIGIN}/today`), env)).text(), /class="idea"/);
});

test('which screen it is about is filled in by its route, and says of nobody whose it was', async () => {
  const {env, phone, post} = await aNeighbourhood();
  const form = await from(env, `/households/${DE_WIT}/visits/new?schedule=${anId()}`);
  assert.match(form.html, /Over: Bezoek.*name="screen" value="\/households\/\{id\}\/visits\/new".*Wijkteam leest dit, met je naam erbij/s);
  assert.ok(form.html.includes(`class="back" href="/households/${DE_WIT}/visits/new?schedule=`));
  const {location} = await post(PLACE, withValues(form, {text: 'Graag de metingen bovenaan.'}));
  const [one] = await waiting(phone);
  assert.deepEqual(one, {kind: 'suggestion', subject: `team:${TEAM}`, topic: 'practical', by: HAT, text: 'Graag de metingen bovenaan.', screen: '/households/{id}/visits/new', at: env.now()});
  assert.match((await answer(new Request(`${ORIGIN}${location}`), env).then((given) => given.text())), /Idee bewaard\. Nu nog alleen op deze telefoon\..*Graag de metingen bovenaan\..*Bezoek.*alleen op deze telefoon/s);
});

test('what is no screen of ours is none', async () => {
  const {env, phone, post} = await aNeighbourhood();
  for (const path of ['/nowhere/at/all', `${PLACE}/new`, PLACE, '']) assert.match((await from(env, path)).html, /Over: Naober.*name="screen" value=""/s);
  const form = await from(env, '/nowhere');
  await post(PLACE, withValues(form, {text: 'Donkerder', screen: `/households/${DE_WIT}`}));
  assert.equal((await waiting(phone))[0].screen, undefined);
});

test('without words it comes back, and half written it is kept for that screen', async () => {
  const {env, phone, post} = await aNeighbourhood();
  const form = await from(env, '/today');
  const empty = await post(PLACE, withValues(form, {}));
  assert.equal(empty.status, 422);
  assert.match(empty.html, /Schrijf in een paar woorden wat je bedoelt\./);
  await post('/drafts', withValues(form, {text: 'Half'}));
  assert.match((await from(env, '/today')).html, /je concept staat er weer.*>Half</s);
  assert.doesNotMatch((await from(env, '/tasks')).html, />Half</);
  assert.deepEqual(await phone.waiting(), []);
});

test('the answer stands with the idea, and what a colleague wrote is not among mine', async () => {
  const {env, desk, phone, get, post} = await aNeighbourhood();
  const subject = `team:${TEAM}`;
  desk.put(elsewhere('suggestion', {subject, topic: 'practical', fields: {text: 'Van Joost'}, by: JOOST}), {by: JOOST, role: 'nurse'});
  await post(PLACE, withValues(await from(env, '/today'), {text: 'Groter graag'}));
  await phone.sync();
  assert.match((await get(PLACE)).html, /Groter graag.*nog geen antwoord/s);
  const mine = (await phone.records(subject)).find((one) => one.kind === 'suggestion' && phone.isMine(one));
  desk.put(elsewhere('response', {subject, topic: 'practical', fields: {to: mine.id, text: 'Komt eraan.'}, by: JOOST}), {by: JOOST, role: 'lead'});
  await phone.sync();
  const {html} = await get(PLACE);
  assert.match(html, /Groter graag.*Antwoord: <\/span>Komt eraan\..*Joost Hofman, teamleider/s);
  assert.doesNotMatch(html, /Van Joost|nog geen antwoord/);
});

test('a volunteer has ideas too', async () => {
  const worn = {id: anId(), role: 'volunteer', team: anId(), team_name: 'Buren van De Haard', organisation: anId(), organisation_name: 'De Haard', kind: 'volunteers'};
  const {env, phone, get, post} = await aNeighbourhood({me: {...amina(), hats: [worn], wearing: worn.id}});
  assert.match((await get('/errands')).html, /class="idea"/);
  assert.match((await get('/profile')).html, /href="\/profile\/suggestions".*Mijn ideeën/s);
  assert.match((await from(env, '/today')).html, /Over: Mijn taken/);
  const form = await from(env, '/errands');
  assert.match(form.html, /Over: Mijn taken.*Buren van De Haard leest dit/s);
  await post(PLACE, withValues(form, {text: 'Een kaartje bij het adres'}));
  const [one] = await waiting(phone);
  assert.deepEqual([one.subject, one.by], [`team:${worn.team}`, worn.id]);
});
