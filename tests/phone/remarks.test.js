/** What a lead asks of Amina about something she wrote, on her phone: until she answers, also without signal. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {ANNIE, DE_WIT, JOOST, NOTE, VISIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {HAT, TEAM, amina, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const ILSE = anId(), REMARK = anId();

/** Amina's phone, with her lead Ilse in who-is-who; `ask` is what Ilse says of a record. */
async function aWard() {
  const at = await aNeighbourhood();
  const put = (kind, fields, {record = anId(), subject = `resident:${ANNIE}`, topic = 'body', by = ILSE, role = 'lead', seen = 0} = {}) =>
    at.desk.put(elsewhere(kind, {subject, topic, fields, record, by, seen}), {by, role});
  const [organisation] = at.desk.pairs[0];
  put('colleague', {person: anId(), name: 'Ilse Brouwer', role: 'lead', team: TEAM, team_name: 'Wijkteam', organisation_name: 'Thuiszorg'}, {record: ILSE, subject: organisation, topic: 'practical'});
  const ask = async (fields, place) => {
    put('remark', {of: NOTE, asked: amina().person, what: 'question', text: 'Hoe groot was hij?', at: at.clock.at, ...fields}, {record: REMARK, ...place});
    await at.phone.sync();
  };
  return {...at, put, ask};
}

const kept = async (phone, kind) => (await phone.records(`resident:${ANNIE}`)).filter((one) => one.kind === kind).map((one) => merge.shown(one));

test('a question stands on Vandaag, with the household and under what it is about, until it is answered', async () => {
  const {ask, get, post, phone} = await aWard();
  await ask();
  for (const path of ['/today', ROOT]) assert.match((await get(path)).html, new RegExp(`/remarks/${REMARK}.*Ilse Brouwer vraagt iets`, 's'), path);
  for (const path of [ROOT, `/visits/${VISIT}?in=${DE_WIT}`]) assert.match((await get(path)).html, /Vraag · vandaag 10:00 · Ilse Brouwer, teamleider.*Hoe groot was hij\?/s, path);
  const page = await get(`/remarks/${REMARK}`);
  assert.match(page.html, /Ilse Brouwer vraagt iets.*Hoe groot was hij\?.*Je antwoord.*Waar het over gaat.*Wond 2 cm/s);
  assert.equal((await post(`/remarks/${REMARK}/responses`, withValues(page, {text: ' '}))).status, 422);
  const {location} = await post(`/remarks/${REMARK}/responses`, withValues(page, {text: 'Toen 3 cm.'}));
  const after = await get(location);
  assert.match(after.html, /Je antwoord is bewaard\. Nu nog alleen op deze telefoon\..*Toen 3 cm\./s);
  assert.doesNotMatch(after.html, /<textarea/);
  for (const path of ['/today', ROOT]) assert.doesNotMatch((await get(path)).html, /vraagt iets/, path);
  const [{subject, topic, fields}] = await kept(phone, 'response');
  assert.deepEqual([subject, topic, fields.to, fields.text], [`resident:${ANNIE}`, 'body', REMARK, 'Toen 3 cm.']);
  assert.match((await get(ROOT)).html, /Hoe groot was hij\?.*Toen 3 cm\./s);
});

test('a half-written answer comes back', async () => {
  const {ask, get, post} = await aWard();
  await ask();
  await post('/drafts', withValues(await get(`/remarks/${REMARK}`), {text: 'Toen drie'}));
  assert.match((await get(`/remarks/${REMARK}`)).html, /Toen drie<\/textarea>/);
});

test('what was asked of a colleague stands under what it is about, and asks nothing of me', async () => {
  const {ask, get} = await aWard();
  await ask({asked: anId()});
  assert.doesNotMatch((await get('/today')).html, /vraagt iets/);
  assert.match((await get(ROOT)).html, /Hoe groot was hij\?/);
  assert.doesNotMatch((await get(`/remarks/${REMARK}`)).html, /<textarea/);
});

test('a compliment is put away with one tap', async () => {
  const {ask, get, post, phone} = await aWard();
  await ask({what: 'compliment', text: null});
  assert.match((await get('/today')).html, /Ilse Brouwer geeft een compliment/);
  const page = await get(`/remarks/${REMARK}`);
  assert.doesNotMatch(page.html, /<textarea/);
  await post(`/remarks/${REMARK}/responses`, withValues(page, {seen: 'yes'}));
  assert.doesNotMatch((await get('/today')).html, /compliment/);
  assert.equal((await kept(phone, 'response'))[0].fields.text, 'Gezien, dank je');
});

test('what is to be mended is written below it, which answers the lead; the original stays', async () => {
  const {ask, get, post, phone} = await aWard();
  const [before] = (await kept(phone, 'note')).filter(({id}) => id === NOTE);
  await ask({what: 'correction', text: 'Links of rechts?'});
  const [, mend] = /href="([^"]+additions[^"]+)"/.exec((await get(`/remarks/${REMARK}`)).html);
  const page = await get(mend.replaceAll('&amp;', '&'));
  assert.match(page.html, /Wond 2 cm, geen roodheid\./);
  const [, action] = /action="([^"]+)"/.exec(page.html);
  await post(action.replaceAll('&amp;', '&'), withValues(page, {text: 'Het linkerbeen.'}));
  assert.doesNotMatch((await get('/today')).html, /vraagt om een correctie/);
  assert.deepEqual((await kept(phone, 'note')).filter(({id}) => id === NOTE)[0].fields, before.fields);
  assert.deepEqual((await kept(phone, 'note')).filter(({fields}) => fields.adds_to).map(({fields}) => [fields.adds_to, fields.text]), [[NOTE, 'Het linkerbeen.']]);
  assert.deepEqual((await kept(phone, 'response')).map(({fields}) => [fields.to, fields.text]), [[REMARK, 'Ik heb het aangevuld.']]);
});

test('about a contact of the team it is asked without a household', async () => {
  const {ask, get, post, put, phone} = await aWard();
  const contact = anId(), place = {subject: `team:${TEAM}`, topic: 'social'};
  put('contact', {day: '2026-11-22', way: 'talk', text: 'Sprak een man bij de kerk.'}, {...place, record: contact, by: HAT, role: 'nurse'});
  await ask({of: contact, text: 'Welke kerk?'}, place);
  assert.match((await get('/contacts')).html, /Sprak een man bij de kerk\..*Welke kerk\?/s);
  const page = await get(`/remarks/${REMARK}`);
  assert.match(page.html, /Welke kerk\?.*Sprak een man bij de kerk\./s);
  await post(`/remarks/${REMARK}/responses`, withValues(page, {text: 'De Ark.'}));
  assert.equal((await phone.waiting()).at(-1).change.subject, `team:${TEAM}`);
});

test('what is settled asks nothing more, and what is not here is not there', async () => {
  const {ask, get, post} = await aWard();
  await ask({closed: true});
  assert.doesNotMatch((await get('/today')).html, /vraagt iets/);
  assert.equal((await get(`/remarks/${anId()}`)).status, 404);
  assert.equal((await post(`/remarks/${anId()}/responses`, {text: 'x'})).status, 404);
});

test('of safety nothing is told before whoever holds the phone shows that it is theirs, and nothing in a form', async () => {
  const {ask, desk, get, phone, put} = await aWard();
  desk.pairs.push([`resident:${ANNIE}`, 'safety', null]);
  const note = anId(), place = {topic: 'safety'};
  put('note', {text: 'Blauwe plek.', aspect: 'seen'}, {...place, record: note, by: HAT, role: 'nurse'});
  await ask({of: note, text: 'Wie weet dit nog meer?'}, place);
  for (const path of ['/today', ROOT, `/remarks/${REMARK}`, `/remarks/${REMARK}?answer`]) assert.doesNotMatch((await get(path)).html, /Blauwe plek|Wie weet dit/, path);
  phone.verifiedAt = phone.env.now();
  const page = await get(`/remarks/${REMARK}`);
  assert.match(page.html, /Wie weet dit nog meer\?.*\?answer.*Blauwe plek/s);
  assert.doesNotMatch(page.html, /<textarea/);
  const form = await get(`/remarks/${REMARK}?answer`);
  assert.match(form.html, /<textarea/);
  assert.doesNotMatch(form.html, /Blauwe plek|Wie weet dit/);
});

test('an answer that came back can be written once more', async () => {
  const {ask, desk, get, post, phone} = await aWard();
  await ask();
  await post(`/remarks/${REMARK}/responses`, withValues(await get(`/remarks/${REMARK}`), {text: 'Toen 3 cm.'}));
  assert.doesNotMatch((await get(`/remarks/${REMARK}`)).html, /<textarea/);
  desk.verdict = () => 'refused';
  await phone.sync();
  assert.match((await get('/profile')).html, new RegExp(`href="/remarks/${REMARK}"`));
  assert.match((await get(`/remarks/${REMARK}`)).html, /Toen 3 cm\..*<textarea/s);
});
