/** One household: who lives there, how to get in, what is planned, what is to be done, and its timeline. */
import {go, missing, savedLine, show, stated, worst, writer} from './page.js';
import {withCarriers} from './carriers.js';
import {home_of} from './home.js';
import {alsoWritten, begun, factsPage, fieldsOf, keepFacts, mended} from './facts.js';
import {nearest} from './nearest.js';
import {pausesOf} from './pauses.js';
import {plansOf} from './plans.js';
import {readersOfPlan} from './readers.js';
import {remarkRows} from './remark_rows.js';
import {openTasks} from './task_rows.js';
import {worryRows} from './worry_rows.js';
import {openRows} from './steering_rows.js';
import {timeline} from './timeline.js';
import {keySafe} from './veil.js';

const PAGE = 25;

/** GET /households/{id}; ?shown= how many lines of the timeline, ?saved= what was just written here. */
export async function household(request, env, {id}) {
  const {searchParams} = new URL(request.url);
  const home = await home_of(env, id, {live: true});
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const most = Number(searchParams.get('shown')) || PAGE;
  const saved = searchParams.get('saved');
  const begun = await env.phone.drafts.find(`visit-new ${home.house.subject}`);
  const line = timeline(env, home, saved);
  const {house: {fields}, residents} = home;
  const all = [home.house, ...residents];
  const also = alsoWritten(env, home.people, home.house);
  const sentence = await savedLine(env, saved, savedHere(home, saved));
  return show(env, 'household.html', {
    id, title: fields.name, where: [fields.street, fields.city].filter(Boolean).join(', '), phone: fields.phone ?? '', tel: tel(fields.phone),
    entry: fields.entry ?? '', safe: keySafe(env, home), residents: residents.map((resident) => person(env, home, resident)), also, saved: sentence, pauses: pausesOf(env, home),
    open: !line.length || all.some((one) => Object.keys(one.also).length), ...stated(env, worst(all)), ...toDo(env, home), ...waits(env, home, all),
    visit: env.say(begun ? 'draft.go_on' : 'household.visit'), measures: residents.length > 0 && writer(env).role !== 'outreach', near: nearest(env, home),
    line: line.slice(0, most), veiled: home.veiled, filling: filling(env) || await lacking(env, home),
    older: line.length > most ? {href: `/households/${id}?shown=${most + PAGE}`, text: env.say('household.older', {n: line.length - most})} : null,
  }, {tab: 'households', page: 'household', live: true, spoken: sentence, back: {href: '/households', text: env.say('tab.households')}});
}

/** What is planned and what is to be done, each with who carries it. */
function toDo(env, home) {
  return {planned: withCarriers(env, home, plansOf(env, home)), tasks: withCarriers(env, home, openTasks(env, home, `/households/${home.id}`))};
}

/** What waits for an answer here. */
function waits(env, home, all) {
  // On its own page a household need not be named in each row.
  const known = {...home.known, household: []};
  const asked = remarkRows(env, known, home.people, new Set(all.map(({subject}) => subject)));
  return {worries: worryRows(env, known, home.people, home.house.subject), asked, open_rows: openRows(env, home.known)};
}

/** GET /households/{id}/edit. */
export async function editHousehold(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const {values, outcome} = await begun(env, `household-edit household:${id}`, 'household', home.house);
  return form(env, home, values, outcome);
}

/** POST /households/{id}/facts: what changed, and nothing else. */
export async function mendHousehold(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const changes = mended(env, 'household', home.house, values, writer(env).id);
  const then = ([made]) => go(made ? `/households/${id}?saved=${id}` : `/households/${id}`);
  return keepFacts(env, values, changes, {again: (outcome) => form(env, home, values, outcome), then});
}

/** A number as a phone dials it. */
export function tel(number) {
  return (number ?? '').replace(/[^+\d]/g, '');
}

function savedHere({known}, saved) {
  const kind = ['task', 'note', 'household', 'resident', 'measurement', 'liaison', 'discussion'].find((one) => known[one].some(({id}) => id === saved));
  return {task: 'saved.task', note: 'saved.addition', household: 'saved.household', resident: 'saved.resident', measurement: 'selfmeasured.saved', liaison: 'liaison.saved', discussion: 'discussion.saved'}[kind] ?? 'saved.visit';
}

function person(env, home, resident) {
  const {id, fields} = resident;
  const note = fields.born ? env.say('household.age', {n: env.speaker().age(fields.born, env.today())}) : '';
  const own = fields.phone && fields.phone !== home.house.fields.phone ? fields.phone : '';
  return {
    name: fields.name, note, phone: own, tel: tel(own), also: alsoWritten(env, home.people, resident),
    edit: `/residents/${id}/edit?in=${home.id}`, edit_text: env.say('facts.mend', {name: fields.given ?? fields.name}),
  };
}

async function form(env, home, values, outcome) {
  return factsPage(env, values, {
    readers: await readersOfPlan(env, home), title: env.say('facts.mend', {name: home.house.fields.name}), lead: env.say('household.facts'), action: `/households/${home.id}/facts`, save: env.say('facts.save'),
    back: `/households/${home.id}`, groups: [fieldsOf(env, 'household', values, {one: home.house, people: home.people})],
  }, outcome);
}

/** What is not here because this phone was full is said, and asked for: somebody wants to read it. */
async function lacking(env, home) {
  const subjects = [home.house, ...home.residents].map((one) => one.subject);
  if (!await env.phone.room.lacks(subjects)) return '';
  if (env.online() && env.phone.room.want(subjects)) env.wake();
  return env.say('household.short');
}

function filling(env) {
  const {filling: left} = env.phone.status();
  return left ? env.say('household.filling', {done: left.done, of: left.of}) : '';
}
