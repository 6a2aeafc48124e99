/** The page: builds the phone, opens its doors, and answers every page of ours without a network. */
import {templates} from './templates.js';
import {Doors} from './doors.js';
import {Guard, sweep} from './guard.js';
import {handing} from './handing.js';
import {LANGUAGES, learn, local, speaker} from './i18n.js';
import * as installing from './install.js';
import {keeps} from './keeping.js';
import * as keys from './keys.js';
import {listen} from './news.js';
import * as office from './office.js';
import {makePhone} from './phone.js';
import {render} from './render.js';
import {ours} from './routes.js';
import {Screen, drawn, shell, trouble} from './screen.js';
import {gzip} from './trouble.js';
import {guardPage, parsed} from './trusted.js';
import {handIn, keepAll, watchUpdates} from './updates.js';

const LANGUAGE = 'naober-language';
const HOME = '/today';
const DAY_LOOK_MS = 20_000;
// What is half written when the phone locks gets so long to reach the disk.
const KEEP_MS = 1000;

const env = {
  now: () => Date.now(),
  today: () => local(Date.now()).date,
  random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  fetch: (...asked) => fetch(...asked),
  pack: gzip,
  indexedDB, IDBKeyRange, subtle: crypto.subtle, locks: navigator.locks ?? null, sweep,
  sleep: (ms, signal) => new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  }),
  spent: new Set(),
  speaker: () => speaker(language(), phone.me()?.word ?? 'resident'),
  say: (key, values) => env.speaker().say(key, values),
  render: (name, context) => render(templates, name, context, env.speaker().globals()),
  online: () => navigator.onLine,
  fleeting: () => phone.fleeting(),
  keeps: () => keeps(navigator),
  protected: () => (phone.fleeting() ? null : installing.persisted()),
  standing: () => installing.standing(),
  hint: () => installing.hint(env.say),
  hideHint: () => installing.hideHint(),
  wake: () => { wake(); },
  later: () => (late.pages ??= fetched().finally(() => { keepAll(); })),
  setMe,
};
const phone = makePhone(env);
env.phone = phone;
const doors = new Doors({env, phone, inside});
const screen = new Screen(env, {lock: () => lock(), lockPage: () => doors.lockPage()});
const guard = new Guard({opened: () => phone.opened() || page.shown(), touched: () => page.touched(), lock: (how) => lock(how).catch(failed), warn: (soon) => screen.alert(soon ? env.say('lock.soon') : '')});
const page = new office.OfficePage({env, phone, doors, screen, guard});
let hush = null;

const ACTS = {
  unlock: async ({slot}) => opened(await doors.unlock(Number(slot))),
  'sign-in': ({to}) => entered(() => doors.signIn(to)),
  enrol: ({token}) => entered(() => doors.enrol(token)),
  'step-in': ({person}) => entered(() => doors.stepIn(person)),
  lock: () => lock(),
  verify: () => doors.verify().then((words) => (words ? screen.alert(words) : screen.again())),
  sync: () => wake(),
  'add-key': () => entered(() => doors.held((has) => keys.add(has))),
  'remove-key': ({key}) => entered(() => doors.held((has) => keys.remove(has, key))),
  'new-phone': () => entered(() => doors.held((has) => keys.invite(has))),
  try: () => doors.tryOut().then((page) => screen.show(page)).then(wake),
  install: () => installing.install(),
  ...handing((said) => screen.alert(said)),
  leave: () => doors.leave(),
  'leave-anyway': () => doors.leave({unsent: true}),
  update: () => pending.apply?.(),
};
const pending = {apply: null, lock: null}, late = {pages: null};

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[hx-boost="false"]');
  if (link && shell() && link.origin === location.origin && !ours(link.pathname) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    away(link.href).catch(failed);
    return;
  }
  const button = event.target.closest?.('[data-act]');
  if (!button || button.disabled) return;
  const act = ACTS[button.dataset.act];
  if (!act) return;
  event.preventDefault();
  button.disabled = true;
  Promise.resolve(act(button.dataset)).catch(failed).finally(() => { button.disabled = false; });
});

phone.watch((status, {touched}) => {
  if (status.problem === 'revoked') revoked();
  else screen.changed(touched);
});
for (const [target, name] of [[window, 'online'], [window, 'offline'], [document, 'visibilitychange']]) {
  target.addEventListener(name, () => {
    if (document.hidden) document.body.dispatchEvent(new Event('keep'));
    else if (phone.opened()) wake();
    else if (name === 'online') handIn();
    screen.line();
  });
}

guardPage(htmx);
installing.installed(() => phone.opened() && protect());

let day = '';
setInterval(() => {
  if (phone.opened() && day && day !== env.today()) screen.changed(true);
  day = env.today();
}, DAY_LOOK_MS);

navigator.serviceWorker?.addEventListener('message', ({data}) => { if (data === 'erased') erased(); });

start();
document.querySelector('[data-tapped]')?.click();

async function start() {
  await doors.look();
  watchUpdates({opened: () => phone.opened(), ready: offerUpdate}).catch(({name, message}) => console.error('updates', name, message));
  keys.mark(doors.slots);
  if (!shell()) return page.begin();
  if (!doors.slots.length && navigator.onLine) return location.replace(`/sign-in${location.search}`);
  // Without connection the shell also stands where a page of the office should be.
  const needs = ours(location.pathname) ? '' : env.say('page.needs_office');
  if (!phone.opened()) await screen.put(doors.page(doors.slots.length ? needs : env.say('entry.offline'), office.forFile(location.search) && env.say('lock.file')), 'outerMorph');
  // The first time of day is slow to make: it is made behind the lock page, while a finger is on its way.
  await drawn();
  env.today();
  handIn();
}

/** To a page of the office; an open phone opens it on the way, for files too when somebody showed just now that it is theirs. */
async function away(href, verified = phone.verified()) {
  if (!navigator.onLine) return screen.alert(env.say('page.needs_office'));
  if (phone.opened() && !await office.open(phone.me(), verified).catch(() => true)) href = office.signIn(new URL(href, location.href).pathname);
  // Going back leads to the phone's own page, and not to the lock that brought somebody here.
  if (office.wanted(location.search)) location.replace(href);
  else location.assign(href);
}

/** The pages that today does without; asked for again when they could not be fetched, and kept for when there is no network. */
async function fetched() {
  try {
    const {later} = await import('./later.js');
    Object.assign(templates, later.templates);
    learn(later.messages);
    Object.assign(env, later.env);
    return later.pages;
  } catch (error) {
    late.pages = null;
    throw error;
  }
}

/** Who came in on a page of the office takes the shell in place, so that one touch is enough. */
async function inside() {
  const back = office.wanted(location.search);
  if (back && shell() && navigator.onLine) return away(back, true);
  if (!shell()) {
    const made = parsed(await (await fetch('/shell')).text());
    for (const needless of made.querySelectorAll('template, naober-lock')) needless.remove();
    for (const name of document.body.getAttributeNames()) document.body.removeAttribute(name);
    for (const {name, value} of made.body.attributes) document.body.setAttribute(name, value);
    document.body.replaceChildren(...made.body.childNodes);
    htmx.process(document.body);
    history.replaceState({htmx: true}, '', doors.first());
  }
  document.documentElement.lang = language();
  localStorage.setItem(LANGUAGE, language());
  guard.begin(phone.me().lock);
  await screen.show(ours(location.pathname) ? location.pathname + location.search : HOME, {push: false});
  await drawn();
  env.later().catch(() => {});
  await phone.tidy().catch(failed);
  hush?.();
  hush = listen(() => wake());
  wake();
  protect();
  refresh().catch(() => {});
}

/** Whether what lies here stays is known to its owner, and to the office. */
function protect() {
  return installing.persist().then((news) => news && wake(), () => {});
}

async function opened(hindrance) {
  if (hindrance) return screen.put(await doors.lockPage(hindrance));
  return page.kept ? page.unlock() : inside();
}

async function entered(way) {
  const busy = document.getElementById('busy');
  trouble('');
  if (busy) busy.textContent = env.say('entry.wait');
  trouble(await way().finally(() => { if (busy) busy.textContent = ''; }));
}

/** Locks, once however many ask for it. */
function lock(how) {
  pending.lock ??= (page.shown() ? page.lock(how) : close(how)).finally(() => { pending.lock = null; });
  return pending.lock;
}

/** Drops the keys in every tab of this phone, and shows the lock page; `told` by another tab, or because it was `left` alone. */
async function close({told = false, left = false} = {}) {
  guard.end({told});
  document.body.dispatchEvent(new Event('keep'));
  await new Promise((resolve) => { setTimeout(resolve, 0); });
  await screen.quiet(KEEP_MS);
  hush?.();
  hush = null;
  const trouble = phone.fleeting() ? env.say('lock.fleeting') : '';
  phone.lock();
  if (!told) office.close();
  await screen.put(await doors.lockPage(trouble, left ? env.say('lock.idle') : ''));
  guard.cover(false);
}

async function revoked() {
  await doors.erase({unsent: true});
  await erased();
}

/** This phone was taken away, and nothing of it is left here. */
async function erased() {
  guard.end({told: true});
  hush?.();
  phone.lock();
  await screen.put(await doors.lockPage(env.say('lock.revoked')));
}

/** One more round with the office; what stands in its way is in the status. */
async function wake() {
  if (!phone.opened()) return;
  const closed = phone.lapsed();
  await phone.sync();
  // Whatever could not be sent is handed in later, also when nobody opens this phone again.
  if (phone.status().waiting && phone.status().problem) handIn();
  if (closed && phone.opened()) await screen.again();
  await tellMe();
}

/** Keeps a choice about myself on the phone at once, and tells the office when it can. */
async function setMe(wish) {
  const {wearing, lossRead, ...told} = wish;
  const me = phone.me();
  await phone.keepMe({...me, ...wish, untold: {...me.untold, ...told}});
  document.documentElement.lang = language();
  localStorage.setItem(LANGUAGE, language());
  doors.remember();
  tellMe().catch(() => {});
}

async function tellMe() {
  const {untold} = phone.me() ?? {};
  if (!untold || !Object.keys(untold).length || !navigator.onLine) return;
  const asked = {method: 'PUT', headers: {'content-type': 'application/json'}, body: JSON.stringify(untold), credentials: 'same-origin'};
  const response = await fetch('/me', asked).catch(() => null);
  if (response?.ok && phone.opened()) await phone.keepMe({...phone.me(), untold: {}});
}

/** Hats may have been given or taken while this phone was away. */
async function refresh() {
  await office.open(phone.me(), false).catch(() => {});
  const response = await fetch('/me', {credentials: 'same-origin'}).catch(() => null);
  if (!response?.ok || !phone.opened()) return;
  const said = await response.json();
  const me = phone.me();
  if (said.person === me.person && said.device === me.device) await phone.keepMe({...me, ...said, ...me.untold});
}

function offerUpdate(apply) {
  pending.apply = apply;
  const bar = document.getElementById('update');
  if (!bar) return;
  bar.querySelector('p').textContent = env.say('update.ready');
  bar.querySelector('button').textContent = env.say('update.now');
  bar.hidden = false;
}

function language() {
  const chosen = phone.me()?.language ?? localStorage.getItem(LANGUAGE) ?? document.documentElement.lang;
  return LANGUAGES.includes(chosen) ? chosen : LANGUAGES[0];
}

function failed(error) {
  console.error('app', error.name, error.message);
  if (shell()) screen.alert(env.say(error.name === 'Full' ? 'full.text' : 'page.broken'));
  else trouble(env.say('entry.failed'));
}
