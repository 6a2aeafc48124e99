/** <naober-pad>: a box to sign in with a finger, a pen or the mouse; hidden fields of its form hold the strokes, and the words that stood above them. */
import {BOX} from '../sync/rules.js';
import {added, stroke} from './strokes.js';

/** data-words names what is signed by its id; data-empty and data-signed say what is in the box. */
export class Pad extends HTMLElement {
  pointer = null;
  points = [];

  connectedCallback() {
    this.box = this.querySelector('svg');
    this.path = this.querySelector('[name="signature"]');
    this.under = this.querySelector('[name="signed_words"]');
    for (const [type, does] of [['pointerdown', 'begin'], ['pointermove', 'go'], ['pointerup', 'end'], ['pointercancel', 'end']]) {
      this.box.addEventListener(type, (event) => this[does](event));
    }
    this.querySelector('button').addEventListener('click', () => this.keep(''));
  }

  /** A second finger, the heel of a hand or another button draws nothing. */
  begin(event) {
    if (this.pointer !== null || event.button) return;
    this.box.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.points = [this.at(event)];
    if (!this.path.value) this.under.value = document.getElementById(this.dataset.words).textContent;
    this.draw(this.path.value + stroke(this.points));
  }

  go(event) {
    if (event.pointerId !== this.pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) {
      const [x, y] = this.at(one);
      const [wasX, wasY] = this.points.at(-1);
      if (Math.hypot(x - wasX, y - wasY) >= 1) this.points.push([x, y]);
    }
    this.draw(this.path.value + stroke(this.points));
  }

  end({pointerId}) {
    if (pointerId !== this.pointer) return;
    this.pointer = null;
    this.keep(added(this.path.value, this.points));
  }

  /** Puts it in the form, which is kept as a draft; what was wrong with the one before is past. */
  keep(path) {
    document.getElementById('wrong-signature')?.remove();
    this.path.value = path;
    this.box.setAttribute('aria-label', path ? this.dataset.signed : this.dataset.empty);
    this.draw(path);
    this.path.dispatchEvent(new Event('input', {bubbles: true}));
  }

  draw(path) {
    this.box.firstElementChild.setAttribute('d', path);
  }

  /** Where it is in the units of the box, however large that is on this screen. */
  at({clientX, clientY}) {
    const {x, y} = new DOMPoint(clientX, clientY).matrixTransform(this.box.getScreenCTM().inverse());
    return [x, y].map((part, side) => Math.min(BOX[side], Math.max(0, part)));
  }
}
