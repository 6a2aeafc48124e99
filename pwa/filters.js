/* Values of the compiled templates as Python would judge them: text, truth, equality, and Jinja2's filters and tests. */

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const OUTER_SPACE = new RegExp(`^${SPACE}|${SPACE}$`, 'g');
const COUNTED = /^(0|[1-9][0-9]*)$/;

/** Text that is HTML already: made by a template, never by a page function. */
export class Safe {
  constructor(html) {
    this.html = html;
  }
}

/** What Jinja2's lazy filters give: true even when empty, and used up by the first that reads it. */
class Stream {
  constructor(items) {
    this.items = items;
  }

  take() {
    const items = this.items;
    this.items = [];
    return items;
  }
}

export function text(value) {
  if (typeof value === 'string') return value;
  if (value instanceof Safe) return value.html;
  if (typeof value === 'number') return String(whole(value));
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === undefined) return '';
  if (value === null) return 'None';
  throw new TypeError('a list or object cannot be printed');
}

export function html(value) {
  if (value instanceof Safe) return value.html;
  const plain = text(value);
  return /[&<>"']/.test(plain) ? plain.replace(/[&<>"']/g, (sign) => ENTITIES[sign]) : plain;
}

export function whole(value) {
  if (typeof value === 'boolean') return Number(value);
  if (Number.isSafeInteger(value)) return value;
  throw new TypeError(`${typeof value === 'number' ? value : typeof value} is not a whole number`);
}

export function truth(value) {
  if (value instanceof Safe) return value.html !== '';
  if (Array.isArray(value)) return value.length > 0;
  if (value === null || typeof value !== 'object') return Boolean(value);
  return value instanceof Stream || Object.keys(value).length > 0;
}

function keys(value) {
  const all = Object.keys(value);
  if (all.some((key) => COUNTED.test(key))) throw new TypeError('an object with numbers as keys has no order; give a list');
  return all;
}

function plain(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Safe) && !(value instanceof Stream);
}

export function each(value) {
  if (Array.isArray(value)) return value;
  if (value === undefined) return [];
  if (value instanceof Stream) return value.take();
  if (plain(value)) return keys(value);
  throw new TypeError(`${value === null ? 'None' : typeof value} is not a list`);
}

export function get(value, key) {
  if (value === undefined) throw new TypeError(`nothing was given that has .${key}`);
  if (value === null) return undefined;
  if (Array.isArray(value) && Number.isInteger(key)) return value.at(key);
  if (plain(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key] : undefined;
  throw new TypeError(`a ${Array.isArray(value) ? 'list' : typeof value} has no .${key}`);
}

export function equal(a, b) {
  const [left, right] = [a, b].map((value) => (value instanceof Safe ? value.html : typeof value === 'boolean' ? Number(value) : value));
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, place) => equal(item, right[place]));
  if (!plain(left) || !plain(right)) return false;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]));
}

export function has(all, one) {
  if (typeof all === 'string' && typeof one === 'string') return all.includes(one);
  if (plain(all)) return typeof one === 'string' && Object.hasOwn(all, one);
  return each(all).some((item) => equal(item, one));
}

export function range(start, stop, step = 1) {
  const [from, to] = stop === undefined ? [0, whole(start)] : [whole(start), whole(stop)];
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / whole(step))) }, (_, place) => from + place * step);
}

function same_kind(value, work) {
  return value instanceof Safe ? new Safe(work(value.html)) : work(text(value));
}

function picked(value, name, wanted, test = truth, ...more) {
  return new Stream(each(value).filter((item) => test(get(item, name), ...more) === wanted));
}

function length(value) {
  if (value instanceof Safe || typeof value === 'string') return [...text(value)].length;
  if (value instanceof Stream) throw new TypeError('count a list, not what a lazy filter gives; put |list before');
  return plain(value) ? Object.keys(value).length : each(value).length;
}

function or_default(value, other = '', also_when_empty = false) {
  return value === undefined || (truth(also_when_empty) && !truth(value)) ? other : value;
}

function escape(value) {
  return new Safe(html(value));
}

export const FILTERS = {
  e: escape, escape, default: or_default, d: or_default, length, count: length,
  join: (value, between = '') => {
    const [parts, glue] = [each(value), between];
    const marked = [glue, ...parts].some((part) => part instanceof Safe);
    return marked ? new Safe(parts.map(html).join(html(glue))) : parts.map(text).join(text(glue));
  },
  first: (value) => each(value)[0],
  last: (value) => {
    if (value instanceof Stream) throw new TypeError('the last of a list, not of what a lazy filter gives; put |list before');
    return each(value).at(-1);
  },
  upper: (value) => same_kind(value, (plain_text) => plain_text.toUpperCase()),
  lower: (value) => same_kind(value, (plain_text) => plain_text.toLowerCase()),
  trim: (value) => same_kind(value, (plain_text) => plain_text.replace(OUTER_SPACE, '')),
  replace: (value, old, other) => {
    if ([value, old, other].some((part) => typeof part !== 'string') || old === '') throw new TypeError('replace works on plain text');
    return value.replaceAll(old, () => other);
  },
  string: (value) => same_kind(value, (plain_text) => plain_text),
  list: (value) => [...each(value)],
  reverse: (value) => new Stream([...each(value)].reverse()),
  map: (value, name) => new Stream(each(value).map((item) => get(item, name))),
  select: (value) => new Stream(each(value).filter(truth)),
  reject: (value) => new Stream(each(value).filter((item) => !truth(item))),
  selectattr: (value, name, ...test) => picked(value, name, true, ...test),
  rejectattr: (value, name, ...test) => picked(value, name, false, ...test),
  items: (value) => new Stream(value === undefined ? [] : keys(value).map((key) => [key, value[key]])),
  urlencode: (value) => encodeURIComponent(text(value)).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%2F', '/'),
  abs: (value) => Math.abs(whole(value)),
  batch: (value, size) => {
    const items = each(value);
    return new Stream(range(0, items.length, size).map((start) => items.slice(start, start + size)));
  },
};

export const TESTS = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  string: (value) => typeof value === 'string' || value instanceof Safe,
  number: (value) => typeof value === 'number' || typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  odd: (value) => Math.abs(whole(value) % 2) === 1,
  even: (value) => whole(value) % 2 === 0,
  divisibleby: (value, by) => whole(value) % whole(by) === 0,
  in: (value, all) => has(all, value),
  eq: equal, equalto: equal, '==': equal,
  ne: (a, b) => !equal(a, b), '!=': (a, b) => !equal(a, b),
};
