/** What a form of a liaison is about, and who will read it: what is practical is the household's, the rest is somebody's who lives there. */
import {readersOf, readersOfPlan} from './readers.js';
import {TOPICS} from './second_look.js';

/** One quiet line of who will read it. */
export function readersOfLiaison(env, home, values) {
  const {topic} = about(home, values);
  return topic === 'practical' ? readersOfPlan(env, home) : readersOf(env, home, [topic], residentOf(home, values)?.id ?? null);
}

/** Its subject and topic. */
export function about(home, values) {
  const topic = TOPICS.find((one) => one === values.get('topic')) ?? 'practical';
  const resident = residentOf(home, values);
  return topic === 'practical' || !resident ? {subject: home.house.subject, topic: 'practical'} : {subject: resident.subject, topic};
}

function residentOf({residents}, values) {
  return residents.find(({id}) => id === values.get('resident')) ?? residents[0] ?? null;
}
