/** Visits: the form at the kitchen table, and what was written in it. */
import {faults} from './faults.js';
import {FULL, byKind, go, line, missing, options, savedLine, secrecy, show, stated, text, worst, writer} from './page.js';
import {door_of, home_of} from './home.js';
import {inSentence} from './names.js';
import {added, additions, inOrder} from './timeline.js';
import {fields as measureFields, measured, readings} from './measurements.js';
import {colleagues, signature} from './colleagues.js';
import {local} from '../i18n.js';
import {startOf, visitsOfDay} from './today.js';
import {openTasks} from './task_rows.js';
import {taskChanges, taskFields} from './tasks.js';
import {worryRow} from './worry_rows.js';
import {keepForm, kept} from './drafts.js';
import {readersOf} from './readers.js';
import {remarksOn} from './remark_rows.js';
import {TOPICS, counts} from './second_look.js';

const PRESENT = ['resident', 'partner', 'family', 'neighbour', 'volunteer', 'colleague', 'other'];
const OUTCOMES = ['done', 'not_home', 'cancelled'];

/** GET /visits/new: at whose table? */
export async function where(request, env) {
  const known = byKind(await env.phone.first());
  const visits = visitsOfDay(env, known, colleagues(env, known.colleague)).filter(({done}) => !done);
  const rows = visits.map((visit) => ({href: startOf(visit), time: visit.time || '–', name: visit.house.name, note: visit.what}));
  return show(env, 'visit_where.html', {rows}, {tab: 'today', page: 'visit-where'});
}

/** GET /households/{id}/visits/new, with ?schedule= the plan it fulfils, or else the only one that is due here today; a half-written visit comes back. */
export async function newVisit(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const name = `visit-new household:${id}`;
  const draft = await kept(env, name);
  const schedule = new URL(request.url).searchParams.get('schedule') ?? dueHere(env, home);
  return form(env, home, draft ?? await fresh(env, home, schedule, name), {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/visits: the visit, a note for each topic, measurements and the follow-up, in one transaction. */
export async function addVisit(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  if (!home.residents.length && wordsOrNumbers(values)) return form(env, home, values, {trouble: env.say('visit.nobody'), status: 422});
  const wrong = unreadable(env, values);
  const changes = wrong.length ? [] : visitChanges(env, home, values);
  const errors = [...wrong, ...faults(env, changes).map(named)];
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('visit.mend'), status: 422});
  const done = await keepForm(env, changes, values);
  if (!done) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}?saved=${done[0].record}`);
}

/** GET /visits/{id}?in= household: everything that was written at that visit. */
export async function visit(request, env, {id}) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '', {live: true});
  const found = home?.known.visit.find((one) => one.id === id);
  if (!found) return missing(env);
  await env.phone.reads.note(found.subject, 'visit');
  const extra = additions(home.known.note);
  const notes = inOrder(home.known.note.filter(({fields}) => fields.visit === id && !fields.adds_to));
  const values = home.known.measurement.filter(({fields}) => fields.visit === id);
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'saved.addition');
  return show(env, 'visit.html', {
    title: env.say('visit.at', {name: inSentence(home.house.fields.name)}), on: env.speaker().when(found.fields.at ?? found.at, env.now()),
    hand: signature(env, home.people, found), outcome: (found.fields.outcome ?? 'done') === 'done' ? '' : env.say(`outcome.${found.fields.outcome}`),
    veiled: home.veiled, present: presence(env, home, found), ...stated(env, worst([found, ...values])), saved, remarks: remarksOn(env, home, [found, ...values].map((one) => one.id)),
    notes: notes.map((note) => noteCard(env, home, note, extra)), measured: measured(env, values), tasks: openTasks(env, home, `/households/${home.id}`, id), worries: home.known.worry.filter(({fields}) => fields.visit === id).map((one) => worryRow(env, {...home.known, household: []}, home.people, one)), why: `/why/${id}?in=${home.id}`,
  }, {tab: 'households', page: 'visit', live: true, spoken: saved, back: {href: `/households/${home.id}`, text: home.house.fields.name}});
}

/** The plan of today that a visit begun here fulfils when nothing says which: mine or nobody's, and the only one left; '' otherwise. */
function dueHere(env, home) {
  const left = visitsOfDay(env, home.known, home.people).filter(({plan, done, mine}) => plan && !done && mine);
  return left.length === 1 ? left[0].plan.id : '';
}

async function fresh(env, home, schedule, name) {
  const plan = home.known.schedule.find(({id}) => id === schedule);
  const values = new FormData();
  const resident = plan?.fields.resident ?? home.residents[0]?.id ?? '';
  for (const [key, value] of Object.entries({op: env.phone.id(), at: env.now(), draft_of: name, schedule: plan?.id ?? '', day: env.today(), resident, outcome: 'done'})) values.set(key, value);
  return values;
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200} = {}) {
  const of = (name) => values.get(name) ?? '';
  const count = counts(values);
  const wrongIn = (start) => errors.some(({field}) => field.startsWith(start));
  const {fields} = home.house;
  const bodily = writer(env).role !== 'outreach';
  const asked = TOPICS.filter((topic) => topic !== 'body' || bodily || count.body);
  return show(env, 'visit_new.html', {
    household: home.id, title: env.say('visit.at', {name: inSentence(fields.name)}), begun: begunLine(env, home, values),
    op: of('op'), at: of('at'), form: of('draft_of'), schedule: of('schedule'), on: of('day'), draft, errors, trouble,
    residents: home.residents.length > 1 ? home.residents.map((one) => ({value: one.id, text: one.fields.given ?? one.fields.name, chosen: one.id === of('resident')})) : null,
    resident: of('resident'), present: presentOptions(env, home, values), outcomes: options(env, OUTCOMES, 'outcome', of('outcome') || 'done'),
    outcome_open: (of('outcome') || 'done') !== 'done',
    values: {strength: of('strength'), present_names: of('present_names'), task_what: of('task_what'), task_due: of('task_due')},
    topics: asked.map((topic) => topicField(env, topic, of(`text_${topic}`), count[topic])),
    measures: bodily || count.measures ? measureFields(env, values) : [], measures_count: count.measures, measures_open: Boolean(count.measures) || wrongIn('m_'),
    task_open: Boolean(count.task) || wrongIn('what') || wrongIn('due'), task_count: count.task, ...taskFields(env, home, values), readers: await readersOf(env, home, asked, of('resident') || null),
  }, {status, page: 'visit-new', back: {href: `/households/${home.id}`, text: env.say('page.back')}, spoken: trouble || draft});
}

function begunLine(env, home, values) {
  const begun = env.say('visit.begun', {time: local(Number(values.get('at')) || env.now()).time});
  const plan = home.known.schedule.find(({id}) => id === values.get('schedule'));
  if (!plan) return begun;
  const {time} = plan.fields;
  return `${time ? env.say('visit.planned_at', {time}) : env.say('visit.planned')} · ${begun}`;
}

function topicField(env, topic, value, count) {
  const name = env.say(`topic.${topic}`);
  return {id: topic, name, text: value, count, open: Boolean(value), hint: env.say(`topic.${topic}.hint`), label: env.say('visit.seen', {topic: name})};
}

function presentOptions(env, home, values) {
  const given = home.residents.find(({id}) => id === values.get('resident'))?.fields.given;
  return options(env, PRESENT, 'present', values.getAll('present')).map((option) => (option.value === 'resident' ? {...option, text: env.say('present.resident', {resident: given})} : option));
}

function unreadable(env, values) {
  return readings(values).flatMap(({what, wrong}) => wrong.map((field) => ({field, message: env.say(`wrong.number.${what}`)})));
}

function named({field, kind, change, message}) {
  if (kind !== 'note') return {field, message};
  return {field: change.fields.aspect === 'strength' ? 'strength' : `text_${change.topic}`, message};
}

function visitChanges(env, home, values) {
  const by = writer(env).id;
  const at = Number(values.get('at')) || env.now();
  const resident = home.residents.find(({id}) => id === values.get('resident'))?.id ?? home.residents[0]?.id ?? null;
  const schedule = values.get('schedule');
  const present = values.getAll('present').filter((one) => PRESENT.includes(one));
  const visited = {
    day: values.get('day') || env.today(), at, outcome: OUTCOMES.find((one) => one === values.get('outcome')) ?? 'done',
    ...(resident && {resident}), ...(schedule && {schedule}), ...(present.length && {present}), ...optional('present_names', line(values, 'present_names')),
  };
  const made = env.phone.change('visit', {subject: home.house.subject, topic: 'practical', by, fields: visited});
  const note = (topic, aspect, words) => (words && resident ? [env.phone.change('note', {subject: `resident:${resident}`, topic, by, fields: {text: words, aspect, visit: made.record, at}})] : []);
  const values_ = resident ? readings(values).map(({what, value, second}) => env.phone.change('measurement', {
    subject: `resident:${resident}`, topic: 'body', by, fields: {what, value, ...(second !== null && {second}), visit: made.record, at},
  })) : [];
  return [
    made, ...note('social', 'strength', text(values, 'strength')), ...TOPICS.flatMap((topic) => note(topic, 'seen', text(values, `text_${topic}`))),
    ...values_, ...taskChanges(env, home, values, {visit: made.record, resident, by}),
  ];
}

/** Notes and measurements are about somebody: where nobody is known to live they have no place yet. */
function wordsOrNumbers(values) {
  return readings(values).length > 0 || ['strength', ...TOPICS.map((topic) => `text_${topic}`)].some((name) => text(values, name));
}

function optional(name, value) {
  return value === null ? {} : {[name]: value};
}

function presence(env, home, {fields}) {
  const given = home.residents.find(({id}) => id === fields.resident)?.fields.given;
  const who = (fields.present ?? []).map((one) => env.say(`with.${one}`, {resident: given}));
  const all = [...who, fields.present_names].filter(Boolean);
  return all.length ? env.say('visit.with', {who: all.join(', ')}) : '';
}

function noteCard(env, home, note, extra) {
  const more = extra.get(note.id) ?? [];
  const strong = note.fields.aspect === 'strength';
  return {
    topic: strong ? env.say('note.strength') : env.say(`topic.${note.topic}`), kind: strong ? 'strength' : 'seen', text: note.fields.text,
    meta: signature(env, home.people, note), ...stated(env, worst([note, ...more])), additions: [...added(env, home.people, more), ...remarksOn(env, home, [note, ...more].map(({id}) => id))],
    add: `/notes/${note.id}/additions/new?in=${home.id}`, why: `/why/${note.id}?in=${home.id}`, secrecy: secrecy(env, note.topic),
  };
}
