/** Measurements: what can be measured, in which unit, how it is typed and how it reads; values are whole numbers of tenths where a tenth counts. */
import * as rules from '../../sync/rules.js';
import {line} from './page.js';

export const MEASURES = [
  {what: 'blood_pressure', decimals: 0, second: true}, {what: 'pulse', decimals: 0}, {what: 'temperature', decimals: 1}, {what: 'oxygen', decimals: 0},
  {what: 'weight', decimals: 1}, {what: 'glucose', decimals: 1}, {what: 'pain', decimals: 0},
];
const NUMBER = /^(\d{1,4})(?:[.,](\d))?$/;

/** A typed number as a whole number of units or tenths; null when nothing was typed, NaN when it is no such number. */
export function typed(text, decimals) {
  if (!text) return null;
  const found = NUMBER.exec(text);
  if (!found || (found[2] !== undefined && !decimals)) return NaN;
  return Number(found[1]) * 10 ** decimals + (decimals ? Number(found[2] ?? 0) : 0);
}

/** What was typed in a form: [{what, value, second, codes, wrong: [field names]}], only of what was touched. */
export function readings(form) {
  return MEASURES.flatMap(({what, decimals, second: paired}) => {
    const value = typed(line(form, `m_${what}`), decimals);
    const second = paired ? typed(line(form, `m_${what}_second`), decimals) : null;
    if (value === null && second === null) return [];
    const wrong = [[value, `m_${what}`], [second, `m_${what}_second`]].filter(([one]) => Number.isNaN(one)).map(([, name]) => name);
    if (value === null) wrong.push(`m_${what}`);
    return [{what, value, second, wrong, codes: wrong.length ? [] : rules.plausible(what, value, second)}];
  });
}

/** Fields of the form, with what was typed and a question beside what is unlikely. */
export function fields(env, form) {
  const found = new Map(readings(form).map((reading) => [reading.what, reading]));
  return MEASURES.map(({what, decimals, second}) => ({
    what, name: env.say(`measure.${what}`), unit: env.say(`unit.${what}`), mode: decimals ? 'decimal' : 'numeric', second: Boolean(second),
    label: `${env.say(second ? `measure.${what}.first` : `measure.${what}`)} (${env.say(`unit.${what}`)})`,
    second_label: second ? `${env.say(`measure.${what}.second`)} (${env.say(`unit.${what}`)})` : '',
    value: form.get(`m_${what}`) ?? '', second_value: form.get(`m_${what}_second`) ?? '', warning: warning(env, found.get(what)),
  }));
}

/** What is unlikely about a reading and one question, '' when it is likely enough. */
export function warning(env, reading) {
  const codes = reading?.codes ?? [];
  return codes.length ? [...codes.map((code) => env.say(`plausible.${code}`)), env.say('plausible.right')].join(' ') : '';
}

/** Measurements as they read on a page: [{name, text, unit}]; what somebody measured themselves says so, and with what. */
export function measured(env, values) {
  const order = MEASURES.map(({what}) => what);
  return [...values].sort((a, b) => order.indexOf(a.fields.what) - order.indexOf(b.fields.what)).map(({fields: {what, value, second, by_whom: by, device}}) => {
    const decimals = MEASURES.find((measure) => measure.what === what)?.decimals ?? 0;
    const numbers = [value, second].filter((one) => one !== null && one !== undefined).map((one) => env.speaker().number(one, decimals));
    const own = by ? ` (${[env.say(`selfmeasured.${by}`).toLowerCase(), device].filter(Boolean).join(', ')})` : '';
    return {name: `${env.say(`measure.${what}.short`)}${own}`, text: numbers.join('/'), unit: env.say(`unit.${what}`)};
  });
}
