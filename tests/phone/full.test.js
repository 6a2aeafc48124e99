/** A full phone, at every write of a day where no room can be made: what was typed stays on the screen with what to do about it, nothing that was kept is lost, and later it goes on. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {IDBFactory} from 'fake-indexeddb';
import {FULL} from '../../pwa/pages/page.js';
import {Faulty} from './faults.js';
import {ANNIE, DE_WIT, NOTE, TASK, aNeighbourhood, anEnvForPages, asking, withValues} from './neighbourhood.js';
import {anId, restarted} from './phones.js';
import {Tight} from './tight.js';

const SAYS = {nl: /Niet bewaard: deze telefoon is vol\. Wat je schreef staat nog op het scherm\. Maak ruimte.*filmpjes/s, en: /Not saved: this phone is full.*Make room.*videos/s};
// What is written in a day: the form, where it goes, and its own words, which are looked for on the screen.
const DAY = [
  ['visit', `/households/${DE_WIT}/visits/new`, `/households/${DE_WIT}/visits`, (words) => ({strength: words, m_pulse: '72', task_what: 'Zalf halen'})],
  ['contact', '/contacts/new', '/contacts', (words) => ({place: 'park', way: 'talk', text: words})],
  ['contact with somebody', '/contacts/new', '/contacts', (words) => ({way: 'talk', resident: ANNIE, text: words, lens: 'health'})],
  ['task', `/households/${DE_WIT}/tasks/new`, `/households/${DE_WIT}/tasks`, (words) => ({task_what: words})],
  ['addition', `/notes/${NOTE}/additions/new?in=${DE_WIT}`, `/notes/${NOTE}/additions?in=${DE_WIT}`, (words) => ({text: words})],
  ['answer to a task', `/tasks/${TASK}`, `/tasks/${TASK}/completion`, (words) => ({outcome: 'could_not', text: words, op: anId()})],
  ['household', '/households/new', '/households', (words) => ({household_name: words, resident_name: 'Nora van Dam'})],
];

async function aDay(language = 'nl') {
  const faulty = new Faulty(new IDBFactory());
  const day = await aNeighbourhood({indexedDB: faulty});
  await day.phone.keepMe({...day.phone.me(), language});
  day.env.trouble = (error) => { if (error.name !== 'Full') throw error; return {status: FULL, html: day.env.say('full.form')}; };
  return {...day, faulty};
}

const kept = async (phone) => (await phone.waiting()).length;

/** One form that is sent with no room at its k-th step, and once more when there is. */
async function filledUp({phone, faulty, env, get, post}, [, form, to, fields], k, language) {
  const words = `Zij vertelde ${k} over de markt`;
  const values = withValues(await get(form), fields(words));
  await post('/drafts', values);
  const before = await kept(phone);
  faulty.plan({at: k, how: 'full', lasting: true});
  const said = await post(to, values).catch(env.trouble);
  const {steps} = faulty;
  faulty.plan(null);
  if (said.status === FULL) {
    assert.match(said.html, SAYS[language]);
    assert.equal(await kept(phone), before, 'half of it was kept');
    const again = await get(form);
    if (values.get('draft_of')) assert.ok(again.html.includes(words), 'the draft is gone');
    assert.equal((await post(to, values)).status, 303);
  }
  assert.ok(await kept(phone) > before);
  return {full: said.status === FULL, over: steps < k};
}

for (const language of ['nl', 'en']) {
  for (const act of DAY) {
    test(`no room at any write of a ${act[0]} loses nothing and says what to do (${language})`, async () => {
      const day = await aDay(language);
      let met = 0;
      for (let k = 1; ; k += 1) {
        const {full, over} = await filledUp(day, act, k, language);
        met += full;
        if (over) break;
      }
      assert.ok(met > 0, 'no write was ever refused');
    });
  }
}

test('a draft that does not fit says so, and what was kept before stays', async () => {
  const {faulty, get, post} = await aDay();
  const values = withValues(await get('/contacts/new'), {place: 'park', text: 'Dit paste nog'});
  await post('/drafts', values);
  values.set('text', 'Dit niet meer');
  faulty.plan({at: 1, how: 'full', lasting: true});
  assert.match((await post('/drafts', values)).html, /concept niet bewaard: de telefoon is vol/);
  faulty.plan(null);
  assert.match((await get('/contacts/new')).html, /Dit paste nog/);
});

test('no room at any write of a sync loses nothing: it says so, and later all arrives, once', async () => {
  const day = await aDay();
  const {desk, env, faulty, phone, get, post} = day;
  const written = [];
  for (let k = 1, met = 0; ; k += 1) {
    const words = `Koffie op het bankje ${k}`;
    await post('/contacts', withValues(await get('/contacts/new'), {place: 'park', text: words}));
    written.push(words);
    desk.put({...change(), record: anId(), id: anId()});
    faulty.plan({at: k, how: 'full'});
    const {problem} = await phone.sync();
    const {steps} = faulty;
    faulty.plan(null);
    if (problem) {
      assert.equal(problem, 'full');
      assert.match((await get('/profile')).html, /telefoon vol: maak ruimte vrij/);
      met += 1;
    }
    assert.equal((await phone.sync()).problem, null);
    if (steps < k) {
      assert.ok(met > 0);
      break;
    }
  }
  assert.equal(await kept(phone), 0);
  const texts = [...desk.records.values()].flatMap(({fields}) => Object.values(fields.text ?? {}));
  for (const words of written) assert.equal(texts.filter((text) => text === words).length, 1, words);
  assert.match((await get('/contacts')).html, /Koffie op het bankje 1/);
  assert.equal(env.phone.status().problem, null);
});

test('the page of a household says that its history made way, and who opens it with a line gets it back, once', async () => {
  const tight = new Tight(new IDBFactory());
  const {desk, clock, phone} = await aNeighbourhood({indexedDB: tight});
  tight.left(0);
  await phone.add([phone.change('note', {subject: `resident:${ANNIE}`, topic: 'body', fields: {text: 'Nu'}})], {op: anId()});
  tight.limit = Infinity;
  const again = await restarted(clock);
  const env = anEnvForPages(again, clock);
  const {get} = asking(env);
  const says = /Oudere notities van hier staan niet op deze telefoon: hij was vol\./;
  env.on = false;
  const page = await get(`/households/${DE_WIT}`);
  assert.match(page.html, says);
  assert.doesNotMatch(page.html, /Wond 2 cm/);
  assert.equal(env.woken, 0);
  env.on = true;
  await get(`/households/${DE_WIT}`);
  await get(`/households/${DE_WIT}`);
  assert.equal(env.woken, 1);
  desk.asked = [];
  assert.equal((await again.sync()).problem, null);
  const pairs = desk.asked.filter(([path]) => path === '/sync/history').flatMap(([, asks]) => asks.pairs);
  assert.ok(pairs.length > 0 && pairs.every(([subject]) => !subject.startsWith('team:')));
  const back = await get(`/households/${DE_WIT}`);
  assert.match(back.html, /Wond 2 cm/);
  assert.doesNotMatch(back.html, says);
});

/** Something that a colleague wrote meanwhile. */
function change() {
  return {kind: 'contact', subject: `resident:${ANNIE}`, topic: 'social', stamp: '1763800000000-0000-0000beef', seen: 0, n: 1, by: anId(), fields: {day: '2026-11-22', text: 'Van een collega'}};
}
