/** Veiligheid: whom to call, the five steps of the reporting code with what there is to weigh, and what was written down of them; none of it has to be. */
import {faults} from './faults.js';
import {FULL, byKind, go, line, missing, options, show, stated, text, writer} from './page.js';
import {signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {door_of} from './home.js';
import {numbersOf} from './numbers.js';
import {readersOfSafety} from './readers.js';
import {stepsShown} from './veil.js';

const NUMBERS = ['urgent', 'safe_home', 'police'];
const STEPS = ['signals', 'consult', 'talk', 'weigh', 'decide'];
const WITH = ['consult', 'talk'];
const QUESTIONS = ['suspicion', 'danger', 'able', 'accepted', 'lasting'];
const ANSWERS = ['yes', 'no', 'unsure'];
const DECISIONS = ['help', 'report', 'both', 'neither'];

/** GET /households/{id}/steps; ?saved= a step just written down. What was written down is shown to whoever unlocks once more; else nothing here changes by itself, and what is read stays open. */
export async function safetySteps(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const records = await Promise.all(home.residents.map(({subject}) => env.phone.records(subject)));
  const {all, kept: veiled} = stepsShown(env, byKind(records.flat()).safety_step);
  await Promise.all([...new Set(all.map(({subject}) => subject))].map((subject) => env.phone.reads.note(subject, 'safety')));
  const saved = await savedWords(env, new URL(request.url).searchParams.get('saved'));
  return show(env, 'safety_steps.html', {
    where: home.house.fields.name, saved, numbers: numbersOf(env, NUMBERS),
    steps: STEPS.map((step, i) => guide(env, home, step, i + 1)), questions: questions(env), nobody: !home.residents.length,
    veiled: veiled ? env.say('safety_step.recorded_n', {n: veiled}) : '', recorded: all.sort((a, b) => b.fields.at - a.fields.at).map((one) => written(env, home, one)),
    readers: await readersOfSafety(env, home), share: `/households/${id}/shares/new`,
  }, {tab: 'households', page: 'safety', live: all.length > 0 || Boolean(saved), spoken: saved, back: {href: `/households/${id}`, text: home.house.fields.name}});
}

/** GET /households/{id}/steps/new?step=; words half written come back to whoever unlocks once more. */
export async function newSafetyStep(request, env, {id}) {
  const {home, step} = await find(request, env, id);
  if (!home?.residents.length) return missing(env);
  const name = `safety-step household:${id} ${step}`;
  const draft = await kept(env, name);
  if (draft && !env.phone.verified()) return form(env, home, step, new FormData(), {veiled: true});
  const values = draft ?? new FormData();
  const only = home.residents.length > 1 ? '' : home.residents[0].id;
  if (!draft) for (const [key, value] of Object.entries({op: env.phone.id(), draft_of: name, day: env.today(), resident: only})) values.set(key, value);
  return form(env, home, step, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/steps?step=. */
export async function addSafetyStep(request, env, {id}) {
  const {home, step} = await find(request, env, id);
  if (!home?.residents.length) return missing(env);
  const values = await request.formData();
  const one = home.residents.find((resident) => resident.id === values.get('resident'));
  const change = env.phone.change('safety_step', {subject: (one ?? home.residents[0]).subject, topic: 'safety', by: writer(env).id, fields: told(env, step, values)});
  const errors = [...one ? [] : [{field: 'resident', message: env.say('safety_step.about')}], ...faults(env, [change])];
  if (errors.length) return form(env, home, step, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, step, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}/steps?saved=${made[0].record}`);
}

async function find(request, env, id) {
  const asked = new URL(request.url).searchParams.get('step');
  return {home: await door_of(env, id), step: STEPS.find((one) => one === asked) ?? STEPS[0]};
}

async function savedWords(env, record) {
  const state = record && (await env.phone.states()).get(record)?.state;
  return state ? `${env.say('safety_step.saved')} ${env.say(state === 'held' ? 'safety_step.held' : `saved.${state}`)}` : '';
}

function guide(env, home, step, n) {
  return {n, step, title: env.say(`safety_step.${step}`), text: env.say(`safety_step.${step}.do`), weighs: step === 'weigh', href: `/households/${home.id}/steps/new?step=${step}`};
}

function questions(env) {
  return QUESTIONS.map((name, i) => `${i + 1}. ${env.say(`safety_step.${name}`)}`);
}

function told(env, step, values) {
  const chosen = {...(step === 'weigh' && Object.fromEntries(QUESTIONS.map((name) => [name, values.get(name)]))), ...(step === 'decide' && {decision: values.get('decision')})};
  const all = {step, text: text(values, 'text'), ...(WITH.includes(step) && {with: line(values, 'with')}), ...chosen, day: line(values, 'day') ?? env.today(), at: env.now()};
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

function written(env, home, one) {
  const {fields} = one;
  const answers = QUESTIONS.filter((name) => fields[name]).map((name) => ({name: env.say(`safety_step.${name}`), text: env.say(`safety_step.answer.${fields[name]}`)}));
  const decision = fields.decision ? [{name: env.say('safety_step.decision'), text: env.say(`safety_step.decision.${fields.decision}`)}] : [];
  const whom = fields.with ? [{name: env.say('safety_step.with'), text: fields.with}] : [];
  const whose = home.residents.length > 1 ? home.residents.find(({subject}) => subject === one.subject)?.fields.name ?? '' : '';
  return {
    title: env.say(`safety_step.${fields.step}`), about: whose, text: fields.text ?? '', facts: [...whom, ...answers, ...decision], ...stated(env, one.state),
    meta: `${fields.day ? env.speaker().date(fields.day) : env.speaker().when(one.at, env.now())} · ${signature(env, home.people, one)}`,
  };
}

async function form(env, home, step, values, {errors = [], trouble = '', draft = '', status = 200, veiled = false}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'safety_step_new.html', {
    title: env.say(`safety_step.${step}`), lead: env.say(`safety_step.${step}.do`), where: home.house.fields.name, action: `/households/${home.id}/steps?step=${step}`, op: of('op'), form: of('draft_of'),
    draft, trouble, errors, veiled, residents: home.residents.length > 1 ? home.residents.map(({id, fields}) => ({value: id, text: fields.name, chosen: id === of('resident')})) : null, resident: of('resident'),
    label: env.say(`safety_step.${step}.text`), whom: WITH.includes(step), questions: step === 'weigh' ? questions(env).map((asked, i) => ({name: QUESTIONS[i], text: asked, answers: options(env, ANSWERS, 'safety_step.answer', of(QUESTIONS[i]))})) : [],
    decisions: step === 'decide' ? options(env, DECISIONS, 'safety_step.decision', of('decision')) : [], values: {text: of('text'), with: of('with'), day: of('day')}, today: env.today(), readers: await readersOfSafety(env, home, of('resident') || null),
  }, {status, page: 'safety-new', live: veiled, back: {href: `/households/${home.id}/steps`, text: env.say('page.back')}, spoken: trouble || draft});
}
