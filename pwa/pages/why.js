/** Waarom staat dit op mijn telefoon: one record's reason, and until when it holds. */
import {missing, secrecy, show} from './page.js';
import {home_of} from './home.js';
import {titleOf} from './previews.js';
import {reasonOf} from './reasons.js';

/** GET /why/{id}?in= household. */
export async function why(request, env, {id}) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home && Object.values(home.known).flat().find((record) => record.id === id);
  if (!one) return missing(env);
  const {pairs = []} = await env.phone.scope() ?? {};
  const pair = pairs.find(([subject, topic, until]) => subject === one.subject && topic === one.topic && (!until || until >= env.today()));
  const own = env.phone.isMine(one.record);
  const reason = own || !pair ? {why: env.say('why.own'), until: env.say('why.own_until')} : reasonOf(env, home, pair);
  const back = one.kind === 'visit' || home.known.visit.some((visit) => visit.id === one.fields.visit) ? `/visits/${one.kind === 'visit' ? id : one.fields.visit}?in=${home.id}` : `/households/${home.id}`;
  return show(env, 'why.html', {what: titleOf(env, one), secrecy: secrecy(env, one.topic), home: home.house.fields.name, ...reason, consents: `/households/${home.id}/consents`},
    {tab: 'households', page: 'why', back: {href: back, text: env.say('page.back')}});
}
