/** Browsers of helpers without an account, for simulate.js: the link's own keeping, in a browser whose storage outlives its pages. */
import {openLink} from '../../pwa/link_keeping.js';

export class Neighbour {
  kept = new Map();
  turn = Promise.resolve();
  clock = {at: 0, today: ''};

  /** `random(n)` bytes by the seed's chance; `fetch(path, options)` as a page's. */
  constructor({subtle, random, fetch}) {
    this.env = {
      subtle, random, fetch,
      now: () => this.clock.at,
      today: () => this.clock.today,
      storage: {getItem: (name) => this.kept.get(name) ?? null, setItem: (name, value) => { this.kept.set(name, value); }, removeItem: (name) => { this.kept.delete(name); }},
      alone: (name, work) => { this.turn = this.turn.then(work, work); return this.turn; },
    };
  }

  /** The page opened with this token, what is answered there, and a round with the office: what stands on the page then, and in the browser. */
  async visit({token, answers}) {
    const link = await openLink(this.env, token);
    for (const one of answers) await link.answer(one);
    await link.sync();
    return {shown: link.tasks(), waiting: link.waiting, problem: link.problem, stored: [...this.kept.values()]};
  }
}
