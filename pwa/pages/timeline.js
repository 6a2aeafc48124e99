/** The timeline of a household: one line for each visit, loose note, contact, signal or finished task, newest first, strengths before all else. */
import {stated, worst} from './page.js';
import {hand, signature} from './colleagues.js';
import {measured} from './measurements.js';
import {BETWEEN} from './nearest.js';
import {remarksOn} from './remark_rows.js';

const HEADLINE = 90;
const LONG = 480, LINES = 8, SHOWN = 360;
const TOPICS = ['practical', 'body', 'mind', 'society', 'social', 'money', 'safety'];

/** Lines for entry.html from a home (see household.js); `saved` is the id of what was just written. */
export function timeline(env, home, saved) {
  const {known} = home;
  const added = additions(known.note);
  const own = known.note.filter(({fields}) => !fields.adds_to);
  const whole = new Set([...known.visit, ...known.discussion].map(({id}) => id));
  const lines = [
    ...known.visit.map((visit) => visitLine(env, home, visit, own, added)),
    ...own.filter(({fields}) => !whole.has(fields.visit) && !whole.has(fields.discussion)).map((note) => noteLine(env, home, note, added)),
    ...selfMeasured(known).map((values) => measuredLine(env, home, values)),
    ...known.completion.filter(({fields}) => !fields.undone).map((done) => doneLine(env, home, done)),
    ...[...known.contact, ...known.signal].map((contact) => contactLine(env, home, contact)),
    ...known.liaison.map((one) => liaisonLine(env, home, one)),
    ...known.discussion.map((one) => discussionLine(env, home, one, own, added)),
  ];
  for (const line of lines) line.fresh = line.id === saved;
  return lines.sort((a, b) => b.instant - a.instant);
}

/** Map note id -> its additions as shown records, oldest first. */
export function additions(notes) {
  const found = new Map();
  for (const note of notes.filter(({fields}) => fields.adds_to).sort((a, b) => a.at - b.at)) {
    found.set(note.fields.adds_to, [...found.get(note.fields.adds_to) ?? [], note]);
  }
  return found;
}

/** Additions as a template prints them. */
export function added(env, people, notes) {
  return (notes ?? []).map((note) => ({meta: `${env.speaker().when(note.fields.at ?? note.at, env.now())} · ${signature(env, people, note)}`, text: note.fields.text}));
}

/** Notes of one visit in reading order: strengths first, then topic by topic. */
export function inOrder(notes) {
  const place = ({fields, topic}) => (fields.aspect === 'strength' ? -1 : TOPICS.indexOf(topic));
  return [...notes].sort((a, b) => place(a) - place(b) || a.at - b.at);
}

function visitLine(env, home, visit, own, extra) {
  const notes = inOrder(own.filter(({fields}) => fields.visit === visit.id));
  const values = home.known.measurement.filter(({fields}) => fields.visit === visit.id);
  const line = base(env, home, visit, [visit, ...notes, ...values, ...notes.flatMap(({id}) => extra.get(id) ?? [])]);
  const about = home.residents.length > 1 ? nameOf(home, visit.fields.resident ?? notes[0]?.subject.slice('resident:'.length)) : '';
  return {
    ...line, href: `/visits/${visit.id}?in=${home.id}`, about, measured: measured(env, values),
    ...words(env, home, notes, extra, emptyTitle(env, visit, values)),
  };
}

function noteLine(env, home, note, extra) {
  const about = home.residents.length > 1 ? nameOf(home, note.subject.slice('resident:'.length)) : '';
  return {...base(env, home, note, [note, ...extra.get(note.id) ?? []]), about, measured: [], ...words(env, home, [note], extra, '')};
}

/** What was measured at no visit, by the same person at the same moment together. */
function selfMeasured(known) {
  const groups = new Map();
  for (const one of known.measurement.filter(({fields}) => fields.by_whom && !fields.visit)) {
    const key = [one.subject, one.by, one.fields.by_whom, one.fields.at, one.fields.device].join(' ');
    groups.set(key, [...groups.get(key) ?? [], one]);
  }
  return [...groups.values()];
}

function measuredLine(env, home, values) {
  const [first] = values;
  const about = home.residents.length > 1 ? nameOf(home, first.subject.slice('resident:'.length)) : '';
  return {...base(env, home, first, values), title: env.say(`selfmeasured.${first.fields.by_whom}`), about, measured: measured(env, values), strengths: [], seen: []};
}

function doneLine(env, home, done) {
  const {known} = home;
  const task = known.task.find(({id}) => id === done.fields.task);
  const title = env.say(`completion.${done.fields.outcome ?? 'done'}`, {what: task?.fields.what ?? env.say('task.some')});
  const line = base(env, home, done, [done]);
  const helper = known.helper.find(({id}) => id === done.fields.helper)?.fields;
  const said = helper ? {tone: 'moss', role: env.say(`relation.${helper.relation}`), name: helper.name, organisation: env.say('noted.by', {name: line.name})} : {};
  return {...line, ...said, title, seen: done.fields.text ? [{topic: '', ...folded(done.fields.text), additions: []}] : [], strengths: [], measured: []};
}

function contactLine(env, home, contact) {
  const {fields, kind} = contact;
  const title = kind === 'signal' ? [env.say('contact.signal'), fields.lens && env.say(`lens.${fields.lens}`)].filter(Boolean).join(' · ')
    : [fields.way && env.say(`way.${fields.way}`), fields.place_name ?? (fields.place && env.say(`place.${fields.place}`))].filter(Boolean).join(' · ') || env.say('contact.some');
  return {...base(env, home, contact, [contact]), title, seen: fields.text ? [{topic: '', ...folded(fields.text), additions: []}] : [], strengths: [], measured: []};
}

function liaisonLine(env, home, one) {
  const {topic, subject, fields: {with: who, way, text}} = one;
  const about = [env.say(`liaison.way.${way}`), home.residents.length > 1 ? nameOf(home, subject.slice('resident:'.length)) : ''].filter(Boolean).join(' · ');
  const seen = text ? [{topic: topic === 'practical' ? '' : env.say(`topic.${topic}`), ...folded(text), additions: []}] : [];
  return {...base(env, home, one, [one]), title: env.say(who.includes(BETWEEN) ? 'liaison.short' : 'liaison.title', {who}), about, seen, strengths: [], measured: []};
}

/** A discussion with the picture that was made in it and what was agreed. */
function discussionLine(env, home, one, own, extra) {
  const {subject, fields: {way = 'huddle', with: who, nameless, question, decision, told}} = one;
  const notes = inOrder(own.filter(({fields}) => fields.discussion === one.id));
  const agreed = home.known.task.filter(({fields}) => fields.discussion === one.id).map(({fields}) => [fields.what, home.people.get(fields.owner)?.name].filter(Boolean).join(' · ')).join('\n');
  const about = [nameless && env.say('discussion.without_name'), home.residents.length > 1 ? nameOf(home, subject.slice('resident:'.length)) : '', told && env.say(`discussion.told.${told}`)].filter(Boolean).join(' · ');
  const said = [['field.question', question], ['field.decision', decision], ['discussion.agreed', agreed]].filter(([, words]) => words).map(([key, words]) => ({topic: env.say(key), ...folded(words), additions: []}));
  const seen = [...said, ...notes.map((note) => seenLine(env, home, note, note.fields.text, extra))];
  return {...base(env, home, one, [one, ...notes]), title: env.say(`discussion.title.${way}`, {who}), about, seen, strengths: [], measured: []};
}

function base(env, home, thing, parts) {
  const instant = thing.fields.at ?? thing.at, ids = parts.map(({id}) => id);
  const {tone, role, name, organisation} = hand(env, home.people, thing);
  return {id: thing.id, instant, at: env.speaker().when(instant, env.now()), tone, role, name, organisation, ...stated(env, worst(parts)), ids, remarks: remarksOn(env, home, ids), href: '', about: '', strong: false};
}

function words(env, home, notes, extra, otherwise) {
  const [head, ...rest] = notes;
  if (!head) return {title: otherwise, strengths: [], seen: []};
  const {title, left} = split(head.fields.text);
  const strong = head.fields.aspect === 'strength';
  const strengths = rest.filter(({fields}) => fields.aspect === 'strength').map(({fields}) => fields.text);
  const seen = rest.filter(({fields}) => fields.aspect !== 'strength').map((note) => seenLine(env, home, note, note.fields.text, extra));
  const more = left || extra.has(head.id) ? [{...seenLine(env, home, head, left, extra), topic: strong ? '' : env.say(`topic.${head.topic}`)}] : [];
  return {title, strong, strengths, seen: [...more, ...seen]};
}

function seenLine(env, home, note, shownText, extra) {
  return {topic: env.say(`topic.${note.topic}`), ...folded(shownText), additions: added(env, home.people, extra.get(note.id))};
}

/** A long text as what a timeline shows at once and the rest. */
function folded(text) {
  const whole = text ?? '';
  const lines = whole.split('\n');
  if (whole.length <= LONG && lines.length <= LINES) return {text: whole, rest: ''};
  const most = Math.min(SHOWN, lines.slice(0, LINES - 2).join('\n').length);
  const space = whole.slice(0, most + 1).search(/\s\S*$/);
  const cut = space > most / 2 ? space : most;
  return {text: `${whole.slice(0, cut).trimEnd()} …`, rest: `… ${whole.slice(cut).trimStart()}`};
}

function split(whole) {
  const text = (whole ?? '').trim();
  const end = text.search(/[.!?](\s|$)|\n/);
  if (text.length <= HEADLINE) return end > 0 && end < text.length - 1 ? {title: text.slice(0, end + 1).trim(), left: text.slice(end + 1).trim()} : {title: text, left: ''};
  if (end > 0 && end <= HEADLINE) return {title: text.slice(0, end + 1).trim(), left: text.slice(end + 1).trim()};
  const space = text.lastIndexOf(' ', HEADLINE);
  const cut = space > 0 ? space : HEADLINE;
  return {title: `${text.slice(0, cut)} …`, left: `… ${text.slice(cut).trim()}`};
}

function emptyTitle(env, visit, values) {
  const outcome = visit.fields.outcome ?? 'done';
  if (outcome !== 'done') return env.say(`outcome.${outcome}`);
  return env.say(values.length ? 'visit.measured' : 'visit.nothing');
}

function nameOf(home, resident) {
  const one = home.residents.find(({subject}) => subject === `resident:${resident}`);
  return one ? one.fields.given ?? one.fields.name : '';
}
