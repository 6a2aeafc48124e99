/** A worry: what somebody near saw, what is done about it, and what they hear of it. */
import {faults} from './faults.js';
import {FULL, byKind, go, missing, savedLine, show, stated, text, writer} from './page.js';
import {colleagues, signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {door_of} from './home.js';
import {instant, stepsOf} from './worry_rows.js';

const STEPS = ['taken_up', 'advice', 'closed'];

/** GET /worries/{id}?saved= a step just taken. */
export async function worry(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const name = `worry ${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of [['op', env.phone.id()], ['draft_of', name]]) values.set(key, value);
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'worry.saved');
  return page(env, found, values, {draft: draft ? env.say('draft.back') : '', saved});
}

/** POST /worries/{id}/acknowledgements: taken up, an answer to who worried, or settled. */
export async function acknowledge(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const values = await request.formData();
  const words = text(values, 'text');
  const step = STEPS.find((one) => one === values.get('step')) ?? 'taken_up';
  const fields = {worry: id, step, at: env.now(), ...(words && {text: words}), ...(words && values.get('agreed') && {agreed: true})};
  const change = env.phone.change('acknowledgement', {subject: found.one.subject, topic: 'practical', by: writer(env).id, fields});
  const errors = step === 'advice' && !words ? [{field: 'text', message: env.say('worry.words')}] : faults(env, [change]);
  if (errors.length) return page(env, found, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  return made ? go(`/worries/${id}?saved=${made[0].record}`) : page(env, found, values, {trouble: env.say('full.form'), status: FULL});
}

async function find(env, id) {
  const known = byKind(await env.phone.first());
  const one = known.worry.find((each) => each.id === id);
  const home = one && await door_of(env, one.subject.slice('household:'.length));
  return home ? {known, one, home, people: colleagues(env, known.colleague, known.helper)} : null;
}

async function page(env, {known, one, home, people}, values, {errors = [], trouble = '', draft = '', saved = '', status = 200}) {
  const steps = stepsOf(known, one);
  const task = known.task.find(({id}) => id === one.fields.task);
  const of = (name) => values.get(name) ?? '';
  return show(env, 'worry_page.html', {
    id: one.id, text: one.fields.text, where: home.house.fields.name, hand: [one.fields.late && env.say('link.late'), env.speaker().when(instant(one), env.now()), signature(env, people, one, known.helper)].filter(Boolean).join(' · '), ...stated(env, one.state),
    task: task ? {text: task.fields.what, href: `/tasks/${task.id}?from=/households/${home.id}`} : null, house: `/households/${home.id}`,
    steps: steps.map((step) => stepLine(env, people, step)), closed: steps.some(({fields}) => fields.step === 'closed'), taken: steps.length > 0, hears: Boolean(one.fields.volunteer),
    op: of('op'), form: of('draft_of'), draft, trouble, errors, saved, values: {text: of('text')}, agreed: Boolean(of('agreed')),
  }, {status, page: 'worry', back: {href: `/households/${home.id}`, text: home.house.fields.name}, spoken: saved || trouble || draft});
}

function stepLine(env, people, step) {
  const {fields, state} = step;
  const told = fields.text ? env.say(fields.agreed ? 'worry.told' : 'worry.kept') : '';
  return {title: env.say(`worry.step.${fields.step}`), text: fields.text ?? '', told, hand: `${env.speaker().when(instant(step), env.now())} · ${signature(env, people, step)}`, ...stated(env, state)};
}
