/** What may become part of the page: HTML of our own templates, looked through once it is parsed and before it is shown, and two workers. */

const RUNS = new Set(['script', 'iframe', 'frame', 'object', 'embed', 'base', 'meta', 'link', 'animate', 'set', 'noscript', 'style']);
const RUNS_BY_NAME = /^on|hx.on|^srcdoc$/i;
const MAY_RUN = /href$|^src$|action$|hx-/i;
const RUNS_BY_VALUE = /^(?:javascript|vbscript|js):/i;
// Addresses are read without these.
const PASSED_OVER = /[\0- ]+/g;
const ROUNDS = 5;

const as = {createHTML: (text) => text, createScript: () => '', createScriptURL: (path) => path};
const own = globalThis.trustedTypes?.createPolicy('naober', as) ?? as;

/** The address of the service worker, such that the browser takes it. */
export const worker = () => own.createScriptURL('/sw.js');

/** And of the worker of a link's page. */
export const linkWorker = () => own.createScriptURL('/link_worker.js');

/** A page that the office rendered, as a document. */
export function parsed(text) {
  const page = new DOMParser().parseFromString(own.createHTML(text), 'text/html');
  strip(page.body);
  return page;
}

/** From now on nothing that htmx was given runs, and any other HTML is stripped before it becomes part of the page. */
export function guardPage(htmx) {
  globalThis.trustedTypes?.createPolicy('default', {createHTML: stripped});
  // Without this htmx parses in a way that knows shadow roots, some of which nobody can look into.
  delete Document.parseHTMLUnsafe;
  htmx.registerExtension('naober', {
    init: ({initSecurity}) => initSecurity(own, NoCode, NoCode),
    htmx_before_swap: (_, {tasks}) => { for (const {fragment} of tasks) strip(fragment); },
  });
}

/** In the place of the Function with which htmx would run what an attribute says. */
class NoCode {
  constructor() {
    throw new Error('an attribute asked for code to be run');
  }
}

/** HTML without what could run, such that parsing it once more shows nothing of that kind either; '' when there is no end to it. */
function stripped(text) {
  const holder = document.createElement('template');
  for (let round = 0; round < ROUNDS; round += 1) {
    holder.innerHTML = own.createHTML(text);
    if (!strip(holder.content)) return text;
    text = holder.innerHTML;
  }
  return '';
}

/** Takes what could run out of a tree that is not part of the page; whether there was any. */
function strip(tree) {
  let found = false;
  for (const element of tree.querySelectorAll('*')) {
    if (RUNS.has(element.localName)) {
      element.remove();
      found = true;
    }
    for (const {name, value} of [...element.attributes]) {
      if (!runs(name, value)) continue;
      element.removeAttribute(name);
      found = true;
    }
    if (element instanceof HTMLTemplateElement && strip(element.content)) found = true;
  }
  return found;
}

function runs(name, value) {
  if (RUNS_BY_NAME.test(name)) return true;
  if (value.includes('[') && name.endsWith('hx-trigger')) return true;
  return value.includes(':') && MAY_RUN.test(name) && RUNS_BY_VALUE.test(value.replace(PASSED_OVER, ''));
}
