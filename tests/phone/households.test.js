/** A real team begins: households and who lives there, made and mended on the phone, without any network. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, BOUAZZA, DE_WIT, JOOST, PLAN, aNeighbourhood, anEnvForPages, asking, withValues} from './neighbourhood.js';
import {inSentence, sortName} from '../../pwa/pages/names.js';
import {Desk, HAT, TEAM, aPhone, amina, anEnv, anId, elsewhere, restarted} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const JANSEN = {household_name: 'Familie Jansen', household_street: 'Dijkweg 1', household_entry: 'Twee keer bellen', resident_name: 'Truus Jansen', resident_given: 'Truus', resident_born: '1938-05-02'};
const idIn = (location) => /[0-9a-f-]{36}/.exec(location)[0];
const sent = async (phone) => (await phone.waiting()).map(({change}) => change);

/** A phone of a team that comes to nobody yet; the desk opens a household to it once it has heard of it, as the office does. */
async function aBeginning() {
  const desk = new Desk();
  desk.pairs = [[`team:${TEAM}`, 'practical', null], [`team:${TEAM}`, 'social', null]];
  desk.verdict = ({kind, subject, record, topic}) => {
    if (kind === 'household' || kind === 'resident') {
      assert.equal(subject, `${kind}:${record}`);
      desk.pairs = [...desk.pairs, ...(kind === 'resident' ? ['practical', 'body', 'mind', 'society', 'social'] : ['practical']).map((one) => [subject, one, null])];
    }
    return desk.pairs.some((pair) => pair[0] === subject && pair[1] === topic) ? 'stored' : 'held';
  };
  const clock = anEnv({fetch: desk.fetch});
  const phone = await aPhone(clock);
  const env = anEnvForPages(phone, clock);
  return {desk, clock, phone, env, ...asking(env)};
}

/** Joost writes the same household or resident while Amina's phone is away. */
function meanwhile(desk, record, fields) {
  const {kind, subject} = desk.records.get(record);
  desk.put(elsewhere(kind, {subject, topic: 'practical', record, by: JOOST, seen: 1, fields, stamp: '1795330000000-0000-0000beef'}));
}

test('names sort by surname and are found however they are typed', async () => {
  const names = {'Meneer en mevrouw Vos': 'Vos', 'De broers Scholten': 'Scholten', 'Familie Van den Berg': 'Berg', 'De heer en mevrouw De Wit': 'Wit', 'Mr and Mrs Yılmaz': 'Yılmaz', Postma: 'Postma'};
  for (const [name, order] of Object.entries(names)) assert.equal(sortName(name), order);
  assert.deepEqual(['Mevrouw Postma', 'De broers Scholten', 'Mrs Lammers'].map(inSentence), ['mevrouw Postma', 'de broers Scholten', 'Mrs Lammers']);
  const {desk, phone, post} = await aNeighbourhood();
  const {record, subject} = elsewhere('household', {subject: `household:${BOUAZZA}`, record: BOUAZZA, topic: 'practical', fields: {}});
  desk.put(elsewhere('household', {subject, record, topic: 'practical', seen: 1, by: JOOST, fields: {name: 'Meneer Yılmaz-Strauß'}, stamp: '1795330000000-0000-0000beef'}));
  await phone.sync();
  for (const q of ['yilmaz', 'YILMAZ', 'Yılmaz', 'strauss']) assert.match((await post('/households/matches', {q})).html, /1 gevonden/, q);
});

test('a phone number is digits', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/edit`);
  assert.match((await post(`${ROOT}/facts`, withValues(form, {household_phone: 'bij de buren'}))).html, /id="wrong-household_phone">Typ een telefoonnummer/);
  assert.equal((await post(`${ROOT}/facts`, withValues(form, {household_phone: '+31 (0)30-123.45/67'}))).status, 303);
});

test('a household noted at its door has somebody in it, and is there at once', async () => {
  const {phone, get, post} = await aBeginning();
  await phone.sync();
  assert.match((await get('/households')).html, /Je team komt nog bij niemand/);
  const form = await get('/households/new');
  assert.match(form.html, /Nieuw huishouden.*Een nieuw huishouden komt bij Wijkteam.*Wijkteam leest dit/s);
  const {status, location} = await post('/households', withValues(form, JANSEN));
  assert.equal(status, 303);
  const {html} = await get(location);
  assert.match(html, /Familie Jansen.*Dijkweg 1.*alleen op deze telefoon.*Huishouden bewaard\. Nu nog alleen op deze telefoon\..*Truus Jansen <small>88 jaar.*Twee keer bellen/s);
  assert.match((await get('/households')).html, /Familie Jansen.*Truus Jansen/s);
  const [house, lives] = await sent(phone);
  assert.deepEqual([house.subject, lives.subject, lives.fields.household], [`household:${house.record}`, `resident:${lives.record}`, house.record]);
  assert.deepEqual(house.fields, {name: 'Familie Jansen', street: 'Dijkweg 1', entry: 'Twee keer bellen'});
});

test('a household made without network goes up in one go, with who lives there and the visit there', async () => {
  const {desk, phone, get, post} = await aBeginning();
  desk.fault = 'before';
  await phone.sync();
  const {location} = await post('/households', withValues(await get('/households/new'), JANSEN));
  const root = `/households/${idIn(location)}`;
  const visit = await post(`${root}/visits`, withValues(await get(`${root}/visits/new`), {strength: 'Zingt.', text_body: 'Loopt goed.'}));
  assert.deepEqual((await sent(phone)).map(({kind}) => kind), ['household', 'resident', 'visit', 'note', 'note']);
  desk.fault = null;
  desk.asked.length = 0;
  assert.equal((await phone.sync()).problem, null);
  assert.equal(desk.asked.filter(([path, {changes}]) => path === '/sync' && changes.length).length, 1);
  assert.deepEqual(await phone.waiting(), []);
  assert.match((await get(visit.location)).html, /Bezoek bewaard\. Het kantoor heeft het ontvangen\..*Truus Jansen.*Zingt\..*Loopt goed\./s);
});

test('a household without a name, or somebody still to be born, is not kept', async () => {
  const {phone, get, post} = await aBeginning();
  const {status, html} = await post('/households', withValues(await get('/households/new'), {resident_born: '2030-01-01', household_city: 'Waterwijk'}));
  assert.equal(status, 422);
  assert.match(html, /aria-describedby="wrong-household_name hint-household_name".*id="wrong-household_name">Naam mag niet leeg zijn\..*value="Waterwijk".*id="wrong-resident_name".*id="wrong-resident_born">Deze dag moet nog komen/s);
  assert.deepEqual(await phone.waiting(), []);
});

test('a half-written household survives a killed browser, and the same form sent twice is one household', async () => {
  const {clock, get, post} = await aBeginning();
  await post('/drafts', withValues(await get('/households/new'), {household_name: 'Familie Jansen'}));
  const phone = await restarted(clock);
  const later = asking(anEnvForPages(phone, clock));
  const back = await later.get('/households/new');
  assert.match(back.html, /je concept staat er weer.*value="Familie Jansen"/s);
  const values = withValues(back, {resident_name: 'Truus Jansen'});
  assert.equal((await later.post('/households', values)).location, (await later.post('/households', values)).location);
  assert.equal((await phone.waiting()).length, 2);
  assert.doesNotMatch((await later.get('/households/new')).html, /Familie Jansen/);
});

test('somebody more comes to live in a household', async () => {
  const {phone, get, post} = await aNeighbourhood();
  assert.match((await get(ROOT)).html, new RegExp(`${ROOT}/residents/new">.*Cliënt erbij`));
  const {location} = await post(`${ROOT}/residents`, withValues(await get(`${ROOT}/residents/new`), {resident_name: 'Bep de Wit'}));
  assert.match((await get(location)).html, /Cliënt bewaard\. Nu nog alleen op deze telefoon\..*Annie de Wit.*Bep de Wit.*Wim de Wit/s);
  assert.deepEqual((await sent(phone)).map(({kind, fields}) => [kind, fields]), [['resident', {name: 'Bep de Wit', household: DE_WIT}]]);
});

test('an edit sends only what changed, with what was on the screen', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const {location} = await post(`${ROOT}/facts`, withValues(await get(`${ROOT}/edit`), {household_street: 'Kadestraat 14', household_entry: ''}));
  assert.match((await get(location)).html, /Kadestraat 14, Waterwijk.*Huishouden bewaard\./s);
  const edit = `/residents/${ANNIE}/edit?in=${DE_WIT}`;
  assert.match((await get(ROOT)).html, new RegExp(`href="/residents/${ANNIE}/edit\\?in=${DE_WIT}">.*Wijzig Annie`));
  await post(`/residents/${ANNIE}?in=${DE_WIT}`, withValues(await get(edit), {resident_phone: '06 0000 0000'}));
  const [house, annie] = await sent(phone);
  assert.deepEqual([house.fields, house.seen, house.record], [{street: 'Kadestraat 14', entry: null}, 1, DE_WIT]);
  assert.deepEqual([annie.fields, annie.seen, annie.record], [{phone: '06 0000 0000'}, 1, ANNIE]);
  assert.equal((await post(`${ROOT}/facts`, withValues(await get(`${ROOT}/edit`), {}))).location, ROOT);
  assert.equal((await phone.waiting()).length, 2);
  assert.equal((await post(`${ROOT}/facts`, withValues(await get(`${ROOT}/edit`), {household_name: ' '}))).status, 422);
});

test('what was made on this phone can be mended before the office has it', async () => {
  const {phone, get, post} = await aBeginning();
  const {location} = await post('/households', withValues(await get('/households/new'), JANSEN));
  const root = `/households/${idIn(location)}`;
  assert.equal((await post(`${root}/facts`, withValues(await get(`${root}/edit`), {household_street: 'Dijkweg 10'}))).status, 303);
  assert.match((await get(root)).html, /Dijkweg 10/);
  assert.equal((await phone.sync()).problem, null);
  const {html} = await get(root);
  assert.match(html, /Dijkweg 10/);
  assert.doesNotMatch(html, /ook geschreven door|alleen op deze telefoon/);
});

test('what a colleague wrote at the same time stays beside mine until somebody who saw both says so', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/edit`);
  meanwhile(desk, DE_WIT, {phone: '030-1111111', city: 'Zandwijk'});
  meanwhile(desk, ANNIE, {born: '1942-03-02'});
  await post(`${ROOT}/facts`, withValues(form, {household_phone: '030-2222222'}));
  await phone.sync();
  const page = await get(ROOT);
  assert.match(page.html, /<details class="card topics topic" open>.*030-2222222.*Telefoonnummer, ook geschreven door Joost Hofman: 030-1111111/s);
  assert.match(page.html, /Kadestraat 12, Zandwijk/);
  assert.match(page.html, /84 jaar/);
  const again = await get(`${ROOT}/edit`);
  assert.match(again.html, /id="also-household_phone"><p class="hint warn">Ook geschreven door Joost Hofman: 030-1111111.*name="settle_household_phone" value="yes">.*Klopt zo: Telefoonnummer/s);
  await post(`${ROOT}/facts`, withValues(again, {household_street: 'Kadestraat 14'}));
  assert.match((await get(ROOT)).html, /ook geschreven door/);
  await post(`${ROOT}/facts`, withValues(await get(`${ROOT}/edit`), {settle_household_phone: 'yes'}));
  await phone.sync();
  const settled = (await get(ROOT)).html;
  assert.match(settled, /030-2222222/);
  assert.doesNotMatch(settled, /ook geschreven door/);
  assert.deepEqual(Object.values(desk.records.get(DE_WIT).fields.phone), ['030-2222222']);
});

test('of a plan too both words are shown, and a day that either left out stays left out', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  const page = `/schedules/${PLAN}?in=${DE_WIT}`;
  meanwhile(desk, PLAN, {skipped: ['2026-11-30']});
  await post(`/schedules/${PLAN}/skips?in=${DE_WIT}`, {op: anId(), day: '2026-12-01', skip: 'yes'});
  await phone.sync();
  assert.deepEqual(Object.values(desk.records.get(PLAN).fields.skipped).sort(), [['2026-11-30'], ['2026-12-01']]);
  assert.match((await get(page)).html, /Overgeslagen dagen, ook geschreven door [^:<]+: [^<]*(30 november|1 december)[^<]*</);
  await post(`/schedules/${PLAN}/skips?in=${DE_WIT}`, {op: anId(), day: '2026-12-02', skip: 'yes'});
  await phone.sync();
  assert.deepEqual(Object.values(desk.records.get(PLAN).fields.skipped), [['2026-11-30', '2026-12-01', '2026-12-02']]);
  meanwhile(desk, PLAN, {until: '2026-12-31'});
  await post(`/schedules/${PLAN}/ending?in=${DE_WIT}`, {op: anId(), end: 'yes'});
  await phone.sync();
  const {html} = await get(page);
  assert.match(html, /Einde, ook geschreven door Joost Hofman: [^<]*31 december/);
  assert.doesNotMatch(html, /Overgeslagen dagen, ook/);
});

test('a form opened before a colleague wrote does not write over what it never touched', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/edit`);
  meanwhile(desk, DE_WIT, {phone: '030-1111111'});
  await phone.sync();
  await post(`${ROOT}/facts`, withValues(form, {household_entry: 'Bel kapot'}));
  assert.deepEqual((await sent(phone)).map(({fields, seen}) => [fields, seen]), [[{entry: 'Bel kapot'}, 1]]);
  assert.match((await get(ROOT)).html, /030-1111111.*Bel kapot/s);
});

test('facts of what is not on this phone are not there', async () => {
  const {get, post} = await aNeighbourhood();
  const other = anId();
  for (const path of [`/households/${other}/edit`, `/households/${other}/residents/new`, `/residents/${other}/edit?in=${DE_WIT}`, `/residents/${ANNIE}/edit?in=${BOUAZZA}`, `/residents/${ANNIE}/edit`]) {
    assert.equal((await get(path)).status, 404, path);
  }
  for (const path of [`/households/${other}/facts`, `/households/${other}/residents`, `/residents/${ANNIE}?in=${BOUAZZA}`]) assert.equal((await post(path, {op: anId()})).status, 404, path);
});

test('a volunteer is not asked for a new household', async () => {
  const me = amina();
  const {get} = await aNeighbourhood({me: {...me, hats: [{...me.hats[0], role: 'volunteer'}]}});
  assert.doesNotMatch((await get('/households')).html, /households\/new/);
});

test('a visit begun at the household is the one planned there today, and vandaag shows it done', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/visits/new`);
  assert.match(form.html, new RegExp(`bezoek van 09:00 · begonnen 10:00.*name="schedule" value="${PLAN}"`, 's'));
  await post(`${ROOT}/visits`, withValues(form, {strength: 'Zingt.'}));
  assert.match((await get('/today')).html, /class="row done"[^>]*><time>09:00.*Familie De Wit.*Wond verzorgen/s);
  const next = await get(`${ROOT}/visits/new`);
  assert.match(next.html, /<p class="quiet">begonnen 10:00.*name="schedule" value=""/s);
});

test('a visit fulfils no plan of a colleague, of another team, or one of two', async () => {
  const {desk, phone, get} = await aNeighbourhood();
  const plan = (fields) => desk.put(elsewhere('schedule', {subject: `household:${DE_WIT}`, topic: 'practical', by: JOOST, fields: {what: 'Meer', start: '2026-11-22', ...fields}}));
  const chosen = async (path) => { await phone.sync(); return /name="schedule" value="([^"]*)"/.exec((await get(path)).html)[1]; };
  plan({who: [JOOST], team: TEAM});
  plan({team: anId()});
  assert.equal(await chosen(`${ROOT}/visits/new`), PLAN);
  assert.match((await get(`/households/${BOUAZZA}/visits/new`)).html, /bezoek van 13:30/);
  plan({who: [HAT], team: TEAM});
  assert.equal(await chosen(`${ROOT}/visits/new`), '');
});

test('a device that keeps nothing says so on its first page, and calls no draft kept', async () => {
  const {env, get, post} = await aNeighbourhood();
  env.fleeting = () => true;
  env.hinted = {text: 'Zet Naober op je beginscherm', offered: true};
  const {html} = await get('/today');
  assert.match(html, /Dit toestel bewaart niets\. Het werkt alleen met verbinding\./);
  assert.doesNotMatch(html, /beginscherm/);
  assert.match((await get('/profile')).html, /Daarom blijft er niets op staan/);
  assert.doesNotMatch((await post('/drafts', withValues(await get('/households/new'), JANSEN))).html, /concept bewaard/);
});
