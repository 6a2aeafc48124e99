/** The desk by keyboard: a key does what stands on the page for it (`data-key`); in a text it stays a letter, and who wants none puts them out. */

const SAME = {ArrowDown: 'j', ArrowUp: 'k'};
const OUT = 'naober-keys-out';
const TYPING = 'input, textarea, select';
const WIDE = '(min-width: 60rem)';

/** Listens from now on. */
export function listenKeys() {
  document.addEventListener('keydown', pressed);
  document.addEventListener('change', ({target}) => { if (target.matches('[data-keys]')) localStorage.setItem(OUT, target.checked ? '' : 'out'); });
  for (const name of ['DOMContentLoaded', 'htmx:after:swap']) document.addEventListener(name, tell);
  tell();
}

function pressed(event) {
  const {key, target, ctrlKey, metaKey, altKey, repeat} = event;
  if (ctrlKey || metaKey || altKey || repeat || out() || target.closest?.(TYPING) || (SAME[key] && scrolls(target))) return;
  const place = document.querySelector(`[data-office] [data-key="${CSS.escape(SAME[key] ?? key)}"]`);
  if (!place) return;
  event.preventDefault();
  if (place.matches(TYPING)) place.focus();
  else place.click();
  place.closest('details')?.scrollIntoView({block: 'nearest'});
}

/** Whether an arrow moves what is read there. */
function scrolls(target) {
  const pane = target.closest?.('.record');
  return Boolean(pane) && pane.scrollHeight > pane.clientHeight;
}

function out() {
  return localStorage.getItem(OUT) === 'out';
}

/** What was put out stays out on the page that comes, and where list and record stand side by side the line that is read stays in sight. */
function tell() {
  for (const box of document.querySelectorAll('[data-keys]')) box.checked = !out();
  if (matchMedia(WIDE).matches) document.querySelector('#desk .arrival[aria-current]')?.scrollIntoView({block: 'nearest'});
}
