/** A lead's remark on what I wrote: a question that I answer, a compliment that I put away, or a request to write below it what is right. */
import {faults} from './faults.js';
import {FULL, byKind, go, missing, savedLine, show, stated, text, writer} from './page.js';
import {colleagues} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {home_of} from './home.js';
import {answersTo, hand, placeOf, titleOf, waits} from './remark_rows.js';
import {timeline} from './timeline.js';
import {veiled} from './veil.js';

/** GET /remarks/{id}?saved= my answer. */
export async function remark(request, env, {id}) {
  const asked = new URL(request.url).searchParams;
  const found = await find(env, id, asked.has('answer'));
  if (!found) return missing(env);
  const name = `remark ${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of [['op', env.phone.id()], ['draft_of', name]]) values.set(key, value);
  const saved = await savedLine(env, asked.get('saved'), 'remark.saved');
  return page(env, found, values, {draft: draft ? env.say('draft.back') : '', saved});
}

/** POST /remarks/{id}/responses: my answer, or (`seen`) that I saw a compliment. */
export async function respond(request, env, {id}) {
  const found = await find(env, id, true);
  if (!found) return missing(env);
  const values = await request.formData();
  const words = values.get('seen') ? env.say('remark.seen') : text(values, 'text');
  const change = responseTo(env, found.one, words ?? '');
  const errors = words ? faults(env, [change]) : [{field: 'text', message: env.say('remark.words')}];
  if (errors.length) return page(env, found, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  return made ? go(`/remarks/${id}?saved=${made[0].record}`) : page(env, found, values, {trouble: env.say('full.form'), status: FULL});
}

/** The change that answers a remark. */
export function responseTo(env, {id, subject, topic}, words) {
  return env.phone.change('response', {subject, topic, by: writer(env).id, fields: {to: id, text: words, at: env.now()}});
}

/** The remark with its home. Who is `answering` has a form before them: of safety that shows nothing, so there one reads first and answers then. */
async function find(env, id, answering) {
  const known = byKind(await env.phone.first());
  const one = known.remark.find((each) => each.id === id);
  if (!one) return null;
  const house = placeOf(known, one), asks = waits(env, known, one) && one.fields.what !== 'compliment';
  const live = !(asks && (answering || one.topic !== 'safety'));
  const home = house ? await home_of(env, house.id, {live}) : await teamOf(env, known, one, live);
  return home ? {one: home.known.remark.find((each) => each.id === id) ?? one, home, asks, live} : null;
}

/** What my team knows without a household, in the same shape. */
async function teamOf(env, known, {subject}, live) {
  const home = {id: '', house: null, residents: [], people: colleagues(env, known.colleague), known: byKind(await env.phone.records(subject))};
  return veiled(env, home, live);
}

async function page(env, {one, home, asks, live}, values, {errors = [], trouble = '', draft = '', saved = '', status = 200}) {
  const {known, people} = home;
  const of = (name) => values.get(name) ?? '';
  const place = home.house ? {href: `/households/${home.id}`, text: home.house.fields.name} : {href: '/contacts', text: env.say('contacts.title')};
  return show(env, 'remark.html', {
    id: one.id, title: titleOf(env, people, one), text: one.fields.text ?? '', hand: hand(env, people, one), entry: entryOf(env, home, one), veiled: home.veiled, place,
    answers: answersTo(known, one.id).map((answer) => ({text: answer.fields.text, hand: hand(env, people, answer), ...stated(env, answer.state)})),
    form: asks && !live ? of('draft_of') : '', later: asks && live ? `/remarks/${one.id}?answer` : '', praises: waits(env, known, one) && !asks, mend: asks && one.fields.what === 'correction' ? mendOf(home, one) : '',
    op: of('op'), draft, trouble, errors, saved, values: {text: of('text')},
  }, {status, page: 'remark', back: place, live, spoken: saved || trouble || draft});
}

/** What it is about, as the timeline tells it; of a task its own words; null when it is not on this phone. */
function entryOf(env, home, {fields}) {
  const told = timeline(env, home, null).find(({ids}) => ids.includes(fields.of));
  const task = home.known.task.find(({id}) => id === fields.of);
  if (told || !task) return told ? {...told, remarks: []} : null;
  return {at: env.speaker().when(task.at, env.now()), role: '', name: '', organisation: '', tone: 'plain', title: task.fields.what, href: '', about: '', strong: false, state: '', strengths: [], seen: [], measured: [], remarks: []};
}

/** Where what is right is written below it: at the note itself, or at the visit with its notes; '' where there is no such place. */
function mendOf({id, known}, one) {
  const note = known.note.find((each) => each.id === one.fields.of);
  if (note) return `/notes/${note.fields.adds_to ?? note.id}/additions/new?in=${id}&remark=${one.id}`;
  return known.visit.some((each) => each.id === one.fields.of) ? `/visits/${one.fields.of}?in=${id}` : '';
}
