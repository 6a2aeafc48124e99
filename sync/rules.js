/** What is a valid change, what repeats when, what may be held: the rules that phone and office must answer alike. */
import * as clock from './clock.js'
import * as merge from './merge.js'

export const ENVELOPE = ['id', 'kind', 'record', 'subject', 'topic', 'stamp', 'seen', 'n', 'by', 'fields']
export const INT_MAX = Number.MAX_SAFE_INTEGER
export const INSTANT_MAX = 9_999_999_999_999
export const SPAN_DAYS_MAX = 1000
export const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
export const DAY = /^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$/
export const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/
export const NOT_TEXT = /[\0\ud800-\udfff]/u
export const NOT_LINE = /[\0\n\r\u0085\u2028\u2029\ud800-\udfff]/u

// Ten digits with a Dutch area code or mobile prefix, or an international number; what starts like 06-11-2026 is a day.
export const PHONE = new RegExp(
  '(?<![0-9])(?!0[1-9][-./ ][01]?[0-9][-./ ](?:19|20)[0-9]{2})' +
  '(?:\\(?0[1-9][0-9]\\)?[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){6}|\\(?0[1-9][0-9]{2}\\)?[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){5}' +
  '|06[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){7}|0[89]00[-./ ]{0,3}[0-9](?:[-./ ]?[0-9]){3,6}' +
  '|(?:\\+|00)[1-9][0-9]?[-./ ]?(?:\\(0\\))?(?:[-./ ]?[0-9]){7,12})(?![0-9])',
)
export const BSN = /(?<![0-9])(?:[0-9]{9}|[0-9]{4}([ .-])[0-9]{2}\1[0-9]{3}|[0-9]{3}([ .-])[0-9]{3}\2[0-9]{3})(?![0-9])/g
export const EMAIL = /[A-Za-z0-9_]@[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2}/

// A signature is the `d` of an SVG path in a box of these units, and nothing else fits in it: M12,34l3,-1 5,2M…, each step from the point before.
export const BOX = [600, 200]
export const STROKES = new RegExp('^(?:M#,#l#,#(?: #,#)*)+$'.replaceAll('#', '(?:0|-?[1-9][0-9]{0,2})'))

// Outside these a phone asks "klopt dit?", and saves all the same: mmHg, per minute, tenths of °C, tenths of kg, tenths of mmol/L, %, 0-10.
export const LIKELY = {
  blood_pressure: [70, 220],
  pulse: [35, 160],
  temperature: [345, 405],
  weight: [250, 2000],
  glucose: [30, 250],
  oxygen: [85, 100],
  pain: [0, 10],
}
export const LIKELY_SECOND = [40, 130]

const DAY_MS = 86_400_000

/** List what is wrong with a change as [{field, why}], empty when nothing is; `isNew`: it makes its record, so required fields must be there. */
export function check(change, kinds, isNew = false) {
  if (!is_object(change)) return [wrong('change', 'type')]
  const lacks = ENVELOPE.filter(name => !Object.hasOwn(change, name)).map(name => wrong(name, 'required'))
  lacks.push(...merge.keys(change).filter(name => !ENVELOPE.includes(name)).map(name => wrong(name, 'unknown')))
  if (lacks.length) return lacks
  const found = ['id', 'record', 'by'].filter(name => !is_id(change[name])).map(name => wrong(name, 'type'))
  if (clock.parse(change.stamp) === null) found.push(wrong('stamp', 'type'))
  found.push(...whole('seen', change.seen, 0, INT_MAX), ...whole('n', change.n, 1, INT_MAX))
  const spec = own(kinds.kinds, change.kind)
  if (!spec) return [...found, wrong('kind', 'unknown')]
  return [...found, ...about(change, spec), ...check_fields(change, spec, isNew)]
}

/** Name the fields of this change that only a record's first change may write, while the record is already there. */
export function signed(change, record, kinds) {
  const spec = kinds.kinds[change.kind].fields
  return record ? merge.keys(change.fields).filter(name => spec[name].how === 'once') : []
}

/** List what makes a measurement worth a second look; a warning, never a refusal; units as in LIKELY, `second` is the lower blood pressure. */
export function plausible(what, value, second) {
  const codes = unlikely('', value, own(LIKELY, what))
  if (what !== 'blood_pressure') return codes
  if (second === null) return [...codes, 'second_missing']
  codes.push(...unlikely('second_', second, LIKELY_SECOND))
  return value !== null && second >= value ? [...codes, 'second_not_below'] : codes
}

/** Say whether a schedule falls on this day: on its weekdays, else every so many days, else only on its start; until is included. */
export function occurs(schedule_fields, day) {
  const { start, until, skipped, weekdays, every_days: every } = schedule_fields
  if (!start || day < start || (until && day > until) || (skipped || []).includes(day)) return false
  if (weekdays?.length) return weekdays.includes(weekday(day))
  return every ? (days_of(day) - days_of(start)) % every === 0 : day === start
}

/** List the days from first to last (both included, at most a thousand days further) on which a schedule falls. */
export function occurrences(schedule_fields, first_day, last_day) {
  const from = days_of(first_day)
  const to = Math.min(days_of(last_day), from + SPAN_DAYS_MAX)
  const days = []
  for (let number = from; number <= to; number += 1) days.push(day_of(number))
  return days.filter(day => occurs(schedule_fields, day))
}

/** Give the first day on which a schedule falls, from `day` itself up to `within_days` later; null when there is none. */
export function next_occurrence(fields, day, within_days) {
  return occurrences(fields, day, day_add(day, within_days))[0] || null
}

/** Name what in a text points to one person: 'phone', 'bsn' (nine digits that pass the eleven test), 'email'. */
export function identifiers(text) {
  const found = { phone: PHONE.test(text), bsn: (text.match(BSN) || []).some(is_bsn), email: EMAIL.test(text) }
  return Object.keys(found).filter(name => found[name])
}

/** Give the points [x, y] of each stroke of a signature; null when it is none, or leaves the box. */
export function strokes(path) {
  if (typeof path !== 'string' || !STROKES.test(path)) return null
  const found = path.split('M').slice(1).map(points_of)
  const inside = found.flat().every(([x, y]) => x >= 0 && x <= BOX[0] && y >= 0 && y <= BOX[1])
  return inside ? found : null
}

/** Say whether a phone needs this record before any history: always, or when its day is yesterday or later. */
export function first(kind, fields, today, kinds) {
  const when = kinds.kinds[kind]?.first || false
  return when === 'recent' ? Boolean(fields.day) && fields.day >= day_add(today, -1) : when
}

/** Say whether a phone may hold and show a record today; `pairs` = [[subject, topic, until or null], …], until included. */
export function may_hold(subject, topic, author_is_me, pairs, today) {
  return author_is_me || pairs.some(pair => pair[0] === subject && pair[1] === topic && (pair[2] === null || pair[2] >= today))
}

/** Give the canonical text of a set of pairs, whose SHA-256 (first 32 hexadecimal digits) is the entitlement digest. */
export function pairs_text(pairs) {
  const lines = [...new Set(pairs.map(merge.text))].sort()
  return `[${lines.join(',')}]`
}

/** Give 'done', 'could_not' or 'open': done by anybody wins over could_not, and what was undone does not count. */
export function task_state(task_id, completions_fields) {
  const counts = completions_fields.filter(fields => fields.task === task_id && fields.undone !== true)
  return ['done', 'could_not'].find(outcome => counts.some(fields => fields.outcome === outcome)) || 'open'
}

/** Give the day n days later (earlier when negative). */
export function day_add(day, n) {
  return day_of(days_of(day) + n)
}

/** Give the day of the week, Monday is 0. */
export function weekday(day) {
  return (((days_of(day) + 3) % 7) + 7) % 7
}

function wrong(field, why) {
  return { field, why }
}

function own(object, name) {
  return typeof name === 'string' && Object.hasOwn(object, name) ? object[name] : undefined
}

function is_object(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function is_id(value) {
  return typeof value === 'string' && ID.test(value)
}

function is_day(value) {
  return typeof value === 'string' && DAY.test(value) && day_exists(value)
}

function whole(field, value, least, most) {
  if (!Number.isInteger(value)) return [wrong(field, 'type')]
  return value >= least && value <= most ? [] : [wrong(field, 'out_of_range')]
}

function about(change, spec) {
  const [noun, whom] = typeof change.subject === 'string' ? halves(change.subject) : ['', '']
  const found = []
  if (!is_id(whom)) found.push(wrong('subject', 'type'))
  else if (!spec.subjects.includes(noun)) found.push(wrong('subject', 'not_allowed'))
  return spec.topics.includes(change.topic) ? found : [...found, wrong('topic', 'not_allowed')]
}

function halves(subject) {
  const colon = subject.indexOf(':')
  return colon < 0 ? [subject, ''] : [subject.slice(0, colon), subject.slice(colon + 1)]
}

function check_fields(change, spec, isNew) {
  const { fields } = change
  if (!is_object(fields)) return [wrong('fields', 'type')]
  const names = merge.keys(fields)
  if (!names.length) return [wrong('fields', 'required')]
  const missing = name => (Object.hasOwn(fields, name) ? fields[name] === null : isNew)
  const found = spec.required.filter(missing).map(name => wrong(name, 'required'))
  const anonymous = typeof change.subject === 'string' && change.subject.startsWith('team:')
  for (const name of names) {
    const field = own(spec.fields, name)
    const why = field ? why_not(fields[name], field, anonymous) : 'unknown'
    if (why) found.push(wrong(name, why))
  }
  return found
}

function why_not(value, field, anonymous) {
  if (value === null) return ''
  const kind = field.type
  if (['line', 'text', 'strokes'].includes(kind)) return why_text(value, field, anonymous)
  if (['ids', 'dates', 'choices', 'weekdays'].includes(kind)) return why_list(value, field)
  if (kind === 'instant') return why_int(value, 0, INSTANT_MAX)
  if (kind === 'int') return why_int(value, field.min, field.max)
  if (kind === 'choice') return typeof value !== 'string' ? 'type' : field.of.includes(value) ? '' : 'not_allowed'
  return fits(kind, value) ? '' : 'type'
}

function why_text(value, field, anonymous) {
  if (typeof value !== 'string') return 'type'
  if ((field.type === 'line' ? NOT_LINE : NOT_TEXT).test(value)) return 'bad_text'
  if (value.length > field.max && [...value].length > field.max) return 'too_long'
  if (field.type === 'strokes' && !strokes(value)) return 'type'
  return anonymous && field.anonymous && identifiers(value).length ? 'names_somebody' : ''
}

function why_int(value, least, most) {
  return whole('', value, least, most)[0]?.why || ''
}

function why_list(value, field) {
  if (!Array.isArray(value)) return 'type'
  const one = { ids: 'id', dates: 'date', choices: 'line', weekdays: 'weekday' }[field.type]
  if (!value.every(item => fits(one, item))) return 'type'
  if (value.length > (field.max ?? value.length)) return 'too_long'
  const allowed = field.of || (one === 'weekday' ? [0, 1, 2, 3, 4, 5, 6] : value)
  if (value.some(item => !allowed.includes(item))) return 'not_allowed'
  return new Set(value).size < value.length ? 'not_allowed' : ''
}

function fits(kind, value) {
  if (kind === 'weekday') return Number.isInteger(value)
  if (kind === 'flag') return typeof value === 'boolean'
  if (kind === 'id') return is_id(value)
  if (kind === 'date') return is_day(value)
  return typeof value === 'string' && (kind === 'line' || TIME.test(value))
}

function unlikely(prefix, value, likely) {
  if (value === null || !likely || (value >= likely[0] && value <= likely[1])) return []
  return [value < likely[0] ? `${prefix}very_low` : `${prefix}very_high`]
}

function points_of(stroke) {
  const points = []
  let [x, y] = [0, 0]
  for (const step of stroke.split(/[l ]/)) {
    const [dx, dy] = step.split(',').map(Number)
    points.push([(x += dx), (y += dy)])
  }
  return points
}

function is_bsn(match) {
  const digits = [...match.replace(/[ .-]/g, '')].map(Number)
  const total = [9, 8, 7, 6, 5, 4, 3, 2, -1].reduce((sum, weight, i) => sum + weight * digits[i], 0)
  return digits.some(Boolean) && total % 11 === 0
}

function day_exists(day) {
  const [year, month, number] = day.split('-').map(Number)
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return month >= 1 && month <= lengths.length && number >= 1 && number <= lengths[month - 1]
}

function days_of(day) {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS
}

function day_of(number) {
  return new Date(number * DAY_MS).toISOString().slice(0, 10)
}
