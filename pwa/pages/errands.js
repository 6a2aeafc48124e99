/** A volunteer's one page: what I was asked to do, yes or no, how it went, and what came of my worry. */
import * as rules from '../../sync/rules.js';
import {faults} from './faults.js';
import {FULL, byKind, go, missing, savedLine, show, stated, text, worst} from './page.js';
import {keepForm, kept} from './drafts.js';
import {tel} from './household.js';
import {rule} from './plans.js';

// As long as the office keeps a task open after its day: server/errands.py, LATE_DAYS.
const BACK_DAYS = 7, AHEAD_DAYS = 60;
const TOLD = ['done', 'could_not'];
const TONES = {asked: 'canal', accepted: 'moss', declined: 'plain', done: 'moss', could_not: 'ochre'};

/** GET /errands?saved= an answer just given. */
export async function errands(request, env) {
  const known = byKind(await env.phone.first());
  const cards = known.errand.map((one) => card(env, known, one)).sort(byTurn);
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'errand.saved');
  const loading = !env.phone.status().needed && !cards.length;
  const open = cards.filter(({over}) => !over);
  return show(env, 'errands.html', {
    name: env.phone.me().name.split(' ')[0], confided: confided(env), open, over: cards.filter(({over}) => over), saved,
    loading: loading ? env.say('errand.loading') : '', empty: open.length || loading ? '' : env.say('errand.none'),
  }, {tab: 'errands', page: 'errands', live: true, spoken: saved});
}

/** GET /errands/{id}: the same with room for words. */
export async function errand(request, env, {id}) {
  const name = `errand ${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of [['op', env.phone.id()], ['draft_of', name]]) values.set(key, value);
  return form(env, id, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /errands/{id}/answers: yes, no, done, could not, or a worry, which needs words. */
export async function answerErrand(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const values = await request.formData();
  const words = text(values, 'text');
  const day = values.get('day');
  const fields = {answer: values.get('answer'), at: env.now(), ...(day && {day}), ...(words && {text: words})};
  const change = env.phone.change('answer', {subject: `errand:${id}`, topic: 'practical', by: volunteer(env), fields});
  const errors = fields.answer === 'worried' && !words ? [{field: 'text', message: env.say('errand.words')}] : faults(env, [change]);
  if (errors.length) return form(env, id, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  return made ? go(`/errands?saved=${made[0].record}`) : form(env, id, values, {trouble: env.say('full.form'), status: FULL});
}

/** DELETE /errands/{id}/answers?of= the answer that is taken back. */
export async function takeBack(request, env, {id}) {
  const found = await find(env, id);
  const answer = found?.known.answer.find((one) => one.id === new URL(request.url).searchParams.get('of'));
  if (!answer) return missing(env);
  await env.phone.add([env.phone.change('answer', {record: answer.record, by: volunteer(env), fields: {undone: true}})], {});
  env.wake();
  return go('/errands');
}

async function find(env, id) {
  const known = byKind(await env.phone.first());
  const one = known.errand.find(({subject}) => subject === `errand:${id}`);
  return one ? {known, one} : null;
}

async function form(env, id, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  if (!confided(env)) return go('/errands');
  const of = (name) => values.get(name) ?? '';
  return show(env, 'errand_page.html', {
    errand: card(env, found.known, found.one), op: of('op'), form: of('draft_of'), draft, trouble, errors, values: {text: of('text')},
  }, {status, page: 'errand', back: {href: '/errands', text: env.say('tab.errands')}, spoken: trouble || draft});
}

/** Whether they said that they keep it to themselves; until then they see what and when. */
function confided(env) {
  return Boolean(env.phone.me().confidential);
}

/** The hat under which a volunteer writes. */
export function volunteer(env) {
  return env.phone.me().hats.find(({role}) => role === 'volunteer')?.id ?? env.phone.me().hats[0].id;
}

function card(env, known, {subject, fields, state}) {
  const id = subject.slice('errand:'.length);
  const answers = known.answer.filter((one) => one.subject === subject && !one.fields.undone).sort((a, b) => (a.fields.at ?? a.at) - (b.fields.at ?? b.at));
  const said = answers.findLast(({fields: {answer}}) => answer === 'accepted' || answer === 'declined');
  const day = turn(env, fields, answers);
  const done = answers.findLast((one) => TOLD.includes(one.fields.answer) && one.fields.day === (day.told ?? day.next ?? undefined)) ?? null;
  const is = done?.fields.answer ?? said?.fields.answer ?? 'asked';
  const address = known.address.find((one) => one.subject === `address:${id}`)?.fields;
  const told = {
    id, what: fields.what, day: day.next ?? '', over: is === 'declined' || Boolean(done && !day.open), is, mark: env.say(`errand.is.${is}`), tone: TONES[is],
    when: [day.next ? env.speaker().near(day.next, env.today()) : env.say('task.whenever'), fields.time].filter(Boolean).join(' '),
    rule: fields.weekdays?.length || fields.every_days ? rule(env, fields) : '', instructions: fields.instructions ?? '',
    place: address ? {name: address.given, street: [address.street, address.city].filter(Boolean).join(', ')} : null,
    soon: !address && said?.fields.answer === 'accepted' && day.next >= env.today() ? env.say('errand.address_soon') : '',
    call: fields.call || fields.call_phone ? {name: fields.call ?? '', phone: fields.call_phone ?? '', tel: tel(fields.call_phone)} : null,
    asked: is === 'asked', ready: is === 'accepted', act: `/errands/${id}/answers`, href: `/errands/${id}`, op: env.phone.id(), ...stated(env, worst([{state}, ...answers])),
    undo: done ? `/errands/${id}/answers?of=${done.id}` : '', replies: replies(env, known, subject, answers),
  };
  return confided(env) ? told : {...told, instructions: '', place: null, soon: '', call: null};
}

/** The day that counts: the first one that was not answered, from a week ago on; else the last that was. {next, told, open: whether it has still to come}. */
function turn(env, fields, answers) {
  const when = {...fields, start: fields.due};
  if (!fields.due) return {next: null, told: null, open: false};
  const today = env.today();
  const days = rules.occurrences(when, rules.day_add(today, -BACK_DAYS), rules.day_add(today, AHEAD_DAYS));
  const done = new Set(answers.filter((one) => TOLD.includes(one.fields.answer)).map((one) => one.fields.day));
  const open = days.find((day) => !done.has(day));
  const last = days.findLast((day) => done.has(day)) ?? fields.due;
  return open ? {next: open, told: null, open: true} : {next: last, told: last, open: false};
}

/** What I worried about, and what came of it, oldest first. */
function replies(env, known, subject, answers) {
  const worries = answers.filter(({fields}) => fields.answer === 'worried');
  return worries.map((worry) => {
    const heard = known.reply.filter((one) => one.subject === subject && one.fields.to === worry.id).sort((a, b) => (a.fields.at ?? a.at) - (b.fields.at ?? b.at));
    const steps = heard.map(({fields, at}) => ({text: env.say(`errand.reply.${fields.step}`), words: fields.text ?? '', on: env.speaker().when(fields.at ?? at, env.now())}));
    return {text: worry.fields.text ?? '', steps, ...stated(env, worry.state)};
  });
}

function byTurn(a, b) {
  return (a.day || '9999').localeCompare(b.day || '9999') || a.what.localeCompare(b.what, 'nl');
}
