/** Installing, and whether the browser promised to keep what lies here. */

const HIDDEN = 'naober-hint-hidden';
const kept = {asked: null, persisted: null};

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  kept.asked = event;
});

/** Asks the browser to keep our storage; null where it cannot say. */
export async function persist() {
  const {storage} = navigator;
  if (!storage?.persisted) return;
  kept.persisted = await storage.persisted() || await storage.persist().catch(() => false);
}

/** true, false, or null when the browser does not say. */
export function persisted() {
  return kept.persisted;
}

/** The invitation to install, or null: {text, offered}. */
export function hint(say) {
  if (localStorage.getItem(HIDDEN) || matchMedia('(display-mode: standalone)').matches || navigator.standalone) return null;
  if (kept.asked) return {text: say('install.text'), offered: true};
  return /iPhone|iPad/.test(navigator.userAgent) ? {text: say('install.ios'), offered: false} : null;
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
