/** A few people for tests of pages: nurse Amina of the Wijkteam, her colleague Joost, households Bouazza and De Wit; and pages as they would be asked for. */
import assert from 'node:assert/strict';
import {speaker, strict} from '../../pwa/i18n.js';
import {render} from '../../pwa/render.js';
import {pages} from '../../pwa/pages/later.js';
import {answer} from '../../pwa/routes.js';
import {templates} from './built.js';
import {Desk, HAT, TEAM, aPhone, amina, anEnv, anId, elsewhere} from './phones.js';

export const DE_WIT = anId(), BOUAZZA = anId(), ANNIE = anId(), WIM = anId(), FATIMA = anId();
export const PLAN = anId(), LATER = anId(), VISIT = anId(), NOTE = anId(), STRENGTH = anId(), TASK = anId(), JOOST = anId(), FENNA = anId();
/** Where Fenna works: another organisation. */
export const WELFARE = anId(), WELFARE_TEAM = anId(), FENNA_HERSELF = anId();
const TODAY = '2026-11-22';
const YESTERDAY = Date.UTC(2026, 10, 21, 14, 2);

/** Amina's phone after its first sync: {env for pages, phone, desk, clock (phones.js env), get, post, remove}. */
export async function aNeighbourhood({me = amina(), indexedDB} = {}) {
  strict(true);
  const desk = new Desk();
  settle(desk);
  const clock = anEnv({fetch: desk.fetch, indexedDB});
  const phone = await aPhone(clock, me);
  assert.equal((await phone.sync()).problem, null);
  const env = anEnvForPages(phone, clock);
  return {env, phone, desk, clock, ...asking(env)};
}

/** What pages are given, with the phone's own clock; `on` and `hinted` stand for the network and the invitation to install. */
export function anEnvForPages(phone, clock) {
  const env = {
    phone, on: true, hinted: null, woken: 0, spent: new Set(), now: clock.now, today: clock.today,
    speaker: () => speaker(phone.me()?.language, phone.me()?.word), say: (key, values) => env.speaker().say(key, values),
    online: () => env.on, fleeting: () => false, keeps: () => true, protected: () => true, standing: () => false, hint: () => env.hinted, hideHint: async () => { env.hinted = null; },
    wake: () => { env.woken += 1; }, later: async () => pages, reminders: {state: async () => env.reminding, begin: async () => env.endpoint, end: async () => undefined}, reminding: 'off', endpoint: 'https://push.example/1', setMe: (wishes) => phone.keepMe({...phone.me(), ...wishes}),
    fetch: async () => { throw new TypeError('no line'); },
    render: (name, context) => render(templates, name, context, env.speaker().globals()),
  };
  return env;
}

/** {get(path), post(path, fields or a form of a page), remove(path)} -> {status, html, location}. */
export function asking(env) {
  async function ask(method, path, body) {
    const request = new Request(new URL(path, 'https://naober.example'), {method, ...(body && {body})});
    const given = await answer(request, env);
    return {status: given.status, html: await given.text(), location: given.headers.get('location')};
  }
  return {get: (path) => ask('GET', path), post: (path, fields) => ask('POST', path, form(fields)), remove: (path) => ask('DELETE', path)};
}

/** What a page's form would send when nothing is touched: its fields as they stand. */
export function filledIn({html}) {
  const values = new FormData();
  for (const [tag] of html.matchAll(/<input [^>]*>/g)) {
    const {name, value, type} = attributes(tag);
    if (name && (!['radio', 'checkbox'].includes(type) || / checked/.test(tag))) values.append(name, value ?? '');
  }
  for (const [, tag, text] of html.matchAll(/<textarea ([^>]*)>([^<]*)</g)) values.append(attributes(tag).name, unescaped(text));
  for (const [, tag, inside] of html.matchAll(/<select ([^>]*)>(.*?)<\/select>/gs)) values.append(attributes(tag).name, /value="([^"]*)" selected/.exec(inside)?.[1] ?? '');
  return values;
}

/** The same form with these fields set. */
export function withValues(page, fields) {
  const values = filledIn(page);
  for (const [name, value] of Object.entries(fields)) {
    values.delete(name);
    for (const one of [value].flat()) values.append(name, one);
  }
  return values;
}

function form(fields) {
  if (fields instanceof FormData) return fields;
  const values = new FormData();
  for (const [name, value] of Object.entries(fields)) values.append(name, value);
  return values;
}

function attributes(tag) {
  return Object.fromEntries([...tag.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescaped(value)]));
}

function unescaped(html) {
  return html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

function settle(desk) {
  const organisation = `organisation:${anId()}`;
  const put = (kind, subject, topic, fields, {record, by = JOOST, role = 'nurse', ms = YESTERDAY} = {}) =>
    desk.put(elsewhere(kind, {subject, topic, fields, record, by, stamp: `${ms}-0000-0000beef`}), {by, role});
  const wit = `household:${DE_WIT}`, bouazza = `household:${BOUAZZA}`, annie = `resident:${ANNIE}`;
  const team = {team: TEAM, team_name: 'Wijkteam', organisation_name: 'Thuiszorg'};
  put('colleague', organisation, 'practical', {person: anId(), name: 'Joost Hofman', role: 'nurse', ...team}, {record: JOOST});
  put('colleague', organisation, 'practical', {person: amina().person, name: 'Amina', role: 'nurse', ...team}, {record: HAT});
  put('colleague', `organisation:${WELFARE}`, 'practical', {person: FENNA_HERSELF, name: 'Fenna Smit', role: 'outreach', team: WELFARE_TEAM, team_name: 'Buurtteam', organisation_name: 'Welzijn'}, {record: FENNA});
  put('household', wit, 'practical', {name: 'Familie De Wit', street: 'Kadestraat 12', city: 'Waterwijk', phone: '030-0000000', entry: 'Sleutel bij nummer 8'}, {record: DE_WIT});
  put('household', bouazza, 'practical', {name: 'Mevrouw Bouazza', street: 'Sluisweg 3', city: 'Waterwijk'}, {record: BOUAZZA});
  put('resident', annie, 'practical', {household: DE_WIT, name: 'Annie de Wit', given: 'Annie', born: '1941-03-02'}, {record: ANNIE});
  put('resident', `resident:${WIM}`, 'practical', {household: DE_WIT, name: 'Wim de Wit', given: 'Wim'}, {record: WIM});
  put('resident', `resident:${FATIMA}`, 'practical', {household: BOUAZZA, name: 'Fatima Bouazza'}, {record: FATIMA});
  put('schedule', wit, 'practical', {what: 'Wond verzorgen', resident: ANNIE, start: TODAY, time: '09:00', weekdays: [0, 6], who: [HAT], team: TEAM}, {record: PLAN});
  put('schedule', bouazza, 'practical', {what: 'Kennismaken', start: TODAY, time: '13:30', who: [JOOST, HAT], team: TEAM}, {record: LATER});
  put('schedule', bouazza, 'practical', {what: 'Medicijnen klaarzetten', start: TODAY, who: [JOOST], team: TEAM});
  put('visit', wit, 'practical', {day: '2026-11-21', at: YESTERDAY, resident: ANNIE, present: ['resident', 'partner'], outcome: 'done'}, {record: VISIT});
  put('note', annie, 'body', {text: 'Wond 2 cm, geen roodheid.', aspect: 'seen', visit: VISIT, at: YESTERDAY}, {record: NOTE});
  put('note', annie, 'social', {text: 'Loopt weer zelf naar de brievenbus.', aspect: 'strength', visit: VISIT, at: YESTERDAY}, {record: STRENGTH});
  put('measurement', annie, 'body', {what: 'blood_pressure', value: 138, second: 82, visit: VISIT, at: YESTERDAY});
  put('task', wit, 'practical', {what: 'Zalf ophalen', due: '2026-11-21', team: TEAM, owner: HAT}, {record: TASK});
  desk.pairs = [
    [organisation, 'practical', null], [`organisation:${WELFARE}`, 'practical', null], [`team:${TEAM}`, 'practical', null], [`team:${TEAM}`, 'social', null], [wit, 'practical', null], [bouazza, 'practical', null],
    ...[ANNIE, WIM, FATIMA].flatMap((id) => ['practical', 'body', 'mind', 'society', 'social'].map((topic) => [`resident:${id}`, topic, null])),
  ];
}
