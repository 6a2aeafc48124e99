/* Read before anything is drawn: puts the lock page that the shell brings along in its place, while the app itself is still on its way. */
customElements.define('naober-lock', class extends HTMLElement {
  connectedCallback() {
    const known = document.querySelector(`[data-lock="${localStorage.getItem('naober-lock')}"]`);
    if (known) document.getElementById('app').replaceWith(known.content.cloneNode(true));
    this.remove();
  }
});
// A tap that comes before the app is kept for it.
document.addEventListener('click', ({target}) => target.closest('[data-act]')?.setAttribute('data-tapped', ''), {once: true});
