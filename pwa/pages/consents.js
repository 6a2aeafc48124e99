/** Wie mag wat weten: per recipient what a resident said, what was refused and what ended, on a page that can be turned to them. */
import {go, missing, savedLine, show, stated, writer} from './page.js';
import {home_of} from './home.js';
import {signature} from './colleagues.js';
import {keepForm} from './drafts.js';
import {recipientOf, recipients} from './recipients.js';
import {named, sentence, yours} from './sentences.js';
import {howSaid, signatureOf} from './signing.js';
import {inForce, leftOpen, opening, statementsOf} from './statements.js';
import {local} from '../i18n.js';

const PLACES = {consent: 'consents', share: 'shares'};

/** GET /households/{id}/consents. */
export async function consents(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const saved = new URL(request.url).searchParams.get('saved');
  const notice = await savedLine(env, saved, savedHere(home, saved));
  const pairs = (await env.phone.scope())?.pairs ?? [];
  return show(env, 'consents.html', {
    household: id, lead: home.house.fields.name, saved: notice, several: home.residents.length > 1, nobody: !home.residents.length,
    people: home.residents.map((resident) => ({id: resident.id, name: resident.fields.name, care: careSentence(env, resident, pairs), ...saidBy(env, home, resident)})),
  }, {tab: 'households', page: 'consents', live: true, spoken: notice, back: {href: `/households/${id}`, text: home.house.fields.name}});
}

/** POST /consents/{id}/withdrawal?in= household: taken back, at once and without a question; a withdrawal wins over all else. */
export function withdrawConsent(request, env, {id}) {
  return withdraw(request, env, 'consent', id);
}

/** The same of a share. */
export function withdrawShare(request, env, {id}) {
  return withdraw(request, env, 'share', id);
}

/** The change that takes a consent or share back. */
export function withdrawal(env, one, why = null) {
  const fields = {withdrawn: true, withdrawn_at: env.now(), ...(why && {withdrawn_why: why})};
  return env.phone.change(one.kind, {record: one.record, by: writer(env).id, fields});
}

/** A consent or share as a template prints it; `topics` when fewer than it names are open. */
export function item(env, home, one, topics = one.fields.topics) {
  const {fields, id, kind} = one;
  const to = recipientOf(env, recipients(env, home.people), fields);
  const said = kind === 'share' ? env.say('share.says', {topics: named(env, topics)}) : sentence(env, {...fields, topics}, to.short);
  return {
    key: to.key, chip: to.chip, tone: to.tone, sentence: said, agreed: agreed(env, home, one), signature: signatureOf(env, fields), written: env.say('consent.written', {who: signature(env, home.people, one)}),
    words: (fields.words ?? '').includes(said) ? '' : fields.words ?? '', ended: ended(env, fields), ...stated(env, one.state), op: env.phone.id(),
    ...receipt(env, one), withdraw: `/${PLACES[kind]}/${id}/withdrawal?in=${home.id}`, again: fields.answer === 'yes' ? `/households/${home.id}/consents/new?again=${id}` : '',
  };
}

async function withdraw(request, env, kind, id) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home?.known[kind].find((known) => known.id === id);
  if (!one) return missing(env);
  const values = await request.formData();
  if (!one.fields.withdrawn) await keepForm(env, [withdrawal(env, one, values.get('why') || null)], values);
  return go(`/households/${home.id}/${PLACES[kind]}?saved=${id}`);
}

function savedHere({known}, saved) {
  const one = known.consent.find(({id}) => id === saved);
  if (one?.fields.withdrawn) return 'saved.withdrawn';
  return one?.fields.answer === 'no' ? 'saved.refusal' : 'saved.consent';
}

/** {cards: one for each recipient, refused, others (help, legal ground), ended} of a resident. */
function saidBy(env, home, resident) {
  const all = statementsOf(home.known, [resident.subject]).filter(({kind}) => kind === 'consent').sort((a, b) => b.at - a.at);
  const now = all.filter((one) => inForce(env, one));
  const opened = now.filter((one) => one.fields.answer === 'yes' && opening(one));
  const lines = (list) => list.map((one) => item(env, home, one));
  return {
    cards: cards(opened.map((one) => [one, leftOpen(env, now, one)]).filter(([, topics]) => topics.length).map(([one, topics]) => item(env, home, one, topics))),
    refused: lines(now.filter(({fields}) => fields.answer === 'no')), others: lines(now.filter((one) => one.fields.answer === 'yes' && !opening(one))),
    ended: lines(all.filter((one) => !now.includes(one))),
  };
}

function cards(items) {
  const found = new Map();
  for (const one of items) found.set(one.key, [...found.get(one.key) ?? [], one]);
  return [...found.values()].map((agreements) => ({chip: agreements[0].chip, tone: agreements[0].tone, agreements}));
}

function agreed(env, home, {fields, kind}) {
  const since = env.say('consent.since', {date: env.speaker().date(fields.since)});
  if (kind === 'share') return [since, fields.until && env.say('consent.until', {date: env.speaker().date(fields.until)})].filter(Boolean).join(' ');
  const how = env.say(fields.present ? 'consent.how_with' : 'consent.how_alone', {how: howSaid(env, fields), present: fields.present ?? ''});
  return `${since} ${how}`;
}

function ended(env, {withdrawn, withdrawn_at: at, until, answer}) {
  if (withdrawn) return env.say(answer === 'no' ? 'consent.unrefused' : 'consent.withdrawn', {date: at ? env.speaker().date(local(at).date) : ''}).trim();
  return until && until < env.today() ? env.say('consent.ended', {date: env.speaker().date(until)}) : '';
}

/** Where the office tells from how many phones it is gone; what it has not heard of, or cannot be asked now, is told later. */
function receipt(env, {id, fields, state}) {
  if (!fields.withdrawn || fields.answer === 'no') return {receipt: '', receipt_later: ''};
  const open = env.online() && !state;
  return {receipt: open ? `/receipts/${id}` : '', receipt_later: open ? '' : env.say('consent.receipt_later')};
}

/** What a team knows because it comes here, without anybody being asked; '' when this phone is here by a resident's word only. */
function careSentence(env, {subject}, pairs) {
  const topics = pairs.filter(([whom, , until, , ground]) => whom === subject && (ground ?? 'care') === 'care' && (!until || until >= env.today())).map(([, topic]) => topic);
  return topics.length ? env.say('consent.care', {team: writer(env).team_name, topics: yours(env, topics)}) : '';
}
