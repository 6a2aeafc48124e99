/** Who reads what is written, as a phone tells it, against the same cases as the office and the reference. */
import assert from 'node:assert/strict';
import test from 'node:test';
import book from '../../sync/cases/entitled.json' with {type: 'json'};
import {TOPICS, US, aPhoneOf, comes, differences, lineSays, phoneSays, subjectsOf, toldAsOne, withUs} from './worlds.js';

const count = {exact: 0, loose: 0};
const asked = book.cases.map((one) => {
  const world = withUs(worldOf(one));
  const subjects = subjectsOf(world).filter((subject) => !one.about || one.about.includes(subject));
  return {...one, world, subjects, truth: new Set(one.gives.map(([subject, topic]) => `${subject} ${topic}`))};
});

/** The world of a case, its additions and every statement filled in. */
function worldOf(one) {
  const world = structuredClone(book.worlds[one.world ?? 'base']);
  for (const [part, more] of Object.entries(one.add ?? {})) world[part] = Array.isArray(more) ? [...world[part], ...more] : {...world[part], ...more};
  return {...world, statements: world.statements.map((said) => ({...book.statement, ...said}))};
}

for (const {rule, it, world, on, person, subjects, truth} of asked) {
  test(`rule ${rule}: ${it}`, () => assert.deepEqual(differences(aPhoneOf(world, on, US), person, truth, subjects, count), []));
}

test('all but a few of the cases are compared to the letter', () => {
  assert.ok(count.exact > 20 * count.loose, JSON.stringify(count));
});

test('a phone that saw fewer come names fewer, one that saw more names more, and never the other way', () => {
  const wrong = asked.map(({it, world, on, person, subjects, truth}) => {
    const fewer = aPhoneOf(world, on, US, {seen: []});
    const more = aPhoneOf(world, on, US, {seen: [...comes(world, on), ...world.care]});
    const named = differences(fewer, person, truth, subjects).filter(({phone}) => phone);
    return [it, ...named, ...differences(more, person, truth, subjects).filter((one) => one.truth)];
  });
  assert.deepEqual(wrong.filter(([, ...found]) => found.length), []);
});

test('the line under a form says of everybody what the rule says of each', async () => {
  const wrong = [];
  for (const {it, world, on} of asked) {
    const phone = aPhoneOf(world, on, US);
    for (const resident of toldAsOne(phone) ? Object.keys(world.residents) : []) {
      const says = await lineSays(phone, resident);
      for (const person of new Set(world.hats.map(([who]) => who))) {
        const line = TOPICS.filter((topic) => says(person).has(topic)).join();
        const rule = TOPICS.filter((topic) => phoneSays(phone, person, `resident:${resident}`, topic)).join();
        if (person !== US && line !== rule) wrong.push([it, person, resident, line, rule]);
      }
    }
  }
  assert.deepEqual(wrong, []);
});
