/** Sharing on another ground than consent: the four answers, the ground, what was told, and beforehand exactly what would be shared. */
import {faults} from './faults.js';
import {FULL, go, missing, options, savedLine, show, text, writer} from './page.js';
import {home_of} from './home.js';
import {item} from './consents.js';
import {scopeFields, scopeOf, unclear} from './consent_form.js';
import {keepForm, kept} from './drafts.js';
import {preview} from './previews.js';
import {inForce, statementsOf} from './statements.js';

const GROUNDS = ['public_task', 'legal_duty', 'contract', 'vital_interest', 'legitimate_interest'];
const TOLD = ['yes', 'later', 'unsafe'];
const ANSWERS = ['question', 'necessity', 'proportionality', 'subsidiarity'];

/** GET /households/{id}/shares: what is shared this way now, and was before; not a page to turn to somebody. */
export async function shares(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const saved = new URL(request.url).searchParams.get('saved');
  const all = statementsOf(home.known, home.residents.map(({subject}) => subject)).filter(({kind}) => kind === 'share').sort((a, b) => b.at - a.at);
  const taken = all.find((one) => one.id === saved)?.fields.withdrawn;
  const notice = await savedLine(env, saved, taken ? 'saved.withdrawn' : 'saved.share');
  const rows = (list) => list.map((one) => ({...item(env, home, one), name: nameOf(home, one), answers: answersOf(env, one)}));
  return show(env, 'shares.html', {
    household: id, lead: home.house.fields.name, saved: notice, now: rows(all.filter((one) => inForce(env, one))), past: rows(all.filter((one) => !inForce(env, one))),
  }, {tab: 'households', page: 'shares', live: true, spoken: notice, back: {href: `/households/${id}/consents`, text: env.say('consent.title')}});
}

/** GET /households/{id}/shares/new; a half-filled form comes back. */
export async function newShare(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const name = `share-new household:${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  const usual = {op: env.phone.id(), draft_of: name, resident: home.residents.length === 1 ? home.residents[0].id : '', period: 'months3', before: 'no'};
  if (!draft) for (const [key, value] of Object.entries(usual)) values.set(key, value);
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/shares. */
export async function addShare(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const {change, errors} = judged(env, home, values);
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}/shares?saved=${made[0].record}`);
}

function judged(env, home, values) {
  const errors = [...unclear(env, home, values), ...unanswered(env, values)];
  if (errors.length) return {change: null, errors};
  const answers = Object.fromEntries([...ANSWERS, 'told_why'].map((name) => [name, text(values, name)]).filter(([, value]) => value));
  const fields = {...scopeOf(env, home, values), ...answers, ground: values.get('ground'), told: values.get('told')};
  const change = env.phone.change('share', {subject: `resident:${values.get('resident')}`, topic: 'practical', by: writer(env).id, fields});
  return {change, errors: faults(env, [change])};
}

function unanswered(env, values) {
  const found = ANSWERS.filter((name) => !text(values, name)).map((field) => ({field, message: env.say('wrong.required')}));
  if (!GROUNDS.includes(values.get('ground'))) found.push({field: 'ground', message: env.say('wrong.share.ground')});
  if (!TOLD.includes(values.get('told'))) found.push({field: 'told', message: env.say('wrong.share.told')});
  if (values.get('told') === 'unsafe' && !text(values, 'told_why')) found.push({field: 'told_why', message: env.say('wrong.share.told_why')});
  return found;
}

function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'share_new.html', {
    household: home.id, lead: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors, ...scopeFields(env, home, values),
    answers: ANSWERS.map((name) => ({name, label: env.say(`share.${name}`), hint: env.say(`share.${name}.hint`), value: of(name)})),
    grounds: options(env, GROUNDS, 'ground', of('ground')), tolds: options(env, TOLD, 'told', of('told')), values: {until: of('until'), told_why: of('told_why')},
    preview: preview(env, home.known, home.people, values, home.id),
  }, {status, page: 'share-new', back: {href: `/households/${home.id}/shares`, text: env.say('page.back')}, spoken: trouble || draft});
}

function answersOf(env, {fields}) {
  const written = [...ANSWERS, 'told_why'].filter((name) => fields[name]).map((name) => ({label: env.say(`field.${name}`), text: fields[name]}));
  return [...written, {label: env.say('field.ground'), text: env.say(`ground.${fields.ground}`)}, {label: env.say('field.told'), text: env.say(`told.${fields.told}`)}];
}

function nameOf(home, {subject}) {
  return home.residents.find((one) => one.subject === subject)?.fields.name ?? '';
}
