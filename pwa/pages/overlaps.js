/** Whether somebody already does what is about to be asked: a quiet line beside the form of a task, which never stands in the way (D2). */
import {openTasks} from './task_rows.js';
import {line} from './page.js';

const SHORTEST = 4;

/** The open task of this household that says nearly the same, as a sentence; '' when there is none. */
export function overlap(env, home, values) {
  const wanted = words(line(values, 'task_what'));
  const same = wanted.size ? openTasks(env, home, `/households/${home.id}`).find(({done, what}) => !done && alike(wanted, words(what))) : null;
  return same ? env.say('overlap.same', {what: same.what, meta: same.meta}) : '';
}

/** Half of the words of the shorter one, and at least one, stand in both. */
function alike(a, b) {
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared > 0 && 2 * shared >= Math.min(a.size, b.size);
}

function words(text) {
  return new Set((text ?? '').toLowerCase().split(/[^\p{L}]+/u).filter((word) => word.length >= SHORTEST));
}
