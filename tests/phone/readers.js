/** Reads worlds, a line each {world, day, holds: {person: [pair …]}}; writes where a phone and the reference differ: {exact, loose, lines, wrong}. */
import {createInterface} from 'node:readline';
import {TOPICS, US, aPhoneOf, differences, houseOf, lineSays, phoneSays, subjectsOf, toldAsOne, withUs} from './worlds.js';

const count = {exact: 0, loose: 0, lines: 0};
const wrong = [];

for await (const text of createInterface({input: process.stdin})) {
  const {world, day, holds} = JSON.parse(text);
  const truths = Object.entries(holds).map(([person, pairs]) => [person, new Set(pairs.map(([subject, topic]) => `${subject} ${topic}`))]);
  const ours = aPhoneOf(withUs(world), day, US);
  tell(ours, truths, subjectsOf(world));
  for (const [owner, pairs] of Object.entries(holds)) tell(aPhoneOf(world, day, owner, {pairs}), truths, wholly(world, pairs));
  if (toldAsOne(ours)) await tellLines(ours, Object.keys(holds));
}
process.stdout.write(JSON.stringify({...count, wrong}));

function tell(phone, truths, subjects) {
  const {owner, day, world} = phone;
  for (const [person, truth] of truths) wrong.push(...differences(phone, person, truth, subjects, count).map((one) => ({...one, owner, day, world})));
}

/** The subjects of which a phone holds everything practical, at home and of all who live there: it knows all that was said. */
function wholly(world, pairs) {
  const open = new Set(pairs.filter(([, topic, , after]) => topic === 'practical' && !after).map(([subject]) => subject));
  const whole = (house) => subjectsOf(world).every((subject) => houseOf(world, subject) !== house || open.has(subject));
  return subjectsOf(world).filter((subject) => {
    const house = houseOf(world, subject);
    return subject.startsWith('household:') ? whole(house) : open.has(subject) && open.has(`household:${house}`);
  });
}

async function tellLines(phone, persons) {
  const {world, day} = phone;
  for (const id of Object.keys(world.residents)) {
    const says = await lineSays(phone, id);
    for (const person of persons) {
      const line = TOPICS.filter((topic) => says(person).has(topic)).join();
      const rule = TOPICS.filter((topic) => phoneSays(phone, person, `resident:${id}`, topic)).join();
      count.lines += 1;
      if (line !== rule) wrong.push({person, subject: `resident:${id}`, line, rule, day, world});
    }
  }
}
