/** Why things are on this phone and until when, and sharing on another ground with what it would open. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, DE_WIT, NOTE, VISIT, WELFARE, WELFARE_TEAM, aNeighbourhood, withValues} from './neighbourhood.js';
import {TEAM, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const SHARE = {resident: ANNIE, to: `team:${WELFARE_TEAM}`, topics: ['body'], before: 'yes', question: 'Wie helpt met de post?', necessity: 'Anders komt er een boete.',
  proportionality: 'Alleen de post.', subsidiarity: 'Vragen lukte niet.', ground: 'public_task', told: 'yes'};

test('a note is here because my team comes there, and its page is a link away', async () => {
  const {get} = await aNeighbourhood();
  assert.match((await get(`/visits/${VISIT}?in=${DE_WIT}`)).html, new RegExp(`href="/why/${NOTE}\\?in=${DE_WIT}".*href="/why/${VISIT}\\?in=${DE_WIT}"`, 's'));
  assert.match((await get(`/why/${NOTE}?in=${DE_WIT}`)).html, /Wond 2 cm.*Omdat Wijkteam hier komt en dit bij jouw werk hoort\..*Zolang Wijkteam hier komt\./s);
});

test('what is of the body says that it falls under medical secrecy, beforehand and afterwards; what is not does not', async () => {
  const {get} = await aNeighbourhood();
  assert.match((await get(`/visits/${VISIT}?in=${DE_WIT}`)).html, /<h2>Lichaam<\/h2>.*?valt onder medisch beroepsgeheim/s);
  assert.match((await get(`/why/${NOTE}?in=${DE_WIT}`)).html, /valt onder medisch beroepsgeheim/);
  assert.doesNotMatch((await get(`/why/${VISIT}?in=${DE_WIT}`)).html, /beroepsgeheim/);
  assert.match((await get(`${ROOT}/consents/new`)).html, /uw gezondheid · valt onder medisch beroepsgeheim/);
});

test('what I wrote myself is mine, and what a resident opened says whose word it was and until when', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  const {location} = await post(`/notes/${NOTE}/additions?in=${DE_WIT}`, {op: anId(), draft_of: 'x', text: 'Nog iets'});
  assert.match((await get(`/why/${new URL(location, 'https://x').searchParams.get('saved')}?in=${DE_WIT}`)).html, /Omdat je het zelf schreef\./);
  const opened = {about: 'secrecy', answer: 'yes', to_kind: 'team', to: TEAM, topics: ['money'], since: '2026-11-20', until: '2027-03-01', how: 'spoken'};
  desk.put(elsewhere('consent', {subject: `resident:${ANNIE}`, topic: 'practical', fields: opened}));
  const note = anId();
  desk.put(elsewhere('note', {record: note, subject: `resident:${ANNIE}`, topic: 'money', fields: {text: 'De post ligt open.'}}));
  desk.pairs = [...desk.pairs, [`resident:${ANNIE}`, 'money', '2027-03-01', 1, 'consent']];
  assert.equal((await phone.sync()).problem, null);
  assert.match((await get(`/why/${note}?in=${DE_WIT}`)).html, /Omdat Annie de Wit het goed vindt dat Wijkteam van Thuiszorg dit weet \(sinds 20 november 2026\)\. Het gaat over geld\. Alleen wat er na die afspraak is opgeschreven\..*Tot en met 1 maart 2027\. Daarna verdwijnt het vanzelf/s);
  assert.match((await get('/profile/phone')).html, /Familie De Wit.*Omdat Wijkteam hier komt.*Praktisch \d+ · Sociaal 1 · Lichaam 3.*Omdat Annie de Wit het goed vindt.*Geld 1.*Mevrouw Bouazza.*De namen van 3 collega’s\./s);
});

test('a share shows beforehand what it opens, and nothing of it without what was written before', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/shares/new`);
  assert.match(form.html, /Kies hierboven over wie het gaat/);
  const {html} = await post('/drafts', withValues(form, SHARE));
  assert.match(html, /#preview"[^>]*><p>2 dingen, en wat er vanaf nu bij komt\..*Lichaam 2.*Lichaam: Wond 2 cm, geen roodheid\..*Meting: Bloeddruk 138\/82 mmHg/s);
  assert.match((await post('/drafts', withValues(form, {...SHARE, before: 'no'}))).html, /Van wat er al staat wordt niets gedeeld\. Wel wat er vanaf nu bij komt: lichaam\./);
});

test('a share shows beforehand what a no to the same people keeps closed, and that volunteers get nothing by it', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  const [to_kind, to] = SHARE.to.split(':');
  const no = {about: 'secrecy', answer: 'no', to_kind, to, topics: ['body'], since: '2026-11-20', how: 'spoken'};
  desk.put(elsewhere('consent', {subject: `resident:${ANNIE}`, topic: 'practical', fields: no}));
  const buddies = anId();
  desk.put(elsewhere('colleague', {subject: `organisation:${WELFARE}`, topic: 'practical', fields: {person: anId(), name: 'Vera', role: 'volunteer', team: buddies, team_name: 'Maatjes', organisation_name: 'Welzijn'}}));
  assert.equal((await phone.sync()).problem, null);
  const form = await get(`${ROOT}/shares/new`);
  const both = await post('/drafts', withValues(form, {...SHARE, topics: ['body', 'social']}));
  assert.match(both.html, /#preview"[^>]*><p>1 ding, en wat er vanaf nu bij komt\. Niet over lichaam: er is gezegd dat Buurtteam van Welzijn dat niet mag weten, en dat blijft zo\./);
  assert.match((await post('/drafts', withValues(form, SHARE))).html, /#preview"[^>]*><p>Niet over lichaam: [^<]*<\/p>\s*<\/hx-partial>/);
  const volunteers = await post('/drafts', withValues(form, {...SHARE, to: `team:${buddies}`, topics: ['practical']}));
  assert.match(volunteers.html, /#preview"[^>]*><p>Vrijwilligers lezen niets, ook niet als je het deelt\./);
});

test('a share asks for its four answers, its ground and what was told', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/shares/new`);
  const {status, html} = await post(`${ROOT}/shares`, withValues(form, {resident: ANNIE, told: 'unsafe'}));
  assert.equal(status, 422);
  for (const field of ['question', 'necessity', 'proportionality', 'subsidiarity', 'ground', 'to', 'topics', 'told_why']) assert.match(html, new RegExp(`id="wrong-${field}"`));
  assert.deepEqual(await phone.waiting(), []);
});

test('a share is kept with its answers, stands on a page of its own, and is taken back in one tap', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const {location} = await post(`${ROOT}/shares`, withValues(await get(`${ROOT}/shares/new`), SHARE));
  const {html} = await get(location);
  assert.match(html, /Bewaard dat je deelt\..*Leest mee over lichaam\..*Annie de Wit.*Wie helpt met de post\?.*Publieke taak.*Intrekken/s);
  assert.doesNotMatch((await get(`${ROOT}/consents`)).html, /Wie helpt met de post/);
  const taken = await post(/action="(\/shares[^"]+)"/.exec(html)[1], {op: anId()});
  assert.match((await get(taken.location)).html, /Ingetrokken\. Nu nog.*Ingetrokken of afgelopen/s);
  assert.equal((await phone.waiting()).at(-1).change.fields.withdrawn, true);
});
