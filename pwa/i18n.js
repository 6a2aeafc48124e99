/* What is said to people, and how dates and numbers are written: messages by key, tables of our own; twin of server/i18n.py. */
import nl from './messages/nl.json' with { type: 'json' };
import en from './messages/en.json' with { type: 'json' };

export const LANGUAGES = ['nl', 'en'];
export const WORDS = ['client', 'patient', 'resident', 'citizen', 'inhabitant', 'customer', 'name'];
const MESSAGES = { nl, en };
const DAY_MS = 86_400_000;
const WEEK = 7;

const TABLES = {
  nl: {
    weekdays: ['maandag', 'dinsdag', 'woensdag', 'donderdag', 'vrijdag', 'zaterdag', 'zondag'],
    weekdays_short: ['ma', 'di', 'wo', 'do', 'vr', 'za', 'zo'],
    months: ['januari', 'februari', 'maart', 'april', 'mei', 'juni', 'juli', 'augustus', 'september', 'oktober', 'november', 'december'],
    months_short: ['jan', 'feb', 'mrt', 'apr', 'mei', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dec'],
    near: ['gisteren', 'vandaag', 'morgen'],
    comma: [','],
    client: ['cliënt', 'cliënten', 'de cliënt', 'een cliënt'],
    patient: ['patiënt', 'patiënten', 'de patiënt', 'een patiënt'],
    resident: ['bewoner', 'bewoners', 'de bewoner', 'een bewoner'],
    citizen: ['burger', 'burgers', 'de burger', 'een burger'],
    inhabitant: ['inwoner', 'inwoners', 'de inwoner', 'een inwoner'],
    customer: ['klant', 'klanten', 'de klant', 'een klant'],
  },
  en: {
    weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    weekdays_short: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
    months: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
    months_short: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
    near: ['yesterday', 'today', 'tomorrow'],
    comma: ['.'],
    client: ['client', 'clients', 'the client', 'a client'],
    patient: ['patient', 'patients', 'the patient', 'a patient'],
    resident: ['resident', 'residents', 'the resident', 'a resident'],
    citizen: ['citizen', 'citizens', 'the citizen', 'a citizen'],
    inhabitant: ['inhabitant', 'inhabitants', 'the inhabitant', 'an inhabitant'],
    customer: ['customer', 'customers', 'the customer', 'a customer'],
  },
};

/** Adds messages that came later: {language: {key: message}}. */
export function learn(more) {
  for (const language of LANGUAGES) Object.assign(MESSAGES[language], more[language]);
}

const strictness = { on: false };

/** Let a missing message or value throw (tests) or show its key (people). */
export function strict(on) {
  strictness.on = on;
}

/** The speaker of this language with this word for the resident; an unknown language or word falls back to nl and resident. */
export function speaker(language, word = 'resident', messages = null) {
  const known = LANGUAGES.includes(language) ? language : LANGUAGES[0];
  return new Speaker(known, WORDS.includes(word) ? word : 'resident', messages ?? MESSAGES[known]);
}

// Zones differ by whole minutes, and a page asks for now in each of its lines.
const wall = { format: null, minutes: new Map() };
const MINUTES_MAX = 5000;

/** An instant's date and time on the wall in the Netherlands. */
export function local(ms) {
  const minute = Math.floor(ms / 60_000);
  if (!wall.minutes.has(minute)) {
    if (wall.minutes.size >= MINUTES_MAX) wall.minutes.clear();
    wall.minutes.set(minute, Object.freeze(wallClock(ms)));
  }
  return wall.minutes.get(minute);
}

function wallClock(ms) {
  wall.format ??= new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Amsterdam', hourCycle: 'h23',
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  const at = {};
  for (const { type, value } of wall.format.formatToParts(ms)) at[type] = value;
  return {
    date: `${at.year}-${at.month}-${at.day}`, time: `${at.hour}:${at.minute}`,
    year: +at.year, month: +at.month, day: +at.day, hour: +at.hour, minute: +at.minute,
  };
}

/** One language and one word for the resident. */
export class Speaker {
  constructor(language, word, messages) {
    Object.assign(this, { language, word, messages, table: TABLES[language] });
  }

  /** The message of this key, with its form for n and its values filled in. */
  say(key, values = {}) {
    const message = Object.hasOwn(this.messages, key) ? this.messages[key] : null;
    if (message === null) return this.missing(key, key);
    const { resident, ...others } = values;
    const text = typeof message === 'string' ? message : message[others.n === 1 ? 'one' : 'other'];
    if (!text.includes('{')) return text;
    const filled = { ...this.words(resident), ...others };
    return text.replace(/\{([\p{L}\p{N}_]+)\}/gu, (found, name) => this.value(key, found, name, filled));
  }

  /** '24 november 2026'. */
  date(day) {
    return `${+day.slice(8)} ${this.table.months[+day.slice(5, 7) - 1]} ${day.slice(0, 4)}`;
  }

  /** 'dinsdag 24 november'. */
  day(day) {
    return `${this.weekday(day)} ${+day.slice(8)} ${this.table.months[+day.slice(5, 7) - 1]}`;
  }

  /** 'di 24 nov'. */
  day_short(day) {
    return `${this.table.weekdays_short[weekday_index(day)]} ${+day.slice(8)} ${this.table.months_short[+day.slice(5, 7) - 1]}`;
  }

  /** 'dinsdag'. */
  weekday(day) {
    return this.table.weekdays[weekday_index(day)];
  }

  /** 'vandaag', 'gisteren', 'morgen', or the day, with its year when that is not this year. */
  near(day, today) {
    const days = days_since(day, today);
    if (days >= -1 && days <= 1) return this.table.near[days + 1];
    return day.slice(0, 4) === today.slice(0, 4) ? this.day(day) : `${this.day(day)} ${day.slice(0, 4)}`;
  }

  /** '08:41', in the Netherlands. */
  clock(ms) {
    return local(ms).time;
  }

  /** 'vandaag 08:41', 'gisteren 21:05', 'zaterdag 14:02' (up to six days ago), '12 november 09:10', with its year when that is not this year. */
  when(ms, now) {
    const at = local(ms);
    const today = local(now).date;
    const days = days_since(at.date, today);
    if (days >= -1 && days <= 1) return `${this.table.near[days + 1]} ${at.time}`;
    if (days > -WEEK && days < 0) return `${this.weekday(at.date)} ${at.time}`;
    const year = at.date.slice(0, 4) === today.slice(0, 4) ? '' : ` ${at.year}`;
    return `${at.day} ${this.table.months[at.month - 1]}${year} ${at.time}`;
  }

  /** A whole number of tenths, hundredths, …: 372 with 1 decimal is '37,2'. */
  number(scaled, decimals = 0) {
    if (decimals === 0) return String(scaled);
    const digits = String(Math.abs(scaled)).padStart(decimals + 1, '0');
    return `${scaled < 0 ? '-' : ''}${digits.slice(0, -decimals)}${this.table.comma[0]}${digits.slice(-decimals)}`;
  }

  /** Whole years from one date to another. */
  age(born, today) {
    return +today.slice(0, 4) - +born.slice(0, 4) - (today.slice(5) < born.slice(5) ? 1 : 0);
  }

  /** What every template may call: `_`, `lang` and the verbs above. */
  globals() {
    const all = { _: this.say.bind(this), lang: this.language };
    for (const verb of ['date', 'day', 'day_short', 'weekday', 'near', 'clock', 'when', 'number', 'age']) all[verb] = this[verb].bind(this);
    return all;
  }

  words(name) {
    let [one, many, the, a] = this.table[this.word === 'name' ? 'resident' : this.word];
    if (this.word === 'name' && name) one = the = a = String(name);
    const words = { resident: one, residents: many, the_resident: the, a_resident: a };
    for (const [key, text] of Object.entries(words)) words[capital(key)] = capital(text);
    return words;
  }

  value(key, found, name, values) {
    if (Object.hasOwn(values, name) && values[name] != null) return String(values[name]);
    return this.missing(`${key} ${found}`, found);
  }

  missing(what, shown) {
    if (strictness.on) throw new Error(`${what} is missing in ${this.language}; add it to pwa/messages, or pass its value`);
    return shown;
  }
}

function weekday_index(day) {
  return (new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7;
}

function days_since(day, since) {
  return (Date.parse(`${day}T00:00Z`) - Date.parse(`${since}T00:00Z`)) / DAY_MS;
}

function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
