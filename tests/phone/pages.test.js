/** What Amina sees and does on her phone: each page as it is asked for, over a real phone and the real templates. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, BOUAZZA, DE_WIT, FENNA, LATER, NOTE, PLAN, STRENGTH, TASK, VISIT, aNeighbourhood, anEnvForPages, asking, withValues} from './neighbourhood.js';
import {HAT, TEAM, amina, anId, elsewhere, restarted} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const HOSTILE = '<b>"Jan\'s" & <script>alert(1)</script></b>';
const SAFE = '&lt;b&gt;&#34;Jan&#39;s&#34; &amp; &lt;script&gt;alert(1)&lt;/script&gt;&lt;/b&gt;';

test('vandaag says who is next, who comes after and what is due', async () => {
  const {get} = await aNeighbourhood();
  const {html, status} = await get('/today');
  assert.equal(status, 200);
  assert.match(html, /Goedemorgen.*zondag 22 november · 2 bezoeken/s);
  assert.match(html, new RegExp(`nu · 09:00 · Kadestraat 12.*Familie De Wit.*${ROOT}/visits/new\\?schedule=${PLAN}`, 's'));
  assert.match(html, /13:30.*Mevrouw Bouazza.*Kennismaken · Joost Hofman<.*samen/s);
  assert.match(html, /Zalf ophalen.*te laat/s);
});

test('vandaag of the whole team holds what a colleague goes to, and mine does not', async () => {
  const {get} = await aNeighbourhood();
  const mine = await get('/today');
  assert.match(mine.html, /aria-current="true">Van mij/);
  assert.doesNotMatch(mine.html, /Medicijnen klaarzetten/);
  assert.match((await get('/today?whose=team')).html, /3 bezoeken.*aria-current="true">Wijkteam.*Medicijnen klaarzetten · Joost Hofman/s);
});

test('what another team planned for whoever can, is not mine', async () => {
  const {desk, phone, get} = await aNeighbourhood();
  const put = (kind, fields) => desk.put(elsewhere(kind, {subject: `household:${BOUAZZA}`, topic: 'practical', fields, by: FENNA}), {by: FENNA, role: 'outreach'});
  const other = anId();
  put('schedule', {what: 'Koffie', start: '2026-11-22', time: '11:00', team: other});
  put('schedule', {what: 'Steunkousen', start: '2026-11-22', time: '12:00', team: TEAM});
  put('task', {what: 'Buurthuis bellen', due: '2026-11-22', team: other});
  put('task', {what: 'Kousen bestellen', due: '2026-11-22', team: TEAM});
  await phone.sync();
  for (const path of ['/today', '/today?whose=team', '/tasks', '/tasks?whose=team']) {
    const {html} = await get(path);
    assert.doesNotMatch(html, /Koffie|Buurthuis bellen/, path);
    assert.match(html, /Steunkousen|Kousen bestellen/, path);
  }
});

test('under a hat that comes to nobody at home, the team is that hat\'s, and writing takes a hat that may', async () => {
  const lead = {id: anId(), role: 'lead', team: anId(), team_name: 'Vrijwilligers', organisation: anId(), organisation_name: 'De Haard', kind: 'volunteers'};
  const me = {...amina(), hats: [...amina().hats, lead], wearing: lead.id};
  const {phone, get, post} = await aNeighbourhood({me});
  assert.match((await get('/today')).html, /Vrijwilligers/);
  assert.doesNotMatch((await get('/today?whose=team')).html, /Wond verzorgen/);
  assert.doesNotMatch((await get('/tasks?whose=team')).html, /Kadestraat|Zalf ophalen/);
  const form = await get(`${ROOT}/visits/new`);
  assert.match(form.html, /Wijkteam leest dit/);
  await post(`${ROOT}/visits`, withValues(form, {strength: 'Heeft gekookt.', task_what: 'Bellen'}));
  assert.ok((await phone.waiting()).every(({change}) => change.by === HAT));
  assert.equal((await phone.waiting()).at(-1).change.fields.team, TEAM);
  assert.match((await get('/contacts/new')).html, /Zonder naam leest alleen Vrijwilligers dit/);
});

test('a visit half written is gone on with, and an hour and a half later the next one was', async () => {
  const {clock, get, post} = await aNeighbourhood();
  await post('/drafts', withValues(await get(`${ROOT}/visits/new`), {strength: 'Heeft'}));
  assert.match((await get('/today')).html, /nu · 09:00.*Verder met concept/s);
  assert.match((await get(ROOT)).html, /Verder met concept/);
  clock.at += 45 * 60_000;
  assert.match((await get('/today')).html, /was om 09:00/);
});

test('a task ticked off says so, and its page leads to the household', async () => {
  const {get, post} = await aNeighbourhood();
  assert.match((await get(`/tasks/${TASK}`)).html, new RegExp(`href="${ROOT}"`));
  const {location} = await post(`/tasks/${TASK}/completion`, {op: anId(), outcome: 'done'});
  assert.match((await get(location)).html, /Taak gedaan\. .*i-check.*gedaan/s);
});

test('a long note shows its beginning, and the rest when asked', async () => {
  const {get, post} = await aNeighbourhood();
  const {location} = await post(`${ROOT}/visits`, withValues(await get(`${ROOT}/visits/new`), {strength: 'Kort.', text_body: `${'Een zin met woorden. '.repeat(40)}Slot.`}));
  assert.match((await get(location)).html, /<b>Lichaam<\/b> Een zin.* …<\/p><details class="rest"><summary>meer<\/summary><p class="seen">… .*Slot\./s);
});

test('a plan without words is a visit in the language of who reads it', async () => {
  const {env, get, post} = await aNeighbourhood();
  const {location} = await post(`${ROOT}/schedules`, withValues(await get(`${ROOT}/schedules/new`), {start: '2026-11-24', until: '2026-11-20'}));
  assert.match((await get(location)).html, /<h1 tabindex="-1">Bezoek</);
  await env.setMe({language: 'en'});
  assert.match((await get(location)).html, /<h1 tabindex="-1">Visit</);
  await post(new URL(location, 'https://x').pathname + `/ending?in=${DE_WIT}`, {op: anId(), end: 'yes'});
  assert.match((await get(location)).html, /stopped/);
});

test('a visit is written with what goes well alone, and reads as only on this phone until the office has it', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/visits/new?schedule=${PLAN}`);
  assert.match(form.html, /Bezoek bij familie De Wit/);
  const {status, location} = await post(`${ROOT}/visits`, withValues(form, {strength: 'Heeft weer gekookt.'}));
  assert.equal(status, 303);
  const before = await get(location);
  assert.match(before.html, /Bezoek bewaard\. Nu nog alleen op deze telefoon\..*alleen op deze telefoon.*Heeft weer gekookt\./s);
  await phone.sync();
  const after = await get(location);
  assert.match(after.html, /Bezoek bewaard\. Het kantoor heeft het ontvangen\./);
  assert.match((await get('/today')).html, /Familie De Wit.*Geweest/s);
});

test('everything in the visit form becomes a record of its own topic', async () => {
  const {env, phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/visits/new?schedule=${PLAN}`);
  const fields = {present: ['resident', 'neighbour'], present_names: 'Riet', text_body: 'Geen koorts.', text_mind: 'Opgewekt.', m_blood_pressure: '138', m_blood_pressure_second: '82', m_temperature: '37,2'};
  const {location} = await post(`${ROOT}/visits`, withValues(form, {...fields, task_what: 'Huisarts bellen', task_soon: 'tomorrow', task_owner: HAT}));
  const made = (await phone.waiting()).map(({change}) => change);
  assert.deepEqual(made.map(({kind, topic}) => `${kind} ${topic}`), ['visit practical', 'note body', 'note mind', 'measurement body', 'measurement body', 'task practical']);
  assert.deepEqual(made[4].fields.value, 372);
  assert.equal(made[5].fields.due, '2026-11-23');
  assert.ok(made.slice(1, 5).every(({subject, fields: {visit}}) => subject === `resident:${ANNIE}` && visit === made[0].record));
  const {html} = await get(`/visits/${new URL(location, 'https://x').searchParams.get('saved')}?in=${DE_WIT}`);
  assert.match(html, /Amina, wijkverpleegkundige bij Thuiszorg.*Erbij: de cliënt, een buur, Riet.*Geen koorts\..*Opgewekt\..*138\/82 mmHg.*37,2 °C.*Huisarts bellen/s);
  assert.equal(env.woken, 1);
});

test('what cannot be saved comes back as it was typed, with the reason beside the field', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/visits/new`);
  const {status, html} = await post(`${ROOT}/visits`, withValues(form, {text_body: HOSTILE, m_temperature: 'warm'}));
  assert.equal(status, 422);
  assert.match(html, /Nog niet bewaard.*Typ een getal zoals 37,2/s);
  assert.match(html, /value="warm"/);
  assert.ok(html.includes(SAFE));
  assert.deepEqual(await phone.waiting(), []);
});

test('an unlikely measurement asks a question and is saved all the same', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/visits/new`);
  const values = withValues(form, {m_pulse: '20'});
  const {html} = await post('/drafts', values);
  assert.match(html, /#warn-pulse.*Dat is erg laag\. Klopt dat\?/s);
  assert.equal((await post(`${ROOT}/visits`, values)).status, 303);
  assert.equal((await phone.waiting())[1].change.fields.value, 20);
});

test('a half-written visit survives a killed browser, and is gone once it is saved', async () => {
  const {clock, get, post} = await aNeighbourhood();
  const values = withValues(await get(`${ROOT}/visits/new`), {text_social: 'Dochter kwam'});
  assert.match((await post('/drafts', values)).html, /concept bewaard/);
  const later = asking(anEnvForPages(await restarted(clock), clock));
  const back = await later.get(`${ROOT}/visits/new`);
  assert.match(back.html, /je concept staat er weer.*Dochter kwam/s);
  await later.post(`${ROOT}/visits`, withValues(back, {}));
  await later.post('/drafts', values);
  assert.doesNotMatch((await later.get(`${ROOT}/visits/new`)).html, /Dochter kwam/);
});

test('the same form sent twice is one visit', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const values = withValues(await get(`${ROOT}/visits/new`), {strength: 'Zingt.'});
  const [one, two] = [await post(`${ROOT}/visits`, values), await post(`${ROOT}/visits`, values)];
  assert.equal(one.location, two.location);
  assert.equal((await phone.waiting()).length, 2);
});

test('a full phone keeps what was written on the screen and says what to free', async () => {
  const {env, phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/visits/new`);
  const full = () => Promise.reject(Object.assign(new Error('no room'), {name: 'Full'}));
  env.phone = Object.assign(Object.create(phone), {add: full, drafts: {...phone.drafts, keep: full}});
  const values = withValues(form, {text_body: 'Wond dicht'});
  assert.match((await post('/drafts', values)).html, /concept niet bewaard: de telefoon is vol/);
  const {status, html} = await post(`${ROOT}/visits`, values);
  assert.equal(status, 507);
  assert.match(html, /deze telefoon is vol.*filmpjes.*Wond dicht/s);
});

test('a household shows who lives there and how to get in, and a day at a time what happened', async () => {
  const {get} = await aNeighbourhood();
  const {html} = await get(ROOT);
  assert.match(html, /Annie de Wit <small>85 jaar<\/small>.*tel:0300000000.*Sleutel bij nummer 8/s);
  assert.match(html, /vandaag 09:00.*Wond verzorgen.*elke ma, zo · Amina/s);
  assert.match(html, /gisteren 15:02.*wijkverpleegkundige.*Joost Hofman, Thuiszorg.*Loopt weer zelf naar de brievenbus\..*138\/82.*Wond 2 cm/s);
});

test('households are found by part of a name or street, on the page alone', async () => {
  const {get, post} = await aNeighbourhood();
  assert.match((await get('/households')).html, /Bouazza.*De Wit/s);
  const {html} = await post('/households/matches', {q: 'kade annie'});
  assert.match(html, /1 gevonden.*Familie De Wit/s);
  assert.doesNotMatch(html, /Bouazza/);
  assert.match((await post('/households/matches', {q: 'niemand'})).html, /Niemand gevonden/);
});

test('what is not on this phone is not there, whoever asks', async () => {
  const {get, post} = await aNeighbourhood();
  const other = anId();
  const asked = [`/households/${other}`, `/households/${other}/visits/new`, `/visits/${other}?in=${DE_WIT}`, `/visits/${VISIT}?in=${BOUAZZA}`, `/tasks/${other}`, `/schedules/${other}?in=${DE_WIT}`,
    `/schedules/${PLAN}?in=${BOUAZZA}`, `/notes/${other}/additions/new?in=${DE_WIT}`, `/notes/${NOTE}/additions/new?in=${BOUAZZA}`, `/schedules/${LATER}`];
  for (const path of asked) {
    const {status, html} = await get(path);
    assert.equal(status, 404, path);
    assert.match(html, /Niet gevonden/);
  }
  for (const path of [`/households/${other}/visits`, `/tasks/${other}/completion`, `/notes/${other}/additions`]) assert.equal((await post(path, {op: anId()})).status, 404, path);
});

test('an addition comes below the note it adds to, under the name of who wrote it', async () => {
  const {get, post} = await aNeighbourhood();
  const path = `/notes/${NOTE}/additions/new?in=${DE_WIT}`;
  const form = await get(path);
  assert.match(form.html, /Lichaam.*Wond 2 cm, geen roodheid\..*Joost Hofman, wijkverpleegkundige bij Thuiszorg/s);
  const empty = await post(`/notes/${NOTE}/additions?in=${DE_WIT}`, withValues(form, {text: '  '}));
  assert.deepEqual([empty.status, /Schrijf wat je wilt toevoegen/.test(empty.html)], [422, true]);
  const {location} = await post(`/notes/${NOTE}/additions?in=${DE_WIT}`, withValues(form, {text: HOSTILE}));
  assert.ok(location.startsWith(`/visits/${VISIT}?in=${DE_WIT}&saved=`));
  const {html} = await get(location);
  assert.match(html, /Aanvulling bewaard\. Nu nog alleen op deze telefoon\./);
  assert.match(html, /Wond 2 cm, geen roodheid\..*vandaag 10:00 · Amina, wijkverpleegkundige/s);
  assert.ok(html.includes(SAFE));
  assert.match((await get(`/notes/${STRENGTH}/additions/new?in=${DE_WIT}`)).html, /Gaat goed/);
});

test('a task is done, says so, and can be undone', async () => {
  const {env, get, post, remove} = await aNeighbourhood();
  assert.match((await get('/tasks')).html, /1 taak open.*Te laat.*Zalf ophalen/s);
  const {location} = await post(`/tasks/${TASK}/completion?from=/tasks`, {op: anId(), outcome: 'could_not', text: 'Apotheek dicht'});
  assert.match((await get(location)).html, /Antwoord bewaard\. Nu nog alleen op deze telefoon\..*Pas afgerond.*Zalf ophalen.*lukte niet/s);
  assert.match((await get(`/tasks/${TASK}`)).html, /Lukte niet: Zalf ophalen.*Apotheek dicht/s);
  assert.match((await get(ROOT)).html, /Lukte niet: Zalf ophalen/);
  assert.equal((await remove(`/tasks/${TASK}/completion?from=${ROOT}`)).location, ROOT);
  assert.match((await get('/tasks')).html, /1 taak open/);
  assert.match((await post(`/tasks/${TASK}/completion?from=//evil.example`, {op: anId(), outcome: 'done'})).location, /^\/tasks\?saved=/);
  assert.equal(env.woken, 3);
});

test('a task for a household says what it is when it is saved', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/tasks/new`);
  assert.equal((await post(`${ROOT}/tasks`, withValues(form, {}))).status, 422);
  const {location} = await post(`${ROOT}/tasks`, withValues(form, {task_what: 'Lamp ophangen', task_soon: 'today'}));
  assert.match((await get(location)).html, /Taak bewaard\..*Lamp ophangen/s);
});

test('a visit is planned on fixed days, skipped once, and stopped', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/schedules/new`);
  const values = withValues(form, {what: 'Steunkousen', time: '08:15', repeat: 'weekdays'});
  assert.match((await post(`${ROOT}/schedules`, values)).html, /Kies ten minste één dag/);
  values.append('weekdays', '1');
  const {location} = await post(`${ROOT}/schedules`, values);
  const plan = await get(location);
  assert.match(plan.html, /Steunkousen.*elke di.*Planning bewaard\..*dinsdag 24 november 08:15/s);
  const [, id] = /\/schedules\/([^?]+)/.exec(location);
  const skipped = await post(`/schedules/${id}/skips?in=${DE_WIT}`, {op: anId(), day: '2026-11-24', skip: 'yes'});
  assert.match((await get(skipped.location)).html, /dinsdag 24 november 08:15<\/strong><small>overgeslagen/);
  const ended = await post(`/schedules/${id}/ending?in=${DE_WIT}`, {op: anId(), end: 'yes'});
  assert.match((await get(ended.location)).html, /Plan weer in/);
  const {html} = await get(ROOT);
  assert.match(html, /Wond verzorgen/);
  assert.doesNotMatch(html, /Steunkousen/);
});
