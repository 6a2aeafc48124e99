/** Bewust anders: that we took the lead for a while, left the network out, or that care stays; why, agreed or not, and when to look again. */
import {faults} from './faults.js';
import {FULL, go, line, missing, options, show, stated, text, writer} from './page.js';
import {door_of} from './home.js';
import {signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {readersOfPlan} from './readers.js';

const WHAT = ['lead_taken', 'network_left_out', 'lasting_care'];
const AGREED = ['yes', 'no'];

/** What is deliberately otherwise in a home now, as notices: what is to be looked at again first. */
export function pausesOf(env, home) {
  const now = home.known.pause.filter(({fields}) => !fields.ended);
  return now.map((one) => notice(env, home, one)).sort((a, b) => b.due - a.due);
}

/** Whether the network is left out on purpose now. */
export function leftOut({known}) {
  return known.pause.some(({fields}) => fields.what === 'network_left_out' && !fields.ended);
}

/** GET /households/{id}/pauses/new. */
export async function newPause(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const name = `pause-new household:${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of Object.entries({op: env.phone.id(), draft_of: name, since: env.today()})) values.set(key, value);
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/pauses. */
export async function addPause(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const asked = {what: values.get('what'), why: text(values, 'why'), agreed: values.get('agreed'), since: line(values, 'since'), review: line(values, 'review')};
  const fields = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
  const change = env.phone.change('pause', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields});
  const errors = [...faults(env, [change]), ...unclear(env, fields)];
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}/network?saved=${made[0].record}`);
}

/** POST /pauses/{id}/ending?in= household: over, from now on. */
export async function endPause(request, env, {id}) {
  const {searchParams} = new URL(request.url);
  const home = await door_of(env, searchParams.get('in') ?? '');
  const one = home?.known.pause.find((pause) => pause.id === id);
  if (!one) return missing(env);
  const values = await request.formData();
  const change = env.phone.change('pause', {record: one.record, by: writer(env).id, fields: {ended: true, ended_on: env.today()}});
  if (!one.fields.ended) await keepForm(env, [change], values);
  return go(`/households/${home.id}/network?saved=${id}`);
}

function unclear(env, {since, review}) {
  return since && review && review <= since ? [{field: 'review', message: env.say('pause.review_later')}] : [];
}

function notice(env, home, one) {
  const {what, why, agreed, since, review} = one.fields;
  const due = Boolean(review) && review <= env.today();
  const date = (day) => env.speaker().date(day);
  return {
    what: env.say(`pause.${what}`), why, due, tone: due ? 'ochre' : '', sign: due ? 'eye' : 'info', since: env.say('pause.since', {date: date(since)}),
    agreed: agreed ? env.say(`pause.agreed_${agreed}`) : '', review: review ? env.say(due ? 'pause.look_now' : 'pause.look', {date: date(review)}) : '',
    hand: signature(env, home.people, one), op: env.phone.id(), end: `/pauses/${one.id}/ending?in=${home.id}`, ...stated(env, one.state),
  };
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'pause_new.html', {
    household: home.id, where: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors, values: {why: of('why'), since: of('since'), review: of('review')},
    whats: options(env, WHAT, 'pause', of('what')), agreeds: options(env, AGREED, 'pause.agreed_with', of('agreed')), readers: await readersOfPlan(env, home),
  }, {status, page: 'pause-new', back: {href: `/households/${home.id}/network`, text: env.say('page.back')}, spoken: trouble || draft});
}
