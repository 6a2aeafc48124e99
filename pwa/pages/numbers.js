/** Whom to call in the whole country: numbers that are at hand without signal too. */

const NUMBERS = {urgent: '112', safe_home: '0800-2000', suicide: '0800-0113', police: '0900-8844'};

/** These numbers as they are shown and dialled: [{text, number, tel}]. */
export function numbersOf(env, names) {
  return names.map((name) => dialled(env.say(`safety_step.number.${name}`), NUMBERS[name]));
}

/** Any number with whose it is. */
export function dialled(text, number) {
  return {text, number, tel: number.replace(/[^+\d]/g, '')};
}
