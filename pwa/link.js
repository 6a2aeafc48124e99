/** The one page of a helper without an account: what was asked of them, yes or no, how it went, and what worries them. */
import messages from './link_messages.json' with {type: 'json'};
import {openLink} from './link_keeping.js';
import {linkWorker} from './trusted.js';

const AGAIN_MS = 30_000;
const DRAFT_MS = 300;
const NOT_YOURS = new Set(['unknown', 'taken', 'cookies']);
const TOKEN = /^#[A-Za-z0-9_-]{22}$/;
const language = navigator.language.toLowerCase().startsWith('nl') ? 'nl' : 'en';
const main = document.querySelector('main');
const env = {
  now: () => Date.now(),
  today: () => new Intl.DateTimeFormat('sv-SE', {timeZone: 'Europe/Amsterdam'}).format(Date.now()),
  random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  fetch: (...asked) => fetch(...asked),
  subtle: crypto.subtle, storage: localStorage, alone: (name, work) => navigator.locks.request(name, work),
};
/** The link that is open, and what is being written: which task worries, its words, and what was just said. */
const shown = {link: null, worry: null, words: '', spoken: '', missing: false, keeping: 0};

document.documentElement.lang = language;
addEventListener('hashchange', start);
addEventListener('online', renew);
document.addEventListener('visibilitychange', () => { if (!document.hidden) renew(); });
setInterval(() => { if (shown.link?.waiting) renew(); }, AGAIN_MS);
navigator.serviceWorker?.register(linkWorker(), {scope: '/l', updateViaCache: 'none'}).catch(() => {});
start();

/** Takes the token out of the address before anything else, so that it stays in the message alone. */
async function start() {
  const token = TOKEN.test(location.hash) ? location.hash.slice(1) : '';
  if (location.hash) history.replaceState(null, '', '/l');
  if (token) await open(token);
  draw();
  if (token) await renew();
}

/** What was being written when the page closed stands there again. */
async function open(token) {
  const link = await openLink(env, token);
  Object.assign(shown, {link, worry: link.draft?.task ?? null, words: link.draft?.words ?? '', spoken: ''});
}

async function renew() {
  if (!shown.link) return;
  await shown.link.sync();
  if (shown.spoken) shown.spoken = say(shown.link.waiting ? 'neighbour.waiting' : 'neighbour.sent');
  draw();
}

async function answer(task, said, text = '') {
  if (text) clearTimeout(shown.keeping);
  await shown.link.answer({task: task.task, day: task.day, answer: said, text});
  Object.assign(shown, {...(text && {worry: null, words: ''}), missing: false, spoken: say('neighbour.waiting')});
  draw();
  main.querySelector('h1').focus();
  await renew();
}

function draw() {
  const {activeElement: active} = document;
  const {selectionStart: at, id} = active ?? {};
  const tasks = shown.link?.tasks() ?? [];
  main.replaceChildren(
    element('div', {class: 'heading'}, element('h1', {tabindex: '-1'}, say('neighbour.title'))),
    ...notices(tasks), ...tasks.map(card), ...(tasks.length ? [] : afterwards()),
    ...(tasks.length ? [element('p', {class: 'quiet'}, say('neighbour.again'))] : []),
  );
  const same = id && document.getElementById(id);
  if (!same) return;
  same.focus();
  if (same.localName === 'textarea') same.setSelectionRange(at, at);
}

/** What to know before anything else: that something is kept, sent, or why there is nothing. */
function notices(tasks) {
  const {problem, waiting} = shown.link ?? {problem: 'no_token', waiting: 0};
  const ended = problem === 'over' || shown.link?.ended();
  const why = ended ? 'over' : problem ?? '';
  const said = shown.spoken ? [element('p', {class: `notice ${waiting ? 'ochre' : 'moss'}`, role: 'status'}, shown.spoken)] : [];
  if (why === 'offline') return said.length ? said : [element('p', {class: 'notice ochre', role: 'status'}, say(tasks.length ? 'neighbour.offline' : 'neighbour.offline_empty'))];
  if (why) return [...said, element('p', {class: `notice ${ended ? 'moss' : ''}`, role: 'status'}, say(`neighbour.${why}`))];
  return tasks.length ? [...said, ...(said.length ? [] : [element('p', {}, say('neighbour.explain'))])] : [element('p', {role: 'status'}, say('neighbour.wait'))];
}

/** A worry may come up when everything is done, and be half written when the signal goes. */
function afterwards() {
  const {link} = shown;
  const task = link?.last ?? link?.draft?.task;
  return task && !NOT_YOURS.has(link.problem) ? [element('div', {class: 'card roomy'}, ...worryForm({task}))] : [];
}

function card(task) {
  const more = task.more.length ? [element('p', {class: 'quiet'}, say('neighbour.days', {days: task.more.map(dayName).join(', ')}))] : [];
  const heading = element('h2', {}, task.what);
  return element('article', {class: 'card roomy'},
    element('div', {class: 'heading'}, heading, element('p', {}, element('strong', {}, [dayName(task.day), task.time].filter(Boolean).join(', ')))), ...more,
    ...(task.instructions ? [element('p', {class: 'seen'}, task.instructions)] : []), ...door(task), ...buttons(task), ...call(task));
}

function door({door: there, accepted}) {
  if (there) return [element('p', {}, say('neighbour.door'), ' ', element('strong', {}, [there.given, there.street].filter(Boolean).join(', ')))];
  return accepted ? [element('p', {class: 'quiet'}, say('neighbour.door_soon'))] : [];
}

function call({call: name, call_phone: phone}) {
  if (!phone) return name ? [element('p', {}, say('neighbour.call', {name}))] : [];
  return [element('a', {class: 'button calm', href: `tel:${phone.replace(/[^+\d]/g, '')}`}, say('neighbour.call', {name: [name, phone].filter(Boolean).join(', ')}))];
}

function buttons(task) {
  if (task.done) return [element('p', {}, element('strong', {}, say(`neighbour.is.${task.done}`))), ...worryForm(task)];
  const choices = task.accepted ? [['done', 'main'], ['could_not', 'calm']] : [['accepted', 'main'], ['declined', 'calm']];
  const made = choices.map(([said, tone]) => button(say(`neighbour.${said}`), tone, () => answer(task, said), `${said}-${task.task}`));
  return [element('div', {class: 'buttons'}, ...made), ...(task.accepted ? worryForm(task) : [])];
}

/** A button, and after it room for words, which a worry cannot do without. */
function worryForm(task) {
  if (shown.worry !== task.task) return [button(say('neighbour.worried'), 'calm', () => worry(task), `worry-${task.task}`)];
  const field = element('textarea', {id: 'words', rows: '4', maxlength: '2000', ...(shown.missing && {'aria-invalid': 'true', 'aria-describedby': 'missing'})});
  field.value = shown.words;
  field.addEventListener('input', () => write(task.task, field.value));
  const missing = shown.missing ? [element('p', {class: 'hint wrong', id: 'missing'}, say('neighbour.missing'))] : [];
  return [
    element('div', {class: 'field'}, element('label', {for: 'words'}, say('neighbour.words')), field, ...missing, element('p', {class: 'hint'}, say('neighbour.urgent'))),
    button(say('neighbour.send'), 'main', () => tell(task), 'send'),
  ];
}

function worry(task) {
  Object.assign(shown, {worry: task.task, words: '', missing: false});
  draw();
  document.getElementById('words').focus();
}

function write(task, words) {
  shown.words = words;
  clearTimeout(shown.keeping);
  shown.keeping = setTimeout(() => shown.link.write(words.trim() ? {task, words} : null), DRAFT_MS);
}

function tell(task) {
  const words = shown.words.trim();
  if (words) return answer(task, 'worried', words);
  shown.missing = true;
  draw();
  return document.getElementById('words').focus();
}

function button(words, tone, act, id) {
  const made = element('button', {type: 'button', class: `button ${tone}`, id}, words);
  made.addEventListener('click', () => {
    made.disabled = true;
    act();
  });
  return made;
}

function element(name, attributes, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function say(key, values = {}) {
  return messages[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function dayName(day) {
  return new Intl.DateTimeFormat(language === 'nl' ? 'nl' : 'en-GB', {weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC'}).format(new Date(`${day}T00:00:00Z`));
}
