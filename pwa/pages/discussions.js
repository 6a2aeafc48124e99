/** Overleg: who were there, what was decided and who does what; longer with the question and what all of them know together. */
import {faults} from './faults.js';
import {FULL, go, line, missing, options, show, text, writer} from './page.js';
import {teammates} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {home_of} from './home.js';
import {about} from './liaison_words.js';
import {aloud, cover, readersHere, uncovered} from './nameless.js';
import {MOST_AGREED, candidates, participants, readersOfDiscussion} from './participants.js';
import {BETWEEN} from './nearest.js';
import {TOPICS} from './second_look.js';
import {isOpen} from './steering_rows.js';

const WAYS = ['huddle', 'case'];
const TOLD = ['there', 'yes', 'later'];
const TYPED = ['other', 'question', 'decision'];

/** GET /households/{id}/discussions/new; ?agenda= what of the agenda is discussed. */
export async function newDiscussion(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const name = `discussion-new household:${id}`;
  const draft = await kept(env, name);
  const usual = {op: env.phone.id(), draft_of: name, way: 'huddle', topic: 'practical', resident: home.residents[0]?.id ?? ''};
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of Object.entries(usual)) values.set(key, value);
  const item = onAgenda(home, new URL(request.url).searchParams.get('agenda'));
  const first = item ?? (draft ? null : waiting(home)[0]);
  if (first) values.set('agenda', first.id);
  if (item && !text(values, 'question')) values.set('question', item.fields.question);
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/discussions: the discussion, a note for each topic of its picture and a task for each agreement, in one transaction. */
export async function addDiscussion(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const changes = made(env, home, values);
  const errors = [...faults(env, changes).map((one) => inForm(env, one)), ...await unsaid(env, home, values)];
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const done = await keepForm(env, changes, values);
  if (!done) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}?saved=${done[0].record}`);
}

/** What is on the agenda of this home under this id and was not discussed yet, or null. */
function onAgenda(home, id) {
  return waiting(home).find((one) => one.id === id) ?? null;
}

/** What waits on the agenda of this home, the longest first. */
function waiting({known}) {
  return known.agenda.filter(isOpen).sort((a, b) => a.at - b.at);
}

/** What is discussed here of the agenda, to be left out by who talks of something else. */
function agendaItem(env, home, values) {
  const item = onAgenda(home, values.get('agenda')) ?? waiting(home)[0];
  return item ? {id: item.id, text: env.say('discussion.on_agenda', {question: item.fields.question}), chosen: item.id === values.get('agenda')} : null;
}

function made(env, home, values) {
  const {id: by, team} = writer(env);
  const at = env.now();
  const item = onAgenda(home, values.get('agenda'));
  const fields = {
    way: WAYS.find((one) => one === values.get('way')) ?? 'huddle', with: participants(env, home, values).map(({name}) => name).join(BETWEEN), nameless: values.has('nameless'),
    question: text(values, 'question'), decision: text(values, 'decision'), agenda: item?.id, told: TOLD.find((one) => one === values.get('told')), day: env.today(), at,
  };
  const discussion = env.phone.change('discussion', {...about(home, values), by, fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value))});
  const resident = (home.residents.find((one) => one.id === values.get('resident')) ?? home.residents[0])?.subject;
  const seen = resident ? TOPICS.map((topic) => [topic, text(values, `text_${topic}`)]).filter(([, words]) => words) : [];
  const notes = seen.map(([topic, words]) => env.phone.change('note', {subject: resident, topic, by, fields: {text: words, aspect: 'seen', discussion: discussion.record, at}}));
  const over = item ? [env.phone.change('agenda', {record: item.record, by, fields: {closed: true}})] : [];
  return [discussion, ...over, ...notes, ...agreed(home, values).map((task) => env.phone.change('task', {
    subject: home.house.subject, topic: 'practical', by, fields: {team: home.people.get(task.owner)?.team ?? team, ...task, discussion: discussion.record},
  }))];
}

/** What was agreed, as far as it was filled in: [{what, owner, due}]. */
function agreed(home, values) {
  const rows = Array.from({length: MOST_AGREED}, (_, n) => ({what: line(values, `what_${n}`), owner: line(values, `owner_${n}`), due: line(values, `due_${n}`)}));
  return rows.filter(({what}) => what).map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value)));
}

/** A fault of a change beside the field that it came from. */
function inForm(env, {field, why, kind, change, message}) {
  if (kind === 'note') return {field: `text_${change.topic}`, message};
  if (kind === 'task') return {field: 'what', message};
  return {field, message: field === 'with' && ['required', 'empty'].includes(why) ? env.say('discussion.whom') : message};
}

/** What is left to say before it can be kept. */
async function unsaid(env, home, values) {
  const empty = !text(values, 'decision') && !text(values, 'question') ? [{field: 'decision', message: env.say('discussion.needs_decision')}] : [];
  const named = values.has('nameless') ? [] : await uncovered(env, home, values);
  return [...empty, ...(named.length ? [{field: 'nameless', message: env.say('discussion.needs_nameless')}] : [])];
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const chosen = new Set(values.getAll('who'));
  const bodily = writer(env).role !== 'outreach' || of('topic') === 'body';
  const topics = home.residents.length ? TOPICS.filter((topic) => topic !== 'body' || bodily) : [];
  const longer = of('way') === 'case' || ['question', 'told', ...topics.map((topic) => `text_${topic}`)].some((name) => of(name));
  return show(env, 'discussion_new.html', {
    household: home.id, where: home.house.fields.name, op: of('op'), item: agendaItem(env, home, values), form: of('draft_of'), draft, trouble, errors, values: Object.fromEntries(TYPED.map((name) => [name, of(name)])),
    people: candidates(env, home, chosen).map(({id, name}) => ({id, name, chosen: chosen.has(id)})), nameless: values.has('nameless'), ways: options(env, WAYS, 'discussion.way', of('way')), longer,
    told: options(env, TOLD, 'discussion.told', of('told')), topics: options(env, topics, 'topic', of('topic')), resident: of('resident'),
    residents: home.residents.length > 1 ? home.residents.map(({id, fields}) => ({value: id, text: fields.given ?? fields.name, chosen: id === of('resident')})) : null,
    picture: topics.map((topic) => ({id: topic, name: env.say(`topic.${topic}`), text: of(`text_${topic}`)})), agreed: await agreedFields(env, home, values), more: of('what_1') !== '' || of('what_2') !== '',
    cover: await cover(env, home, values), aloud: aloud(env, home, values), readers: await readersOfDiscussion(env, home, values),
  }, {status, page: 'discussion-new', back: {href: `/households/${home.id}`, text: env.say('page.back')}, spoken: trouble || draft});
}

/** A row for each agreement, to be done by my team or whoever may read it; the later ones are folded away until they are used. */
async function agreedFields(env, home, values) {
  const worn = writer(env);
  const mates = teammates(env, home.people, worn).map(({hat, name}) => [hat, hat === worn.id ? env.say('task.me') : name]);
  const owners = [...mates, ...(await readersHere(env, home)).filter(({id}) => !mates.some(([hat]) => hat === id)).map(({id, name}) => [id, name])];
  return Array.from({length: MOST_AGREED}, (_, n) => {
    const of = (name) => values.get(`${name}_${n}`) ?? '';
    return {n, what: of('what'), due: of('due'), owners: [['', env.say('task.anybody')], ...owners].map(([value, name]) => ({value, text: name, chosen: value === of('owner')}))};
  });
}
