/** Zelf gemeten: what a resident or their family measured, noted by a professional, each value beside and never instead of their own. */
import {local} from '../i18n.js';
import {faults} from './faults.js';
import {FULL, go, line, missing, options, show, writer} from './page.js';
import {door_of} from './home.js';
import {keepForm, kept} from './drafts.js';
import {fields as measureFields, readings} from './measurements.js';
import {readersOf} from './readers.js';

const BY = ['resident', 'family'];

/** GET /households/{id}/measurements/new. */
export async function newMeasurement(request, env, {id}) {
  const home = await measurable(env, id);
  if (!home) return missing(env);
  const name = `measurement-new household:${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  const begun = {op: env.phone.id(), draft_of: name, day: env.today(), time: local(env.now()).time, resident: home.residents[0].id};
  if (!draft) for (const [key, value] of Object.entries(begun)) values.set(key, value);
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/measurements: each value as a record of its own. */
export async function addMeasurement(request, env, {id}) {
  const home = await measurable(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const errors = unclear(env, values);
  const changes = errors.length ? [] : changesOf(env, home, values);
  const wrong = [...errors, ...faults(env, changes)];
  if (wrong.length) return form(env, home, values, {errors: wrong, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, changes, values);
  return made ? go(`/households/${id}?saved=${made[0].record}`) : form(env, home, values, {trouble: env.say('full.form'), status: FULL});
}

/** The home, when somebody lives there whose body is this colleague's business. */
async function measurable(env, id) {
  const home = await door_of(env, id);
  return home?.residents.length && writer(env).role !== 'outreach' ? home : null;
}

function changesOf(env, home, values) {
  const resident = home.residents.find((one) => one.id === values.get('resident'))?.id ?? home.residents[0].id;
  const device = line(values, 'device');
  const fields = {at: instant(values), by_whom: values.get('by_whom'), ...(device && {device})};
  return readings(values).map(({what, value, second}) => env.phone.change('measurement', {
    subject: `resident:${resident}`, topic: 'body', by: writer(env).id, fields: {what, value, ...(second !== null && {second}), ...fields},
  }));
}

/** What is missing or cannot be: [{field, message}]. */
function unclear(env, values) {
  const all = readings(values), at = instant(values);
  const found = all.flatMap(({what, wrong}) => wrong.map((field) => ({field, message: env.say(`wrong.number.${what}`)})));
  if (!all.length) found.push({field: 'm_blood_pressure', message: env.say('selfmeasured.none')});
  if (!BY.includes(values.get('by_whom'))) found.push({field: 'by_whom', message: env.say('wrong.required')});
  if (!(at <= env.now())) found.push({field: 'day', message: env.say('selfmeasured.later')});
  return found;
}

/** The moment of a day and time as they are typed here; NaN when they are none. */
function instant(values) {
  const typed = Date.parse(`${values.get('day')}T${line(values, 'time') ?? '12:00'}:00Z`);
  if (Number.isNaN(typed)) return NaN;
  const {date, time} = local(typed);
  return 2 * typed - Date.parse(`${date}T${time}:00Z`);
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const several = home.residents.length > 1;
  return show(env, 'measurement_new.html', {
    household: home.id, where: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors,
    residents: several ? home.residents.map((one) => ({value: one.id, text: one.fields.given ?? one.fields.name, chosen: one.id === of('resident')})) : null,
    bys: options(env, BY, 'selfmeasured.by', of('by_whom')), values: {day: of('day'), time: of('time'), device: of('device')},
    measures: measureFields(env, values), readers: await readersOf(env, home, ['body'], of('resident') || null),
  }, {status, page: 'measurement-new', back: {href: `/households/${home.id}`, text: env.say('page.back')}, spoken: trouble || draft});
}
