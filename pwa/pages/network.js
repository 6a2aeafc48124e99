/** Who is there for somebody: the network of a household as a picture, a week and a list, on a page that can be turned to them. */
import {missing, savedLine, show} from './page.js';
import {carriersOf} from './carriers.js';
import {helperCard, helpersOf, pastRow} from './helper_rows.js';
import {homeWith} from './home.js';
import {loadsOf} from './loads.js';
import {togetherOf} from './interests.js';
import {inSentence} from './names.js';
import {pausesOf} from './pauses.js';
import {pictureOf} from './picture.js';
import {weekOf} from './week.js';

/** GET /households/{id}/network; ?saved= what was just written here. */
export async function networkOf(request, env, {id}) {
  const home = await homeWith(env, id, ['load']);
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const {here, past} = helpersOf(env, home.known);
  const record = new URL(request.url).searchParams.get('saved');
  const saved = await savedLine(env, record, savedHere(home, record));
  const name = inSentence(home.house.fields.name);
  return show(env, 'network.html', {
    household: id, title: env.say('network.title', {name}), saved, empty: here.length ? '' : env.say('network.empty', {name}), pauses: pausesOf(env, home),
    picture: here.length ? pictureOf(env, home.house, here) : null, week: here.length ? weekOf(env, home, here) : [], helpers: here.map((one) => helperCard(env, home, one)),
    carriers: carriersOf(env, home), give: giveOf(env, id, here), past: past.map((one) => pastRow(env, home, one)), ...loadsOf(env, home, here), together: togetherOf(env, home),
  }, {tab: 'households', page: 'network', live: true, spoken: saved, back: {href: `/households/${id}`, text: home.house.fields.name}});
}

/** How the network goes to another system, for whoever shows once more that this phone is theirs; null when nobody agreed to anything. */
function giveOf(env, id, here) {
  if (!here.some(({fields}) => fields.agreed === 'yes')) return null;
  return {offline: !env.online(), href: env.phone.verified() ? `/networks/${id}` : ''};
}

function savedHere({known}, record) {
  const kind = ['pause', 'load'].find((one) => known[one].some(({id}) => id === record));
  return {pause: 'pause.saved', load: 'load.saved'}[kind] ?? 'helper.saved';
}
