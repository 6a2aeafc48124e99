/** Hoe nu verder: what steers the help in a household, what can be added to it, and each of these begun. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import {FULL, go, missing, savedLine, show, stated} from './page.js';
import {signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {home_of} from './home.js';
import {inSentence} from './names.js';
import {ASKED, fieldsFor, made, numbers, readersFor} from './steering_forms.js';
import {isOpen, openRows, short} from './steering_rows.js';

/** What can be added, in the order of the page. */
const KINDS = ['agenda', 'escalation', 'step_down', 'evaluation', 'deviation', 'obstacle'];
const WRITTEN_MAX = 30;

/** GET /households/{id}/steering; ?saved= what was just written here. */
export async function steering(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'steering.saved');
  return show(env, 'steering.html', {
    title: env.say('steering.title', {name: inSentence(home.house.fields.name)}), saved, open_rows: openRows(env, home.known), written: writtenRows(env, home),
    kinds: [{href: `/households/${id}/discussions/new`, text: env.say('discussion.name'), lead: env.say('discussion.steering')}, ...KINDS.map((kind) => ({href: `/households/${id}/steering/new?kind=${kind}`, text: env.say(`steering.${kind}.name`), lead: env.say(`steering.${kind}.lead`)}))],
  }, {tab: 'households', page: 'steering', live: true, spoken: saved, back: {href: `/households/${id}`, text: home.house.fields.name}});
}

/** GET /households/{id}/steering/new?kind= one of these; ?replaces= the deviation of which this is a new version. */
export async function newSteering(request, env, {id}) {
  const {home, kind, earlier} = await find(request, env, id);
  if (!home) return missing(env);
  const name = `steering-${kind} household:${id}${earlier ? ` ${earlier.id}` : ''}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  const usual = {op: env.phone.id(), draft_of: name, resident: home.residents[0]?.id ?? '', topic: kinds.kinds[kind].topics[0], ...begun(kind, earlier)};
  if (!draft) for (const [key, value] of Object.entries(usual)) values.set(key, value);
  return form(env, {home, kind, earlier}, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/steering?kind= one of these; ?replaces= as above. */
export async function addSteering(request, env, {id}) {
  const {home, kind, earlier} = await find(request, env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const {changes, errors} = made(env, home, kind, values, earlier ? {replaces: earlier.id} : {});
  if (errors.length) return form(env, {home, kind, earlier}, values, {errors, trouble: env.say('page.mend'), status: 422});
  const done = await keepForm(env, changes, values);
  if (!done) return form(env, {home, kind, earlier}, values, {trouble: env.say('full.form'), status: FULL});
  return go(kind === 'evaluation' ? `/steering/${done[0].record}?in=${id}&saved=${done[0].record}` : `/households/${id}/steering?saved=${done[0].record}`);
}

async function find(request, env, id) {
  const {searchParams} = new URL(request.url);
  const kind = KINDS.find((one) => one === searchParams.get('kind'));
  const home = kind ? await home_of(env, id) : null;
  const earlier = home?.known.deviation.find((one) => kind === 'deviation' && one.id === searchParams.get('replaces')) ?? null;
  return {home, kind, earlier};
}

/** What a form begins with: of a new version of a deviation all that stood in the one before. */
function begun(kind, earlier) {
  if (!earlier) return kind === 'step_down' ? {end: 'yes'} : {};
  return {...Object.fromEntries(ASKED.deviation.map((name) => [name, earlier.fields[name] ?? ''])), resident: earlier.subject.slice('resident:'.length), topic: earlier.topic};
}

async function form(env, {home, kind, earlier}, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'steering_new.html', {
    title: env.say(`steering.${kind}.title`), where: home.house.fields.name, action: `/households/${home.id}/steering?kind=${kind}${earlier ? `&replaces=${earlier.id}` : ''}`, op: of('op'), form: of('draft_of'), draft, trouble, errors,
    lead: env.say(earlier ? 'steering.renew_lead' : `steering.${kind}.about`), numbers: kind === 'escalation' ? numbers(env, home) : null, fields: await fieldsFor(env, home, kind, values),
    readers: await readersFor(env, home, kind, values), save: env.say(`steering.${kind}.save`),
  }, {status, page: 'steering-new', back: {href: `/households/${home.id}/steering`, text: env.say('page.back')}, spoken: trouble || draft});
}

/** What was written down and waits for nothing any more, newest first; of a deviation its last version. */
function writtenRows(env, home) {
  const replaced = new Set(home.known.deviation.map(({fields}) => fields.replaces));
  const all = KINDS.flatMap((kind) => home.known[kind]).filter((one) => !isOpen(one) && !replaced.has(one.id));
  return all.sort((a, b) => b.at - a.at).slice(0, WRITTEN_MAX).map((one) => ({
    href: `/steering/${one.id}?in=${home.id}`, text: short(one.fields.question ?? one.fields.rule ?? one.fields.text ?? one.fields.why ?? env.say('due.evaluation')),
    meta: [env.say(`steering.${one.kind}.name`), env.speaker().when(one.at, env.now()), signature(env, home.people, one)].join(' · '), ...stated(env, one.state),
  }));
}
