/** One unlock without network: the last step of enrolment, and on *Ik* until it was done. */
import {show} from './page.js';

const TONES = {offline: 'moss', online: 'ochre', cancelled: 'alarm', failed: 'alarm', taken: 'ochre', wrong: 'alarm'};
const ENDS = ['offline', 'taken'];

/** GET /profile/trial; ?is= what came of it. */
export async function trial(request, env) {
  const asked = new URL(request.url).searchParams.get('is');
  const is = env.fleeting() ? 'taken' : Object.hasOwn(TONES, asked) ? asked : '';
  const came = is ? env.say(`trial.is.${is}`) : '';
  return show(env, 'trial.html', {came, tone: TONES[is] ?? '', done: ENDS.includes(is)}, {tab: 'profile', page: 'trial', spoken: came});
}
