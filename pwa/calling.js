/** After a call or a message: who comes back to the app stands where it can be written down. */

/** From now on, a link with data-after leads there as soon as somebody is back; whoever touched something else meanwhile is left where they are. */
export function comingBack() {
  let after = '';
  document.addEventListener('click', ({target}) => { after = target.closest?.('a[data-after]')?.dataset.after ?? ''; });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !after) return;
    follow(after);
    after = '';
  });
}

function follow(href) {
  const link = document.createElement('a');
  link.href = href;
  document.getElementById('main')?.append(link);
  htmx.process(link);
  link.click();
}
