/** Asking, at the table: who may know what, what for and until when, read back as a sentence; a no is as easy as a yes. */
import {faults} from './faults.js';
import {FULL, go, line, missing, options, secrecy, show, writer} from './page.js';
import {home_of} from './home.js';
import {withdrawal} from './consents.js';
import {keepForm, kept} from './drafts.js';
import {recipientChoices, recipients} from './recipients.js';
import {ABOUTS, aboutOf, readBack, topicsOf, untilOf} from './reading_back.js';
import {TOPICS, VERSION} from './sentences.js';
import {howFields, howGiven, unsigned} from './signing.js';
import {inForce, sameTo} from './statements.js';

const PERIODS = ['months3', 'months6', 'endless', 'other'];
// These two are asked for anew each time: nothing ever sets them but a finger.
const BY_NAME = ['money', 'safety'];

/** GET /households/{id}/consents/new; ?again= a consent that is asked for once more; a half-filled form comes back. */
export async function newConsent(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const again = home.known.consent.find((one) => one.id === new URL(request.url).searchParams.get('again'));
  const name = again ? `consent-again household:${id} consent:${again.id}` : `consent-new household:${id}`;
  const draft = await kept(env, name);
  return form(env, home, draft ?? fresh(env, home, name, again), {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/consents: what the resident said, and what it takes the place of. */
export async function addConsent(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const {changes, errors} = judged(env, home, values);
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, changes, values);
  if (!made) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}/consents?saved=${made[0].record}`);
}

/** What is unclear about whom and what in a form: [{field, message}]. */
export function unclear(env, home, values) {
  const known = recipients(env, home.people);
  const to = known.get(values.get('to'));
  const topics = topicsOf(values);
  const found = [];
  if (!home.residents.some(({id}) => id === values.get('resident'))) found.push('resident');
  if (!to) found.push('to');
  if (!topics.length) found.push('topics');
  if (values.get('answer') !== 'no' && to?.kind === 'volunteers' && topics.some((topic) => topic !== 'practical')) found.push('volunteer');
  if (values.get('period') === 'other' && !((line(values, 'until') ?? '') >= env.today())) found.push('period');
  return found.map((what) => ({field: what === 'volunteer' ? 'topics' : what === 'period' ? 'until' : what, message: env.say(`wrong.consent.${what}`)}));
}

/** The fields that consents and shares have in common, of a form without errors. */
export function scopeOf(env, home, values) {
  const {noun, id} = recipients(env, home.people).get(values.get('to'));
  const until = untilOf(env, values);
  return {to_kind: noun, to: id, topics: topicsOf(values), since: env.today(), ...(until && {until}), before: values.get('before') === 'yes', at: env.now()};
}

/** What both forms show of whom, what and until when. */
export function scopeFields(env, home, values) {
  const of = (name) => values.get(name) ?? '';
  const topics = topicsOf(values);
  return {
    residents: home.residents.length > 1 ? home.residents.map((one) => ({value: one.id, text: one.fields.given ?? one.fields.name, chosen: one.id === of('resident')})) : null,
    resident: of('resident'), nobody: !of('to'), recipients: recipientChoices(env, recipients(env, home.people), of('to')),
    topics: TOPICS.map((value) => ({value, name: env.say(`topic.${value}`), yours: [env.say(`yours.${value}`), secrecy(env, value)].filter(Boolean).join(' · '), chosen: topics.includes(value)})),
    periods: options(env, PERIODS, 'period', of('period') || 'months3'), befores: options(env, ['no', 'yes'], 'before', of('before') || 'no'), today: env.today(),
  };
}

function fresh(env, home, name, again) {
  const values = new FormData();
  const {fields} = again ?? {};
  const resident = again?.subject.slice('resident:'.length) ?? (home.residents.length === 1 ? home.residents[0].id : '');
  const usual = {op: env.phone.id(), draft_of: name, resident, period: 'months3', before: fields?.before ? 'yes' : 'no', how: 'spoken', about: fields?.about ?? 'secrecy'};
  const filled = fields ? {to: `${fields.to_kind}:${fields.to}`, purpose: fields.purpose ?? ''} : {};
  for (const [key, value] of Object.entries({...usual, ...filled})) values.set(key, value);
  for (const topic of (fields?.topics ?? []).filter((one) => !BY_NAME.includes(one))) values.append('topics', topic);
  return values;
}

function judged(env, home, values) {
  const errors = unclear(env, home, values);
  if (!['yes', 'no'].includes(values.get('answer'))) errors.push({field: 'answer', message: env.say('wrong.consent.answer')});
  errors.push(...unsigned(env, home, values));
  if (errors.length) return {changes: [], errors};
  const made = said(env, home, values);
  const changes = [made, ...replaced(env, home, made)];
  return {changes, errors: faults(env, changes)};
}

function said(env, home, values) {
  const answer = values.get('answer');
  const {whom, sentence: read} = readBack(env, home.people, values);
  const {until, before, ...scope} = scopeOf(env, home, values);
  // A no does not run out by itself, and closes what was written before as well.
  const limits = answer === 'no' ? {} : {...(until && {until}), before};
  const optional = Object.fromEntries(['purpose', 'present'].map((name) => [name, line(values, name)]).filter(([, value]) => value));
  const words = `${whom}\n${read}\n${env.say(`answer.${answer}`)}`;
  return env.phone.change('consent', {
    subject: `resident:${values.get('resident')}`, topic: 'practical', by: writer(env).id, fields: {about: aboutOf(values), answer, ...scope, ...limits, ...optional, ...howGiven(home, values), words, version: VERSION},
  });
}

/** Who says yes takes back an earlier no to the same recipient, and the other way round: a no in force would beat the new yes. What a no also covered stays refused. */
function replaced(env, home, made) {
  const {answer, about, topics} = made.fields;
  const before = home.known.consent.filter((one) => sameTo(one, made) && one.fields.about === about && one.fields.answer !== answer && inForce(env, one));
  return before.filter((one) => one.fields.topics.some((topic) => topics.includes(topic))).flatMap((one) => {
    const rest = one.fields.topics.filter((topic) => !topics.includes(topic));
    if (!rest.length) return [withdrawal(env, one)];
    if (one.fields.answer === 'yes') return [];
    return [withdrawal(env, one), env.phone.change('consent', {subject: one.subject, topic: 'practical', by: writer(env).id, fields: {...one.fields, topics: rest}})];
  });
}

function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const about = aboutOf(values);
  return show(env, 'consent_new.html', {
    household: home.id, lead: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors, ...scopeFields(env, home, values),
    ...readBack(env, home.people, values), values: Object.fromEntries(['purpose', 'until', 'present'].map((name) => [name, of(name)])),
    ...howFields(env, home, values), abouts: options(env, ABOUTS, 'about', about), about_open: about !== 'secrecy',
  }, {status, page: 'consent-new', back: {href: `/households/${home.id}/consents`, text: env.say('page.back')}, spoken: trouble || draft});
}
