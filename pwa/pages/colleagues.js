/** Whose hand wrote something: name, role and organisation at that moment, and the colour that stands for the profession. */
import {volunteering} from './page.js';

const TONES = {nurse: 'brick', outreach: 'canal', volunteer: 'moss', lead: 'ochre'};

/** Map hat id -> the colleague's fields, of everybody this phone knows and of my own hats; and helper id -> who answered by a link. */
export function colleagues(env, shownColleagues, helpers = []) {
  const me = env.phone.me();
  const own = me.hats.map((hat) => [hat.id, {person: me.person, name: me.name, role: hat.role, team: hat.team, team_name: hat.team_name, organisation: hat.organisation, organisation_name: hat.organisation_name}]);
  const near = helpers.map(({id, fields}) => [id, {name: fields.name, role: 'helper'}]);
  return new Map([...near, ...own, ...shownColleagues.map(({id, subject, fields}) => [id, {...fields, organisation: subject.slice('organisation:'.length)}])]);
}

/** {tone, role, name, organisation} of the hat that wrote a shown record or addition. */
export function hand(env, known, written) {
  const {by, role} = answered(written);
  const who = known.get(by);
  const worn = role ?? who?.role;
  return {
    tone: TONES[worn] ?? 'plain', role: env.say(worn ? `role.${worn}` : 'hand.role'),
    name: who?.name ?? env.say(volunteering(env) ? 'hand.team' : 'hand.unknown'), organisation: who?.organisation_name ?? '',
  };
}

/** What a volunteer or helper answered is with the household in the office's hand: it is theirs. */
function answered({by, role, fields}) {
  if (role !== 'office') return {by, role};
  if (fields?.volunteer) return {by: fields.volunteer, role: 'volunteer'};
  return fields?.helper ? {by: fields.helper, role: 'helper'} : {by, role};
}

/** The same in one line: 'Samira Haddad, wijkverpleegkundige bij Thuiszorg De Linde'; with `helpers`, whose word it was that was noted. */
export function signature(env, known, written, helpers = []) {
  const {name, role, organisation} = hand(env, known, written);
  const own = organisation ? env.say('hand.at', {name, role, organisation}) : env.say('hand.plain', {name, role});
  const said = helpers.find(({id}) => id === written.fields.helper);
  return said ? `${said.fields.name}, ${env.say('noted.by', {name: own})}` : own;
}

/** People of the team of the hat worn now: [{hat, person, name}] in order of name, me first. */
export function teammates(env, known, worn) {
  const me = env.phone.me().person;
  const found = [...known].filter(([, who]) => who.team === worn.team && !(who.until && who.until < env.today()))
    .map(([hat, who]) => ({hat, person: who.person, name: who.name}));
  return found.sort((a, b) => (b.person === me) - (a.person === me) || a.name.localeCompare(b.name, 'nl'));
}
