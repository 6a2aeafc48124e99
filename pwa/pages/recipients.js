/** Whom a resident can speak of: the organisations, teams and people that this phone knows from its colleagues. */

const NOUNS = ['organisation', 'team', 'person'];
const KINDS = [['nurse', 'care'], ['outreach', 'welfare'], ['volunteer', 'volunteers']];
const TONES = {care: '', welfare: 'canal', volunteers: 'moss', other: 'plain'};

/** Map 'noun:id' -> {key, noun, id, kind, name, short (in a sentence), chip, tone, team, organisation} of a Map of colleagues. */
export function recipients(env, people) {
  const here = [...people.values()].filter(({until}) => !until || until >= env.today());
  const found = NOUNS.flatMap((noun) => each(here, noun).map(([id, hats]) => described(env, noun, id, hats)));
  return new Map(found.map((one) => [one.key, one]));
}

/** The recipient that a consent or share names; somebody this phone does not know is said to be so. */
export function recipientOf(env, known, {to_kind: noun, to: id}) {
  const nobody = env.say('recipient.unknown');
  return known.get(`${noun}:${id}`) ?? {key: `${noun}:${id}`, noun, id, kind: 'other', name: nobody, short: nobody, chip: nobody, tone: 'plain', team: null, organisation: null};
}

/** Choices of a form by name, a group for each noun: [{name, options: [{value, text, chosen}]}]. */
export function recipientChoices(env, known, chosen) {
  const groups = NOUNS.map((noun) => ({
    name: env.say(`recipient.${noun}`),
    options: [...known.values()].filter((one) => one.noun === noun).sort((a, b) => a.chip.localeCompare(b.chip, 'nl')).map(({key, chip}) => ({value: key, text: chip, chosen: key === chosen})),
  }));
  return groups.filter((group) => group.options.length);
}

function each(hats, noun) {
  const found = new Map();
  for (const one of hats) if (one[noun]) found.set(one[noun], [...found.get(one[noun]) ?? [], one]);
  return [...found];
}

function described(env, noun, id, hats) {
  const [first] = hats;
  const roles = new Set(hats.map(({role}) => role));
  const kind = KINDS.find(([role]) => roles.has(role))?.[1] ?? 'other';
  const named = {name: first.name, team: first.team_name, organisation: first.organisation_name};
  const chip = noun === 'person' ? env.say('hand.at', {...named, role: env.say(`role.${first.role}`)}) : [env.say(`recipient.kind.${kind}`), env.say(`recipient.${noun}.of`, named)].join(' · ');
  const short = noun === 'person' ? first.name : env.say(`recipient.${noun}.of`, named);
  const name = {organisation: first.organisation_name, team: first.team_name, person: first.name}[noun];
  return {key: `${noun}:${id}`, noun, id, kind, name, short, chip, tone: TONES[kind], team: noun === 'organisation' ? null : first.team, organisation: first.organisation ?? null};
}
