/** What the visit form says beside its fields while it is filled in: how much is where, and which numbers are unlikely. */
import {line, text} from './page.js';
import {MEASURES, readings, warning} from './measurements.js';

export const TOPICS = ['practical', 'body', 'mind', 'society', 'social'];

/** How much is in each part of the form, for its chips: {body: '1', measures: '', task: ''}. */
export function counts(values) {
  const found = Object.fromEntries(TOPICS.map((topic) => [topic, text(values, `text_${topic}`) ? '1' : '']));
  return {...found, measures: String(readings(values).length || ''), task: line(values, 'task_what') ? '1' : ''};
}

/** The question beside each measurement: [{id, text}], text '' where there is none. */
export function warnings(env, values) {
  const found = new Map(readings(values).map((reading) => [reading.what, reading]));
  return MEASURES.map(({what}) => ({id: `warn-${what}`, text: warning(env, found.get(what))}));
}
