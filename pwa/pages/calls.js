/** Iemand belde: what somebody else did, could not do or worries about, told by phone and noted on their behalf. */
import {faults} from './faults.js';
import {go, line, missing, text, writer} from './page.js';
import {dayOf, find, task} from './tasks.js';

const OUTCOMES = ['done', 'could_not'];

/** POST /tasks/{id}/calls: done, could not, or a worry, which needs words; by a helper of the network or somebody by name. */
export async function noteCall(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const values = await request.formData();
  const change = env.phone.change(...said(request, env, found, values));
  const worried = change.kind === 'worry' && !change.fields.text;
  const errors = worried ? [{field: 'call_text', message: env.say('errand.words')}] : faults(env, [change]).map((one) => ({...one, field: 'call_text'}));
  if (errors.length) return task(request, env, {id}, {errors, status: 422, values: {call_text: text(values, 'call_text'), call_name: line(values, 'call_name')}});
  const {changes: [made]} = await env.phone.add([change], {op: values.get('op')});
  env.wake();
  return go(change.kind === 'worry' ? `/worries/${made.record}` : `/tasks?saved=${made.record}`);
}

/** (kind, the rest of its change): a name that is no helper's stands before the words. */
function said(request, env, found, values) {
  const {one, known} = found;
  const helper = known.helper.find((each) => each.id === values.get('call_helper') && each.subject === one.subject)?.id;
  const name = helper ? null : line(values, 'call_name');
  const words = [name && env.say('calls.called', {name}), text(values, 'call_text')].filter(Boolean).join(' ');
  const day = dayOf(request, env, found);
  const outcome = OUTCOMES.find((each) => each === values.get('outcome'));
  const fields = {task: one.id, at: env.now(), ...(day && {day}), ...(helper && {helper})};
  const about = {subject: one.subject, topic: 'practical', by: writer(env).id};
  if (outcome) return ['completion', {...about, fields: {...fields, outcome, ...(words && {text: words})}}];
  return ['worry', {...about, fields: {...fields, ...(text(values, 'call_text') && {text: words}), ...(one.fields.visit && {visit: one.fields.visit})}}];
}
