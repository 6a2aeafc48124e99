/** Links for who wants no account: one is made without signal, shown once, and taken back as a consent is. */
import * as rules from '../../sync/rules.js';
import {faults} from './faults.js';
import {FULL, go, missing, savedLine, show, stated, writer} from './page.js';
import {door_of} from './home.js';
import {keepForm} from './drafts.js';
import {askable, helpersOf} from './helper_rows.js';
import {answer, repeats} from './task_rows.js';

const WEEK_DAYS = 7, MOST = 20;
const SCOPES = ['one', 'week'];

/** Whether a task can be handed over by a link: it has a day, and is in nobody's hands who has an account. */
export function handedByLink({fields}) {
  return Boolean(fields.due) && !fields.volunteer;
}

/** GET /tasks/{id}/links?saved= one just withdrawn. */
export async function links(request, env, {id}) {
  const found = await find(env, id);
  return found ? page(request, env, found) : missing(env);
}

/** POST /tasks/{id}/links: the link itself is on the page that answers this, and nowhere else ever again. */
export async function addLink(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const values = await request.formData();
  const helper = people(env, found).find((one) => one.id === values.get('helper'));
  if (!helper) return page(request, env, found, {errors: [{field: 'helper', message: env.say('link.who')}], trouble: env.say('page.mend'), status: 422});
  const token = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const changes = [linkOf(env, found, helper, values.get('scope'), await hashed(token)), ...withCall(env, found)];
  const errors = faults(env, changes);
  const made = errors.length ? null : await keepForm(env, changes, values);
  if (!made) return page(request, env, found, {errors, trouble: env.say(errors.length ? 'page.mend' : 'full.form'), status: errors.length ? 422 : FULL});
  const fresh = {link: `${new URL(request.url).origin}/l#${token}`, text: env.say('link.for', {name: helper.fields.name})};
  return page(request, env, await find(env, id), {fresh});
}

/** POST /links/{id}/revocation?in= household: taken back, at once and without a question. */
export async function revokeLink(request, env, {id}) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home?.known.link.find((known) => known.id === id);
  if (!one) return missing(env);
  const values = await request.formData();
  if (!one.fields.revoked) await keepForm(env, [env.phone.change('link', {record: one.record, by: writer(env).id, fields: {revoked: true}})], values);
  return go(`/tasks/${one.fields.tasks[0]}/links?saved=${id}`);
}

async function find(env, id) {
  const one = (await env.phone.first()).find((record) => record.kind === 'task' && record.id === id);
  const home = one && await door_of(env, one.subject.slice('household:'.length));
  const task = home?.known.task.find((known) => known.id === id);
  return task && handedByLink(task) ? {home, task} : null;
}

async function page(request, env, {home, task}, {fresh = null, errors = [], trouble = '', status = 200} = {}) {
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'link.withdrawn');
  // What was just made is not told of twice; whether the office has it stands above the page.
  const given = fresh ? [] : [...home.known.link].sort((a, b) => b.at - a.at).map((one) => row(env, home, one));
  return show(env, 'links.html', {
    what: task.fields.what, task: task.id, household: home.id, op: env.phone.id(), fresh, saved, errors, trouble, given,
    helpers: people(env, {home, task}).map(({id, fields}) => ({value: id, text: fields.name, chosen: id === task.fields.helper})),
    scopes: SCOPES.map((value) => ({value, text: env.say(`link.scope.${value}`), chosen: value === 'one'})),
  }, {status, page: 'links', back: {href: `/tasks/${task.id}`, text: task.fields.what}, spoken: trouble || saved || (fresh ? env.say('link.ready') : '')});
}

function row(env, home, one) {
  const {fields, id} = one;
  const name = home.known.helper.find((helper) => helper.id === fields.helper)?.fields.name ?? env.say('hand.unknown');
  const over = fields.revoked || fields.until < env.today();
  const what = fields.tasks.map((task) => home.known.task.find((known) => known.id === task)?.fields.what).filter(Boolean).join(', ');
  const state = fields.revoked ? env.say('link.is_withdrawn') : env.say(over ? 'link.was_until' : 'link.until', {date: env.speaker().date(fields.until)});
  return {name, what, until: state, act: over ? '' : `/links/${id}/revocation?in=${home.id}`, op: env.phone.id(), ...stated(env, one.state)};
}

/** Who may be given a link: who has no account, and did not say no; of a task that somebody took on, they alone. */
function people(env, {home, task}) {
  const free = ({id}) => !task.fields.helper || task.fields.helper === id;
  return helpersOf(env, home.known).here.filter((one) => askable(one) && !one.fields.volunteer && free(one));
}

function linkOf(env, {home, task}, helper, scope, hash) {
  const week = rules.day_add(env.today(), WEEK_DAYS);
  const more = scope === 'week' ? home.known.task.filter((one) => one.id !== task.id && theirs(env, home, one, helper, week)) : [];
  const last = rules.day_add(task.fields.due > env.today() ? task.fields.due : env.today(), 1);
  const until = (scope === 'week' || repeats(task.fields)) && week > last ? week : last;
  const fields = {tasks: [task, ...more].slice(0, MOST).map(({id}) => id), helper: helper.id, token_hash: hash, until};
  return env.phone.change('link', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields});
}

/** Whether a helper has a task that falls within the coming week and is still to be done. */
function theirs(env, home, one, helper, week) {
  if (one.fields.helper !== helper.id || !handedByLink(one)) return false;
  return repeats(one.fields) ? rules.occurrences({...one.fields, start: one.fields.due}, env.today(), week).length > 0 : one.fields.due <= week && !answer(home.known, one.id);
}

/** Whom to call, where a task does not say it yet: me. */
function withCall(env, {home, task}) {
  if (task.fields.call || task.fields.call_phone) return [];
  const by = writer(env).id;
  const phone = home.people.get(by)?.phone;
  return [env.phone.change('task', {record: task.record, by, fields: {call: env.phone.me().name, ...(phone && {call_phone: phone})}})];
}

async function hashed(token) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
