/** Additions: what was signed never changes; whoever knows more writes it below, under their own name. */
import {faults} from './faults.js';
import {FULL, go, missing, show, text, writer} from './page.js';
import {home_of} from './home.js';
import {signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {readersOf} from './readers.js';
import {waits} from './remark_rows.js';
import {responseTo} from './remarks.js';

/** GET /notes/{id}/additions/new?in= household; a half-written addition comes back, and ?remark= that asked for it is answered by it. */
export async function newAddition(request, env, {id}) {
  const {home, note} = await find(request, env, id);
  if (!note) return missing(env);
  const name = `addition-new note:${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of [['op', env.phone.id()], ['draft_of', name]]) values.set(key, value);
  return form(env, home, note, values, {asked: askedFor(request, env, home), draft: draft ? env.say('draft.back') : ''});
}

/** POST /notes/{id}/additions?in= household. */
export async function addAddition(request, env, {id}) {
  const {home, note} = await find(request, env, id);
  if (!note) return missing(env);
  const values = await request.formData();
  const words = text(values, 'text');
  const change = env.phone.change('note', {subject: note.subject, topic: note.topic, by: writer(env).id, fields: {text: words ?? '', adds_to: id, at: env.now()}});
  const asked = askedFor(request, env, home);
  const errors = words ? faults(env, [change]) : [{field: 'text', message: env.say('wrong.addition')}];
  if (errors.length) return form(env, home, note, values, {asked, errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change, ...asked.map((one) => responseTo(env, one, env.say('remark.mended')))], values);
  if (!made) return form(env, home, note, values, {asked, trouble: env.say('full.form'), status: FULL});
  return go(`${placeOf(home, note)}saved=${made[0].record}`);
}

async function find(request, env, id) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '');
  return {home, note: home?.known.note.find((one) => one.id === id && !one.fields.adds_to) ?? null};
}

function placeOf(home, {fields: {visit}}) {
  return home.known.visit.some(({id}) => id === visit) ? `/visits/${visit}?in=${home.id}&` : `/households/${home.id}?`;
}

/** The remark that asked to have it mended, as a list of one or none. */
function askedFor(request, env, home) {
  const id = new URL(request.url).searchParams.get('remark');
  return home.known.remark.filter((one) => one.id === id && waits(env, home.known, one));
}

async function form(env, home, note, values, {asked = [], errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const {fields} = note;
  return show(env, 'addition_new.html', {
    topic: env.say(fields.aspect === 'strength' ? 'note.strength' : `topic.${note.topic}`), text: fields.text ?? '', draft, trouble, errors,
    meta: `${env.speaker().when(fields.at ?? note.at, env.now())} · ${signature(env, home.people, note)}`, action: `/notes/${note.id}/additions?in=${home.id}${asked.map(({id}) => `&remark=${id}`).join('')}`,
    op: of('op'), form: of('draft_of'), values: {text: of('text')}, readers: await readersOf(env, home, [note.topic], note.subject.slice('resident:'.length)),
  }, {status, page: 'addition-new', back: {href: placeOf(home, note).slice(0, -1), text: env.say('page.back')}, spoken: trouble || draft});
}
