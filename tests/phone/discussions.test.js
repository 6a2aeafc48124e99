/** Overleg on Amina's phone, without signal: a huddle in a minute, the longer form, and without a name where somebody may not know it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, BOUAZZA, DE_WIT, FATIMA, FENNA, FENNA_HERSELF, JOOST, WELFARE_TEAM, aNeighbourhood, withValues} from './neighbourhood.js';
import {HAT, TEAM, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const NEW = `${ROOT}/discussions/new`;
const HOME = `household:${DE_WIT}`;

/** The empty form of a household, as it was before anything was kept of it. */
async function empty(there, root) {
  there.empty ??= await there.get(`${root}/discussions/new`);
  return there.empty;
}

async function written(there, fields, root = ROOT) {
  return there.post(`${root}/discussions`, withValues(await empty(there, root), fields));
}

const waiting = async (phone) => (await phone.waiting()).map(({change: {kind, subject, topic, fields}}) => ({kind, subject, topic, ...fields}));

/** What stands beside the form while it is filled in: {cover, aloud, readers}. */
async function beside(there, fields, root = ROOT) {
  const {html} = await there.post('/drafts', withValues(await empty(there, root), fields));
  return Object.fromEntries(['cover', 'aloud', 'readers'].map((id) => [id, new RegExp(`#${id}"[^>]*>([^<]*)<`).exec(html)?.[1]]));
}

test('a huddle: who, what was decided and who does what, kept in one go', async () => {
  const there = await aNeighbourhood();
  assert.match((await there.get(`${ROOT}/steering`)).html, new RegExp(`href="${NEW}"`));
  const {location} = await written(there, {who: JOOST, decision: 'We gaan samen.', what_0: 'Huisarts bellen', owner_0: JOOST, due_0: '2026-11-24'});
  const [discussion, task] = await waiting(there.phone);
  assert.deepEqual([discussion.kind, discussion.subject, discussion.topic, discussion.way, discussion.with, discussion.decision], ['discussion', HOME, 'practical', 'huddle', 'Joost Hofman', 'We gaan samen.']);
  assert.deepEqual([task.kind, task.what, task.owner, task.team, task.due], ['task', 'Huisarts bellen', JOOST, TEAM, '2026-11-24']);
  const {html} = await there.get(location);
  assert.match(html, /Overleg bewaard\. Nu nog alleen op deze telefoon\..*Kort overleg met Joost Hofman.*Besluit<\/b> We gaan samen\..*Afspraken<\/b> Huisarts bellen · Joost Hofman/s);
});

test('the longer form keeps what is known together under its own topics, and shows it as one line', async () => {
  const there = await aNeighbourhood();
  const {location} = await written(there, {who: JOOST, way: 'case', question: 'Kan zij alleen thuis blijven?', text_body: 'Valt vaker.', text_social: 'Dochter komt elke dag.', told: 'there', resident: ANNIE});
  assert.deepEqual((await waiting(there.phone)).map(({kind, subject, topic}) => [kind, subject, topic]), [['discussion', HOME, 'practical'], ['note', `resident:${ANNIE}`, 'body'], ['note', `resident:${ANNIE}`, 'social']]);
  const {html} = await there.get(location);
  assert.match(html, /Casuïstiekbespreking met Joost Hofman.*Was erbij.*De vraag<\/b> Kan zij alleen thuis blijven\?.*Lichaam<\/b> Valt vaker\..*Sociaal<\/b> Dochter komt elke dag\./s);
  assert.equal(html.match(/Valt vaker/g).length, 1);
});

test('nobody, or nothing said, comes back as it was typed', async () => {
  const there = await aNeighbourhood();
  const {status, html} = await written(there, {what_1: 'Bellen'});
  assert.equal(status, 422);
  assert.match(html, /wrong-with.*Kies wie erbij waren.*wrong-decision.*Schrijf wat er besloten is.*value="Bellen"/s);
  assert.deepEqual(await there.phone.waiting(), []);
});

test('a half-written discussion comes back', async () => {
  const there = await aNeighbourhood();
  await there.post('/drafts', withValues(await there.get(NEW), {decision: 'Halverwege', who: JOOST}));
  assert.match((await there.get(NEW)).html, /je concept staat er weer.*Halverwege/s);
});

test('whoever may read it all hears the name; of the others it is said, and it is kept only as discussed without a name', async () => {
  const there = await aNeighbourhood();
  assert.equal((await beside(there, {who: JOOST, text_body: 'Valt vaker.'})).cover, '');
  assert.match((await beside(there, {who: JOOST, other: 'Fenna Smit'})).cover, /^Fenna Smit mag niet weten om wie het gaat/);
  assert.match((await beside(there, {other: 'de wijkagent, joost hofman'})).cover, /^Naober weet niet wat de wijkagent mag lezen\. Bespreek het zonder naam\.$/);
  const fields = {other: 'Fenna Smit', decision: 'Fenna denkt mee.'};
  const {status, html} = await written(there, fields);
  assert.equal(status, 422);
  assert.match(html, /wrong-nameless.*Niet iedereen mag dit weten/s);
  const {location} = await written(there, {...fields, nameless: 'yes'});
  assert.match((await there.get(location)).html, /Kort overleg met Fenna Smit.*zonder naam besproken/s);
  const [one] = await waiting(there.phone);
  assert.deepEqual([one.subject, one.nameless], [HOME, true]);
});

test('who may read only some of it is told by topic; a neighbour of the household hears no secret in its name', async () => {
  const there = await aNeighbourhood();
  const consent = {about: 'secrecy', answer: 'yes', to_kind: 'person', to: FENNA_HERSELF, topics: ['practical', 'social'], since: '2026-11-01', how: 'spoken', before: true};
  there.desk.put(elsewhere('consent', {subject: `resident:${ANNIE}`, topic: 'practical', fields: consent}));
  there.desk.put(elsewhere('helper', {subject: HOME, topic: 'practical', record: FENNA.replace(/.$/, 'f'), fields: {name: 'Riet van 12', relation: 'neighbour'}}));
  await there.phone.sync();
  assert.equal((await beside(there, {other: 'Fenna Smit', text_social: 'Dochter komt elke dag.', resident: ANNIE})).cover, '');
  assert.match((await beside(there, {other: 'Fenna Smit', text_body: 'Valt vaker.', resident: ANNIE})).cover, /^Fenna Smit mag niet alles weten: niet over lichaam/);
  assert.equal((await beside(there, {who: FENNA.replace(/.$/, 'f'), decision: 'Riet kijkt mee.'})).cover, '');
});

test('without a name: how old and from where, and only what was filled in', async () => {
  const there = await aNeighbourhood();
  const {aloud} = await beside(there, {nameless: 'yes', resident: ANNIE, question: 'Kan zij alleen thuis blijven?', text_body: 'Valt vaker.', decision: 'Annie krijgt een bel.'});
  assert.equal(aloud, 'Iemand van 80 tot 90 jaar uit Waterwijk.\nDe vraag: Kan zij alleen thuis blijven?\nLichaam: Valt vaker.');
  assert.equal((await beside(there, {question: 'Kan zij alleen thuis blijven?'})).aloud, '');
});

test('whatever is typed, nothing that points at the household stands in what can be told; where it does is said', async () => {
  const there = await aNeighbourhood();
  const canaries = {
    'Annie valt vaker': 'naam', 'ANNIE': 'naam', 'Annies tas': 'naam', 'annie\'s tas': 'naam', 'Mevrouw de Wít': 'naam', 'de heer Wim': 'naam', 'in de kadestraat': 'adres', 'Kadestraat\n12': 'adres',
    'op Sluisweg 3': 'adres', 'vlak bij 3521 AB': 'adres', 'bel 030-0000000': 'telefoonnummer', 'bel 030 000 00 00': 'telefoonnummer', 'bel 0.3.0.0.0.0.0.0.0.0': 'telefoonnummer', 'bel +31 30 0000000': 'telefoonnummer', 'geboren 2-3-1941': 'geboortedatum',
  };
  for (const [typed, what] of Object.entries(canaries)) {
    for (const [field, place] of [['question', 'De vraag'], ['text_mind', 'Geest']]) {
      const {aloud} = await beside(there, {nameless: 'yes', resident: ANNIE, question: 'Hoe nu?', [field]: typed});
      assert.match(aloud, new RegExp(`^In ‘${place}’ lijkt .*${what}.* te staan\\. Haal dat weg`), typed);
      assert.doesNotMatch(aloud, /Annie|Wit|Wim|straat|0000|1941/i);
    }
  }
});

test('a name of two letters is a name too, and no other word', async () => {
  const there = await aNeighbourhood();
  there.desk.put(elsewhere('resident', {record: FATIMA, subject: `resident:${FATIMA}`, topic: 'practical', seen: 1, stamp: '1795000000000-0000-0000beef', fields: {given: 'Bo'}}));
  await there.phone.sync();
  const of = async (question) => (await beside(there, {nameless: 'yes', question}, `/households/${BOUAZZA}`)).aloud;
  assert.match(await of('Hoe is het met Bo?'), /lijkt een naam te staan/);
  assert.match(await of('Wie gaat er bij haar langs?'), /De vraag: Wie gaat er bij haar langs\?/);
});

test('what came back can be written once more', async () => {
  const there = await aNeighbourhood();
  there.desk.verdict = () => 'held';
  await written(there, {who: JOOST, decision: 'We gaan samen.', what_0: 'Bellen', owner_0: HAT});
  await there.phone.sync();
  assert.match((await there.get('/profile')).html, /Overleg · Familie De Wit.*Joost Hofman\nWe gaan samen\./s);
});

test('a household that is not here has no discussions', async () => {
  const {get, post} = await aNeighbourhood();
  assert.equal((await get(`/households/${anId()}/discussions/new`)).status, 404);
  assert.equal((await post(`/households/${anId()}/discussions`, {op: anId()})).status, 404);
});

test('what a household is put on the agenda with waits there for the whole team, until it was discussed', async () => {
  const there = await aNeighbourhood();
  assert.doesNotMatch((await there.get('/households')).html, /href="\/agenda"/);
  assert.match((await there.get('/agenda')).html, /Er staat niets op de agenda/);
  const form = `${ROOT}/steering/new?kind=agenda`;
  assert.match((await there.post(`${ROOT}/steering?kind=agenda`, withValues(await there.get(form), {question: ' '}))).html, /wrong-question/);
  const {location} = await there.post(`${ROOT}/steering?kind=agenda`, withValues(await there.get(form), {question: 'Kan zij alleen thuis blijven?'}));
  assert.match((await there.get(location)).html, /Loopt nu.*Op de agenda van het overleg.*Kan zij alleen/s);
  assert.match((await there.get(ROOT)).html, /Op de agenda van het overleg/);
  assert.match((await there.get('/households')).html, /href="\/agenda">.*Op de agenda: 1 huishouden</);
  const [, item] = /href="(\/steering\/[^"]+)"/.exec((await there.get('/agenda')).html);
  const page = (await there.get(item.replaceAll('&amp;', '&'))).html;
  const [, discuss] = /href="([^"]+discussions\/new\?agenda=[^"]+)"/.exec(page);
  assert.match(page, /Bespreek nu.*Van de agenda/s);
  const done = await there.post(`${ROOT}/discussions`, withValues(await there.get(discuss), {who: JOOST, decision: 'Ja, met een bel.'}));
  assert.match((await there.get(done.location)).html, /Kort overleg met Joost Hofman.*De vraag<\/b> Kan zij alleen thuis blijven\?/s);
  assert.doesNotMatch((await there.get('/households')).html, /href="\/agenda"/);
  assert.doesNotMatch((await there.get(`${ROOT}/steering`)).html, /Loopt nu/);
});

test('what need not be discussed any more is taken off the agenda without a discussion', async () => {
  const there = await aNeighbourhood();
  const item = anId();
  there.desk.put(elsewhere('agenda', {record: item, subject: HOME, topic: 'practical', fields: {question: 'Hoe nu verder?'}, by: JOOST}));
  await there.phone.sync();
  assert.match((await there.get('/agenda')).html, /Familie De Wit.*Hoe nu verder\?.*Joost Hofman/s);
  const path = `/steering/${item}?in=${DE_WIT}`;
  const {location} = await there.post(path, withValues(await there.get(path), {step: 'closed'}));
  assert.doesNotMatch((await there.get(location)).html, /Van de agenda|Bespreek nu/);
  assert.match((await there.get('/agenda')).html, /Er staat niets op de agenda/);
});

test('a discussion begun beside the agenda takes off it what it was about, unless somebody says otherwise', async () => {
  for (const [said, left] of [[[], 'Er staat niets op de agenda'], [['agenda'], 'Hoe nu verder?']]) {
    const there = await aNeighbourhood();
    there.desk.put(elsewhere('agenda', {subject: HOME, topic: 'practical', fields: {question: 'Hoe nu verder?'}, by: JOOST}));
    await there.phone.sync();
    const page = await there.get(`${ROOT}/discussions/new`);
    assert.match(page.html, /name="agenda" value="[^"]+" checked><span>Dit stond op de agenda: Hoe nu verder\?</);
    const values = withValues(page, {who: JOOST, decision: 'Wij bellen.'});
    for (const name of said) values.delete(name);
    await there.post(`${ROOT}/discussions`, values);
    assert.ok((await there.get('/agenda')).html.includes(left));
  }
});

test('a task can be of a colleague of elsewhere who may read it, and of no other', async () => {
  const there = await aNeighbourhood();
  const wrote = {subject: HOME, topic: 'practical', fields: {with: 'Annie', way: 'call', day: '2026-11-20'}, by: FENNA};
  there.desk.put(elsewhere('liaison', wrote), {by: FENNA, role: 'outreach'});
  await there.phone.sync();
  assert.doesNotMatch((await there.get(NEW)).html, new RegExp(`<option value="${FENNA}"`));
  const consent = {about: 'secrecy', answer: 'yes', to_kind: 'person', to: FENNA_HERSELF, topics: ['practical'], since: '2026-11-01', how: 'spoken', before: true};
  there.desk.put(elsewhere('consent', {subject: `resident:${ANNIE}`, topic: 'practical', fields: consent}));
  await there.phone.sync();
  assert.match((await there.get(NEW)).html, new RegExp(`<option value="${FENNA}"`));
  await written(there, {who: FENNA, decision: 'Fenna belt.', what_0: 'Bellen', owner_0: FENNA});
  const [, task] = await waiting(there.phone);
  assert.deepEqual([task.owner, task.team], [FENNA, WELFARE_TEAM]);
});

test('who is near somebody is named by no word for what they are to them', async () => {
  const there = await aNeighbourhood();
  there.desk.put(elsewhere('helper', {subject: HOME, topic: 'practical', fields: {name: 'Buurvrouw Ria', relation: 'neighbour', phone: '06-0000 0201'}}));
  await there.phone.sync();
  const of = async (question) => (await beside(there, {nameless: 'yes', question, resident: ANNIE})).aloud;
  assert.match(await of('Kan de buurvrouw helpen?'), /De vraag: Kan de buurvrouw helpen\?/);
  assert.match(await of('Kan Ria helpen?'), /lijkt een naam te staan/);
  assert.match(await of('Bel 06 00000201'), /lijkt een telefoonnummer te staan/);
});
