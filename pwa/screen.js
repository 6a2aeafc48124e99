/** The page transport: htmx asks, our own pages answer without a network, and what changed meanwhile is painted in. */
import {Locked} from './vault.js';
import {Full} from './store.js';
import {answer, ours} from './routes.js';
import {connection} from './pages/connection.js';

const REPAINT_MS = 150;
const HOPS = 5;
const NOTHING = 204;

/** Screen over an env with a phone; `doors` has lock() and lockPage(), `shell()` says whether the page is the phone's own. */
export class Screen {
  repainting = null;
  turn = 0;
  wanted = 0;
  asked = new Set();

  constructor(env, doors) {
    Object.assign(this, {env, doors});
    document.addEventListener('htmx:config:request', (event) => this.take(event.detail.ctx));
    document.addEventListener('htmx:after:swap', (event) => this.arrived(event.detail.ctx));
    document.addEventListener('htmx:error', (event) => this.failed(event.detail));
  }

  /** Our own pages are answered here, a locked phone's with the lock page; the office's go out. */
  take(ctx) {
    const {pathname, origin} = new URL(ctx.request.action, location.href);
    if (origin !== location.origin || !ours(pathname) || !shell()) return;
    const whole = ctx.target === '#app' || ctx.target?.id === 'app';
    ctx.fetch = (action, asked) => {
      if (!this.env.phone.opened()) return this.doors.lockPage();
      return this.noted(whole ? this.latest(this.answered(action, asked)) : this.answered(action, asked));
    };
  }

  /** Whoever went on meanwhile is not brought back to what was slow; only what went wrong is still shown. */
  async latest(answering) {
    this.wanted += 1;
    const {wanted} = this;
    const response = await answering;
    return wanted === this.wanted || response.status >= 400 ? response : nothing();
  }

  noted(answering) {
    this.asked.add(answering);
    answering.finally(() => this.asked.delete(answering)).catch(() => {});
    return answering;
  }

  /** Resolves once all that was asked of our own pages is answered, or after `ms`. */
  quiet(ms) {
    return Promise.race([Promise.allSettled(this.asked), new Promise((resolve) => { setTimeout(resolve, ms); })]);
  }

  async answered(action, {method, body, headers}) {
    try {
      return await this.walk(new Request(new URL(action, location.origin), {method, body, headers}));
    } catch (error) {
      return this.trouble(error);
    }
  }

  /** Follows our own redirects, and tells htmx where it ended. */
  async walk(request) {
    const {env} = this;
    for (let hops = 0; hops < HOPS; hops += 1) {
      if (request.method !== 'GET' && env.fleeting() && !env.online() && !request.url.endsWith('/drafts')) return this.stay(env.say('fleeting.offline'));
      const response = await answer(request, env);
      if (response.status !== 303) return hops ? this.arriving(response, request.url) : response;
      request = new Request(new URL(response.headers.get('location'), location.origin));
    }
    throw new Error(`more than ${HOPS} redirects from ${new URL(request.url).pathname}`);
  }

  arriving(response, url) {
    const {pathname, search} = new URL(url);
    const headers = new Headers(response.headers);
    headers.set(pathname === location.pathname ? 'HX-Replace-Url' : 'HX-Push-Url', pathname + search);
    return new Response(response.body, {status: response.status, headers});
  }

  /** Nothing on the screen changes, so what was typed stays; the reason is said. */
  stay(words) {
    this.alert(words);
    return nothing();
  }

  trouble(error) {
    const {env} = this;
    if (error instanceof Locked) {
      if (env.phone.opened()) this.doors.lock();
      return nothing();
    }
    if (error instanceof Full) return this.stay(env.say('full.form'));
    this.stay(env.say('page.broken'));
    throw error;
  }

  failed({ctx, error}) {
    if (!error || error.name === 'AbortError') return;
    console.error('page', error.name, error.message);
    // A request that went out and did not arrive: what was filled in stands, and the reason is said.
    if (ctx && !ctx.response && !ctx.sourceElement?.hasAttribute('data-quiet')) this.alert(this.env.say('page.unreachable'));
  }

  /** Shows words until the next page; they are read out at once. */
  alert(words) {
    const place = document.getElementById('alert');
    if (!place) {
      trouble(words);
      return;
    }
    const line = document.createElement('p');
    line.className = 'notice alarm';
    line.textContent = words;
    place.replaceChildren(...(words ? [line] : []));
  }

  /** After a page was swapped in: the top, the heading and what is to be said. */
  arrived(ctx) {
    if (ctx.target?.id !== 'app' || ctx.repaint) return;
    const app = document.getElementById('app');
    this.alert('');
    this.say(app.dataset.spoken);
    if (ctx.request?.anchor) return;
    window.scrollTo(0, 0);
    const wrong = app.querySelector('[aria-invalid="true"], fieldset[aria-describedby^="wrong-"] input');
    (wrong ?? app.querySelector('h1') ?? document.getElementById('main'))?.focus({preventScroll: !wrong});
  }

  say(words) {
    const place = document.getElementById('spoken');
    if (place) place.textContent = words ?? '';
  }

  /** Stored things or the line to the office changed: the page that shows them is painted anew. */
  changed(touched) {
    this.line();
    if (!touched || this.repainting) return;
    this.repainting = setTimeout(() => {
      this.repainting = null;
      this.repaint();
    }, REPAINT_MS);
  }

  line() {
    const place = document.getElementById('connection');
    const now = connection(this.env);
    if (!place || !now) return;
    place.className = `connection ${now.tone}`;
    if (place.textContent !== now.text) place.textContent = now.text;
  }

  /** Only pages that show and ask nothing: nobody's typing is painted over; and nothing that was made before what stands there now. */
  async repaint() {
    const app = document.getElementById('app');
    if (!app?.dataset.live || !this.env.phone.opened() || app.querySelector('[data-hold]:focus')) return;
    const at = location.pathname + location.search;
    this.turn += 1;
    const {turn} = this;
    const response = await this.answered(at, {method: 'GET'});
    const text = await response.text();
    if (!text || turn !== this.turn || at !== location.pathname + location.search || !app.dataset.live) return;
    await htmx.swap({text, target: app, sourceElement: app, swap: 'outerMorph', repaint: true});
    this.line();
  }

  /** Goes to one of our own pages as if a link had been followed. */
  async show(path, {push = true} = {}) {
    this.turn += 1;
    const response = await this.latest(this.answered(path, {method: 'GET'}));
    if (response.status === NOTHING) return;
    if (push && path !== location.pathname + location.search) history.pushState({htmx: true}, '', path);
    else history.replaceState({htmx: true}, '', path);
    await this.put(response);
  }

  /** The page that stands here, made anew. */
  again() {
    return this.show(location.pathname + location.search, {push: false});
  }

  /** Puts a whole page of ours on the screen; by 'outerMorph' what stands there already is left as it is. */
  async put(response, swap = 'outerSync') {
    const app = document.getElementById('app');
    await htmx.swap({text: await response.text(), target: app, sourceElement: app, swap});
  }
}

/** An answer that leaves the page and its address as they are. */
function nothing() {
  return new Response(null, {status: NOTHING, headers: {'HX-Push-Url': 'false'}});
}

/** Resolves once what stands on the page was drawn; at once where nobody looks. */
export function drawn() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
}

/** Whether this page is the phone's own, and not the office's. */
export function shell() {
  return document.body.hasAttribute('data-shell');
}

/** Says what went wrong on a page of the office; '' takes it away. */
export function trouble(words) {
  const place = document.getElementById('trouble');
  if (!place) return;
  place.textContent = words;
  place.hidden = !words;
}
