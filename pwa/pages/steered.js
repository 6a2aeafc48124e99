/** One thing by which help is steered: what was written, what came of it, and the next step. */
import * as rules from '../../sync/rules.js';
import {FULL, go, line, missing, savedLine, secrecy, show, stated, text, writer} from './page.js';
import {signature} from './colleagues.js';
import {alsoWritten} from './facts.js';
import {keepForm, kept} from './drafts.js';
import {home_of} from './home.js';
import {planWords} from './plan_words.js';
import {ASKED, field, needed, numbers, written} from './steering_forms.js';
import {isDue, isOpen} from './steering_rows.js';

/** What is asked next of each kind while it is open, and by which steps it goes on. */
const NEXT = {agenda: [], escalation: ['came_of_it', 'answered_on'], step_down: ['came_of_it'], evaluation: ASKED.opinion};
const STEPS = {agenda: ['closed'], escalation: ['answered', 'closed'], step_down: ['checked'], evaluation: ['opinion']};
const AFTER = ['came_of_it', 'answered_on', 'checked_on', 'held_on'];

/** GET /steering/{id}?in= household; ?saved= a step just taken. */
export async function steered(request, env, {id}) {
  const found = await find(request, env, id);
  if (!found) return missing(env);
  const {one} = found;
  const name = `steered ${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  const usual = {op: env.phone.id(), draft_of: name, came_of_it: one.fields.came_of_it ?? '', answered_on: one.fields.answered_on ?? (one.kind === 'escalation' ? env.today() : ''), party: 'resident'};
  if (!draft) for (const [key, value] of Object.entries(usual)) values.set(key, value);
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'steering.saved');
  return page(env, found, values, {draft: draft ? env.say('draft.back') : '', saved});
}

/** POST /steering/{id}?in= household: an answer came, it was looked at again, somebody's opinion, or over. */
export async function stepOn(request, env, {id}) {
  const found = await find(request, env, id);
  if (!found) return missing(env);
  const values = await request.formData();
  const {changes, errors} = next(env, found, values);
  if (errors.length) return page(env, found, values, {errors, trouble: env.say('page.mend'), status: 422});
  const done = await keepForm(env, changes, values);
  return done ? go(`/steering/${id}?in=${found.home.id}&saved=${done[0].record}`) : page(env, found, values, {trouble: env.say('full.form'), status: FULL});
}

async function find(request, env, id) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home && Object.keys(ASKED).filter((kind) => kind !== 'opinion').flatMap((kind) => home.known[kind]).find((each) => each.id === id);
  return one ? {home, one} : null;
}

/** {changes, errors} of the step that was chosen. */
function next(env, {one}, values) {
  const {kind, record} = one;
  const by = writer(env).id;
  const on = (fields) => env.phone.change(kind, {record, by, fields});
  if (kind === 'evaluation') return values.get('step') === 'held' ? held(env, one, values, on) : opinion(env, one, values);
  const said = written(kind, values, NEXT[kind]);
  const over = values.get('step') === 'closed';
  const errors = said.came_of_it || over ? [] : [{field: 'came_of_it', message: env.say('steering.needed')}];
  const change = kind === 'step_down' ? on({...said, checked_on: env.today()}) : on(over ? {...(said.came_of_it ? said : {}), closed: true} : said);
  return {changes: [change], errors: [...errors, ...needed(env, [change])]};
}

function opinion(env, {id, subject, topic}, values) {
  const change = env.phone.change('opinion', {subject, topic, by: writer(env).id, fields: {of: id, ...written('opinion', values), day: env.today(), at: env.now()}});
  return {changes: [change], errors: needed(env, [change])};
}

/** Held today, and the next one on the day that was chosen, if any. */
function held(env, {subject, topic}, values, on) {
  const day = line(values, 'next');
  const again = day ? [env.phone.change('evaluation', {subject, topic, by: writer(env).id, fields: {day}})] : [];
  const early = day && day <= env.today() ? [{field: 'next', message: env.say('steering.later')}] : [];
  return {changes: [on({held_on: env.today(), closed: true}), ...again], errors: [...early, ...needed(env, again)]};
}

function page(env, found, values, {errors = [], trouble = '', draft = '', saved = '', status = 200}) {
  const {home, one} = found;
  const of = (name) => values.get(name) ?? '';
  const open = isOpen(one);
  const of_kind = env.say(`steering.${one.kind}.name`);
  return show(env, 'steered.html', {
    id: one.id, title: one.kind === 'evaluation' ? env.say('due.evaluation') : of_kind, where: home.house.fields.name, saved, trouble, draft, errors, ...told(env, home, one), due: isDue(env, one) ? env.say(`steering.${one.kind}.due`) : '',
    numbers: open && one.kind === 'escalation' ? numbers(env, home) : null, opinions: opinions(env, home, one), ...versions(env, home, one),
    asks: open, discuss: open && one.kind === 'agenda' ? `/households/${home.id}/discussions/new?agenda=${one.id}` : '',
    fields: open ? NEXT[one.kind].map((name) => field(env, one.kind === 'evaluation' ? 'opinion' : one.kind, name, values)) : null, steps: (STEPS[one.kind] ?? []).map((value) => ({value, text: env.say(one.kind === 'agenda' ? 'agenda.end' : `steering.step.${value}`)})),
    closing: open && one.kind === 'evaluation' ? {op: env.phone.id(), value: of('next')} : null, tomorrow: rules.day_add(env.today(), 1), action: `/steering/${one.id}?in=${home.id}`, op: of('op'), form: of('draft_of'),
  }, {status, tab: 'households', page: 'steered', live: status === 200 && !open, back: {href: `/households/${home.id}/steering`, text: env.say('steering.name')}, spoken: saved || trouble || draft});
}

/** What was written, as questions and answers, with whose hand it was: {answers, hand, secrecy, also, state, state_tone}. */
function told(env, home, one) {
  const whose = home.residents.length > 1 ? home.residents.find(({subject}) => subject === one.subject)?.fields.name : null;
  const asked = [...ASKED[one.kind], ...AFTER].filter((name) => one.fields[name] !== undefined);
  const answers = asked.map((name) => ({label: env.say(AFTER.includes(name) ? `field.${name}` : `steering.${one.kind}.${name}`), text: said(env, home, name, one.fields[name])}));
  return {
    answers: [...(whose ? [{label: env.say('steering.resident'), text: whose}] : []), ...answers], secrecy: secrecy(env, one.topic), also: alsoWritten(env, home.people, one),
    hand: `${env.speaker().when(one.fields.at ?? one.at, env.now())} · ${signature(env, home.people, one)}`, ...stated(env, one.state),
  };
}

function said(env, {known}, name, value) {
  if (name === 'plan') return planWords(env, known.schedule.find(({id}) => id === value)?.fields.what ?? env.say('steering.plan_gone'));
  if (['reasons', 'recipient', 'how', 'takes_over', 'sort'].includes(name)) return [value].flat().map((one) => env.say(`steering.${name}.${one}`)).join('\n');
  return /^\d{4}-\d\d-\d\d$/.test(value) ? env.speaker().date(value) : value;
}

/** What each party said, in the order in which they were asked. */
function opinions(env, {known, people}, {id}) {
  const all = known.opinion.filter(({fields}) => fields.of === id).sort((a, b) => a.at - b.at);
  return all.map((one) => ({party: env.say(`steering.party.${one.fields.party}`), name: one.fields.name ?? '', text: one.fields.text, hand: `${env.speaker().when(one.fields.at ?? one.at, env.now())} · ${signature(env, people, one)}`, ...stated(env, one.state)}));
}

/** Of a deviation: {renew: where a new version is made, newer: where it is already, earlier: those before it}. */
function versions(env, home, one) {
  if (one.kind !== 'deviation') return {renew: '', newer: '', earlier: []};
  const newer = home.known.deviation.find(({fields}) => fields.replaces === one.id);
  const earlier = [];
  for (let at = before(home, one); at && !earlier.includes(at); at = before(home, at)) earlier.push(at);
  return {
    renew: newer ? '' : `/households/${home.id}/steering/new?kind=deviation&replaces=${one.id}`, newer: newer ? `/steering/${newer.id}?in=${home.id}` : '',
    earlier: earlier.map((each) => told(env, home, each)),
  };
}

function before({known}, {fields}) {
  return known.deviation.find(({id}) => id === fields.replaces) ?? null;
}
