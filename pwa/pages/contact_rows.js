/** Contacts and signals as lines: when, where, with whom, and what stood out. */
import {local} from '../i18n.js';
import {stated, worst} from './page.js';
import {signature} from './colleagues.js';
import {inSentence} from './names.js';
import {remarksOn} from './remark_rows.js';

/** Contacts, each with its signals, and signals that came alone, as rows for contact.html, newest first; `on` is the day. */
export function contactRows(env, known, people) {
  const alone = known.signal.filter(({fields}) => !known.contact.some(({id}) => id === fields.contact));
  return [...known.contact, ...alone].sort((a, b) => instant(b) - instant(a)).map((one) => row(env, known, people, one));
}

function row(env, known, people, contact) {
  const {fields} = contact;
  const signals = known.signal.filter((signal) => contact.kind === 'contact' && signal.fields.contact === contact.id);
  const place = fields.place_name ?? (fields.place && env.say(`place.${fields.place}`));
  return {
    time: local(instant(contact)).time, on: fields.day ?? local(instant(contact)).date, title: title(env, known, contact),
    meta: [place, signature(env, people, contact)].filter(Boolean).join(' · '), text: fields.text ?? '',
    signals: signals.map((signal) => ({lens: lens(env, signal), text: signal.fields.text === fields.text ? '' : signal.fields.text ?? ''})), ...stated(env, worst([contact, ...signals])),
    remarks: remarksOn(env, {known, people}, [contact, ...signals].map(({id}) => id)),
  };
}

function title(env, known, contact) {
  const {kind, fields, subject} = contact;
  const way = kind === 'signal' ? lens(env, contact) : env.say(fields.way ? `way.${fields.way}` : 'contact.some');
  const name = known.resident.find((one) => one.subject === subject)?.fields.name;
  return name ? env.say('contact.with', {way, name: inSentence(name)}) : way;
}

function lens(env, {fields}) {
  return env.say(fields.lens ? `lens.${fields.lens}` : 'contact.signal');
}

function instant({fields, at}) {
  return fields.at ?? at;
}
