/** What a helper was shown how to do: the topic, shown, understood and when. */
import {faults} from './faults.js';
import {FULL, go, line, missing, show, text, writer} from './page.js';
import {door_of} from './home.js';
import {signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {readersOfPlan} from './readers.js';

const FLAGS = ['showed', 'understood'];

/** What was explained to a helper, newest first, as rows. */
export function instructionRows(env, home, helper) {
  const given = home.known.instruction.filter(({fields}) => fields.helper === helper).sort((a, b) => b.fields.day.localeCompare(a.fields.day) || b.at - a.at);
  return given.map((one) => ({
    what: one.fields.what, text: one.fields.text ?? '', marks: FLAGS.filter((flag) => one.fields[flag]).map((flag) => env.say(`instruction.${flag}`)), practise: one.fields.understood ? '' : env.say('instruction.practise'),
    meta: `${env.speaker().date(one.fields.day)} · ${signature(env, home.people, one)}`,
  }));
}

/** GET /helpers/{id}/instructions/new?in= household. */
export async function newInstruction(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const name = `instruction-new household:${home.id} ${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of Object.entries({op: env.phone.id(), draft_of: name, day: env.today()})) values.set(key, value);
  return form(env, home, one, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /helpers/{id}/instructions?in= household. */
export async function addInstruction(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const flags = Object.fromEntries(FLAGS.filter((flag) => values.has(flag)).map((flag) => [flag, true]));
  const words = text(values, 'text');
  const fields = {helper: id, what: line(values, 'what'), day: line(values, 'day') ?? env.today(), at: env.now(), ...flags, ...(words && {text: words})};
  const change = env.phone.change('instruction', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields});
  const errors = faults(env, [change]);
  if (errors.length) return form(env, home, one, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, one, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/helpers/${id}?in=${home.id}&saved=${made[0].record}`);
}

async function find(request, env, id) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  return {home, one: home?.known.helper.find((helper) => helper.id === id) ?? null};
}

async function form(env, home, one, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const back = `/helpers/${one.id}?in=${home.id}`;
  return show(env, 'instruction_new.html', {
    title: env.say('instruction.new', {name: one.fields.name}), where: home.house.fields.name, action: `/helpers/${one.id}/instructions?in=${home.id}`, op: of('op'), form: of('draft_of'), draft, trouble, errors,
    values: {what: of('what'), text: of('text'), day: of('day')}, today: env.today(), readers: await readersOfPlan(env, home),
    flags: FLAGS.map((flag) => ({name: flag, text: env.say(`instruction.${flag}`), chosen: values.has(flag)})),
  }, {status, page: 'instruction-new', back: {href: back, text: env.say('page.back')}, spoken: trouble || draft});
}
