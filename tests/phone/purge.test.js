/** What is left on a phone of a pair that closed, of a phone that was revoked, and what is said of work that the office did not take. */
import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import test from 'node:test';
import nl from '../../pwa/messages/nl.json' with {type: 'json'};
import en from '../../pwa/messages/en.json' with {type: 'json'};
import {DE_WIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {Desk, HAT, aPhone, anEnv, anId, elsewhere, everything} from './phones.js';

const RESIDENT = `resident:${anId()}`;
const CLOSED = `${RESIDENT} mind`;
const SERVER = new URL('../../server/', import.meta.url);

/** A phone with a closed and an open pair, of each a colleague's note in a blob and one in a row, and something of its own. */
async function aGuest() {
  const desk = new Desk();
  desk.pairs = [[RESIDENT, 'mind', null], [RESIDENT, 'social', null]];
  const put = (topic, text, more) => desk.put(elsewhere('note', {subject: RESIDENT, topic, fields: {text}, ...more}));
  put('mind', 'Dicht, in een blob');
  put('mind', 'Van mij, in een blob', {by: HAT});
  put('social', 'Open, in een blob');
  const env = anEnv({fetch: desk.fetch});
  const phone = await aPhone(env);
  await phone.sync();
  put('mind', 'Dicht, in een rij');
  put('social', 'Open, in een rij');
  await phone.sync();
  return {desk, env, phone};
}

/** Everything that lies in the stores, opened: {texts, tags of pairs in rows, blobs and marks, reads, drafts}. */
async function left({phone, env}) {
  const {shelf} = phone.open();
  const rows = await everything(env);
  const lists = [...await Promise.all(rows.blobs.map((one) => shelf.openBlob(one))), await Promise.all(rows.records.map((one) => shelf.openRow(one)))];
  const texts = lists.flat().map(({fields}) => Object.values(fields.text)[0]);
  return {texts: texts.sort(), tags: [...rows.blobs, ...rows.filled].map(({p}) => p), rows: rows.records, reads: rows.reads.length, drafts: rows.drafts.length};
}

test('after the first exchange nothing of a closed pair is left: no record, no blob, no mark, no reading; my own is', async () => {
  const {desk, env, phone} = await aGuest();
  const closed = await phone.open().vault.tag(CLOSED);
  await phone.reads.note(RESIDENT, 'household');
  await phone.drafts.keep(`visit-new ${RESIDENT}`, {text: 'half geschreven'});
  const {changes: [mine]} = await phone.add([phone.change('note', {subject: RESIDENT, topic: 'mind', fields: {text: 'Nog te versturen'}})]);
  assert.ok((await left({phone, env})).tags.includes(closed));
  desk.pairs = [[RESIDENT, 'social', null]];
  desk.verdict = () => 'held';
  assert.equal((await phone.sync()).problem, null);
  const after = await left({phone, env});
  assert.deepEqual(after.texts, ['Open, in een blob', 'Open, in een rij', 'Van mij, in een blob']);
  assert.ok(!after.tags.includes(closed));
  assert.deepEqual(after.rows.filter(({p}) => p === closed).length, 1);
  assert.equal(after.reads, 0);
  assert.equal(after.drafts, 1, 'what I am writing is mine, whatever closed');
  assert.deepEqual((await phone.waiting()).map(({change, state}) => [change.id, state]), [[mine.id, 'held']]);
  assert.deepEqual((await phone.records(RESIDENT)).map(({fields}) => Object.values(fields.text)[0]).sort(),
    ['Nog te versturen', 'Open, in een blob', 'Open, in een rij', 'Van mij, in een blob']);
  const asked = desk.asked.length;
  await phone.sync();
  assert.equal(desk.asked.slice(asked).filter(([path]) => path === '/sync/history').length, 0);
  assert.deepEqual((await left({phone, env})).texts, after.texts);
});

test('of a revoked phone that took itself away nothing is left, and it does not open', async () => {
  const {desk, env, phone} = await aGuest();
  await phone.add([phone.change('note', {subject: RESIDENT, topic: 'mind', fields: {text: 'Nog te versturen'}})]);
  const handed = [];
  desk.sync = ({changes}) => {
    handed.push(...changes);
    return Response.json({now: env.at, revoked: true, results: changes.map(({id}) => ({id, is: 'held', reason: 'device_revoked'}))});
  };
  assert.equal((await phone.sync()).problem, 'revoked');
  assert.deepEqual(handed.map(({fields}) => fields.text), ['Nog te versturen']);
  await phone.erase({unsent: true});
  assert.deepEqual(await phone.slots(), []);
  const stores = await everything(env);
  assert.deepEqual(Object.keys(stores).sort(), ['meta', 'slots']);
  assert.deepEqual(stores.slots, []);
});

/** Every reason that the office gives for what it did not take, as it stands in its code. */
function reasons() {
  const sources = readdirSync(SERVER).filter((name) => name.endsWith('.py')).map((name) => readFileSync(new URL(name, SERVER), 'utf8'));
  const given = sources.flatMap((source) => [...source.matchAll(/Result\([^()]*(?:\[[^\]]*\])?[^()]*, "(held|refused)", \w+, "(\w+)"/g)].map(([, is, why]) => [why, is]));
  const later = [['no_care_relation', 'held'], ['consent_ended', 'held'], ['device_revoked', 'held'], ['kept', 'held'], ['returned', 'refused']];
  return new Map([...given, ...later]);
}

test('whatever the office did not take is shown with a reason, in both languages', async () => {
  const all = reasons();
  assert.ok(all.size >= 11, [...all.keys()].join(' '));
  const {desk, phone, env, get, post} = await aNeighbourhood();
  for (const [reason, is] of all) {
    for (const [language, messages] of [['nl', nl], ['en', en]]) {
      await phone.keepMe({...phone.me(), language});
      desk.receive = ({id}) => ({id, is, reason, ...(reason === 'kept' && {version: 1}), text: 'Waarom?', fields: []});
      await post(`/households/${DE_WIT}/tasks`, withValues(await get(`/households/${DE_WIT}/tasks/new`), {task_what: `Om ${reason} ${language}`, task_soon: 'today'}));
      await phone.sync();
      const {html} = await get('/profile');
      const sentence = env.say(`reason.${reason}`, {text: 'Waarom?'});
      assert.ok(messages[`reason.${reason}`], `${language} has no words for ${reason}`);
      assert.notEqual(nl[`reason.${reason}`], en[`reason.${reason}`]);
      assert.ok(html.includes(`Om ${reason} ${language}`), reason);
      assert.ok(html.includes(sentence.split(/[“"]/)[0]), `${reason} in ${language}: ${sentence}`);
      assert.ok(html.includes(messages[is === 'held' ? 'state.held' : 'state.returned']), reason);
      for (const {change} of await phone.waiting()) await phone.dismiss(change.id);
    }
  }
});
