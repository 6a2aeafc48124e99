/** How it goes with somebody: what they can bear and what they carry, by their own word, and how that went on. */
import {faults} from './faults.js';
import {FULL, go, line, missing, show, text, writer} from './page.js';
import {helpersOf} from './helper_rows.js';
import {homeWith} from './home.js';
import {keepForm, kept} from './drafts.js';
import {SIDES, loadWords, sideWords} from './load_words.js';
import {readersOfPlan} from './readers.js';

const HALFWAY = '5';
const LAST = 8;
// The small picture of how it went: its width and height, and how high one step of ten is.
const PICTURE = {width: 280, height: 84, edge: 12, step: 6};

/** {loads, private}: whoever agreed that the other sees it, and those to be looked at alone; each with the way to ask again. */
export function loadsOf(env, home, helpers) {
  const people = whose(home, helpers).map((one) => ({...one, all: loadsOfOne(home, one.id)}));
  return {
    loads: people.map((one) => ({...person(env, home, one, one.all.filter(({fields}) => fields.shown)), op: env.phone.id(), hide: `/households/${home.id}/loads/hiding?whose=${one.id}`})),
    private: people.filter(({all}) => all.some(({fields}) => !fields.shown)).map((one) => ({...person(env, home, one, one.all), id: `private-${one.id}`})),
  };
}

/** GET /households/{id}/loads/new?whose= a resident or a carer. */
export async function newLoad(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const name = `load-new household:${id} ${one.id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of Object.entries({op: env.phone.id(), draft_of: name, day: env.today(), strength: HALFWAY, burden: HALFWAY})) values.set(key, value);
  return form(env, home, one, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/loads?whose= a resident or a carer. */
export async function addLoad(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const words = text(values, 'text');
  const numbers = Object.fromEntries(SIDES.map((side) => [side, Number(values.get(side) ?? NaN)]));
  const fields = {whose: one.id, ...numbers, shown: values.get('shown') === 'yes', day: line(values, 'day') ?? env.today(), at: env.now(), ...(words && {text: words})};
  const change = env.phone.change('load', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields});
  const errors = faults(env, [change]);
  if (errors.length) return form(env, home, one, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, one, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/households/${id}/network?saved=${made[0].record}`);
}

/** POST /households/{id}/loads/hiding?whose= a resident or a carer: what was shown is not shown any more. */
export async function hideLoads(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const changes = loadsOfOne(home, one.id).filter(({fields}) => fields.shown).map(({record}) => env.phone.change('load', {record, by: writer(env).id, fields: {shown: false}}));
  if (changes.length) await keepForm(env, changes, values);
  return go(`/households/${id}/network`);
}

async function find(request, env, id) {
  const home = await homeWith(env, id, ['load']);
  const asked = new URL(request.url).searchParams.get('whose');
  return {home, one: home && (whose(home, helpersOf(env, home.known).here).find((one) => one.id === asked) ?? null)};
}

function whose(home, helpers) {
  const carers = helpers.filter(({fields}) => fields.relation === 'carer');
  return [...home.residents, ...carers].map(({id, fields}) => ({id, name: fields.given ?? fields.name}));
}

function loadsOfOne(home, id) {
  return home.known.load.filter(({fields}) => fields.whose === id).sort((a, b) => a.fields.day.localeCompare(b.fields.day) || a.at - b.at).slice(-LAST);
}

function person(env, home, {id, name}, loads) {
  const last = loads.at(-1);
  return {
    id, title: env.say('load.how', {name}), href: `/households/${home.id}/loads/new?whose=${id}`, ask: env.say('load.ask', {name}),
    none: loads.length ? '' : env.say('load.none'), said: last ? SIDES.map((side) => sideWords(env, side, last.fields[side])).join(' ') : '', text: last?.fields.text ?? '',
    lines: loads.length > 1 ? SIDES.map((side) => ({side, points: points(loads, side)})) : null, ...PICTURE,
    rows: loads.map(({fields}) => ({day: env.speaker().day_short(fields.day), strength: fields.strength, burden: fields.burden})).reverse(),
  };
}

function points(loads, side) {
  const {width, height, edge, step} = PICTURE;
  return loads.map(({fields}, i) => `${edge + Math.round(i * (width - 2 * edge) / (loads.length - 1))},${height - edge - fields[side] * step}`).join(' ');
}

async function form(env, home, one, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const said = loadWords(env, values);
  return show(env, 'load_new.html', {
    title: env.say('load.how', {name: one.name}), where: home.house.fields.name, action: `/households/${home.id}/loads?whose=${one.id}`, op: of('op'), form: of('draft_of'), draft, trouble, errors,
    sides: SIDES.map((side, i) => ({name: side, label: env.say(`load.${side}.ask`), value: of(side), least: env.say(`load.${side}.least`), most: env.say(`load.${side}.most`), ...said[i]})),
    values: {text: of('text'), day: of('day')}, shown: of('shown') === 'yes', today: env.today(), readers: await readersOfPlan(env, home),
  }, {status, page: 'load-new', back: {href: `/households/${home.id}/network`, text: env.say('page.back')}, spoken: trouble || draft});
}
