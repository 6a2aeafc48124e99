/** What a visit is planned for, in words. */
import {LANGUAGES, speaker} from '../i18n.js';

const VISIT = LANGUAGES.map((language) => speaker(language).say('today.plain_visit'));

/** What a plan is for, in my own language when nobody gave it words. */
export function planWords(env, what) {
  return VISIT.includes(what) ? env.say('today.plain_visit') : what;
}
