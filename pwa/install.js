/** Installing, and whether the browser promised to keep what lies here. */

const HIDDEN = 'naober-hint-hidden';
const kept = {asked: null, persisted: null, begged: false};

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  kept.asked = event;
});

/** Asks the browser whether it keeps our storage, and once a start to do so; gives whether that is news. */
export async function persist() {
  const {storage} = navigator;
  if (!storage?.persisted) return false;
  const before = kept.persisted;
  kept.persisted = await storage.persisted();
  if (!kept.persisted && !kept.begged) {
    kept.begged = true;
    kept.persisted = await storage.persist().catch(() => false);
  }
  return kept.persisted !== before;
}

/** Calls fn once Naober stands on the home screen: browsers keep more for what was installed. */
export function installed(fn) {
  addEventListener('appinstalled', () => {
    kept.begged = false;
    fn();
  });
}

/** true, false, or null when the browser does not say. */
export function persisted() {
  return kept.persisted;
}

/** The invitation to install, or null: {text, offered}. */
export function hint(say) {
  if (localStorage.getItem(HIDDEN) || standing()) return null;
  if (kept.asked) return {text: say('install.text'), offered: true};
  return /iPhone|iPad/.test(navigator.userAgent) ? {text: say('install.ios'), offered: false} : null;
}

/** Whether Naober was opened from the home screen. */
export function standing() {
  return Boolean(navigator.standalone) || matchMedia('(display-mode: standalone)').matches;
}

export function hideHint() {
  localStorage.setItem(HIDDEN, '1');
}

/** Opens the browser's own question. */
export async function install() {
  const {asked} = kept;
  kept.asked = null;
  await asked?.prompt();
}
