/** Afgestemd: with whom somebody tuned in, how and about what; corridor talk too. */
import {faults} from './faults.js';
import {FULL, go, line, missing, options, show, text, writer} from './page.js';
import {keepForm, kept} from './drafts.js';
import {home_of} from './home.js';
import {about, readersOfLiaison} from './liaison_words.js';
import {BETWEEN, around} from './nearest.js';
import {TOPICS} from './second_look.js';

const WAYS = ['call', 'message', 'corridor', 'meeting'];
const PASSING = 'corridor';
const MOST = 6;

/** GET /households/{id}/liaisons/new, with ?with= somebody of the home and ?way= how, when that is known already. */
export async function newLiaison(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const name = `liaison-new household:${id}`;
  const draft = await kept(env, name);
  const values = asked(request, env, home, draft ?? fresh(env, home, name));
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/liaisons. */
export async function addLiaison(request, env, {id}) {
  const home = await home_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const change = env.phone.change('liaison', {...about(home, values), by: writer(env).id, fields: told(env, values)});
  const errors = faults(env, [change]).map((one) => (one.field === 'with' && one.why === 'required' ? {...one, message: env.say('liaison.whom')} : one));
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}?saved=${made[0].record}`);
}

function fresh(env, home, name) {
  const values = new FormData();
  for (const [key, value] of Object.entries({op: env.phone.id(), draft_of: name, way: PASSING, topic: 'practical', resident: home.residents[0]?.id ?? ''})) values.set(key, value);
  return values;
}

/** Whom the address names is chosen, and how; an id, so that no name stands in it. */
function asked(request, env, home, values) {
  const {searchParams} = new URL(request.url);
  const whom = around(env, home).find(({id}) => id === searchParams.get('with'));
  const way = WAYS.find((one) => one === searchParams.get('way'));
  if (whom && !values.getAll('who').includes(whom.name)) values.append('who', whom.name);
  if (way) values.set('way', way);
  return values;
}

function told(env, values) {
  const whom = [...values.getAll('who'), line(values, 'other')].filter(Boolean).join(BETWEEN);
  const words = text(values, 'text');
  return {...(whom && {with: whom}), way: WAYS.find((one) => one === values.get('way')) ?? PASSING, day: env.today(), at: env.now(), ...(words && {text: words})};
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const chosen = new Set(values.getAll('who'));
  const bodily = writer(env).role !== 'outreach' || of('topic') === 'body';
  const people = around(env, home).filter(({name}, place) => place < MOST || chosen.has(name));
  return show(env, 'liaison_new.html', {
    household: home.id, where: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors, values: {other: of('other'), text: of('text')},
    people: people.map(({name, note}) => ({name, note, chosen: chosen.has(name)})), ways: options(env, WAYS, 'liaison.way', of('way')),
    topics: home.residents.length ? options(env, TOPICS.filter((topic) => topic !== 'body' || bodily), 'topic', of('topic')) : [], resident: of('resident'),
    residents: home.residents.length > 1 ? home.residents.map(({id, fields}) => ({value: id, text: fields.given ?? fields.name, chosen: id === of('resident')})) : null,
    readers: await readersOfLiaison(env, home, values),
  }, {status, page: 'liaison-new', back: {href: `/households/${home.id}`, text: env.say('page.back')}, spoken: trouble || draft});
}
