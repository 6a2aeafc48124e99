/**
 * How changes become a record: a pure function of the set of (change, version), whatever their order and however often they come.
 *
 * A field keeps every entry that no other write of that field has replaced. What replaced entries had reached is remembered in `past` (only
 * where the entries still standing do not say it), so that a latecomer meets the same answer as one that was in time.
 */
import * as clock from './clock.js'

/** Give the record after this change; `write` = {by, role, stamp, version, seen, device, n}, `spec` = the kind's entry in kinds.json. */
export function apply(record, change, write, spec) {
  const base = record || blank(change)
  if (!Object.keys(base.writes).length) { // nothing to settle yet
    const fields = Object.fromEntries(Object.entries(change.fields).map(([name, value]) => [name, { [change.id]: value }]))
    return { ...base, version: write.version, writes: { [change.id]: write }, fields }
  }
  const writes = { ...base.writes, [change.id]: write }
  const fields = { ...base.fields }
  const past = { ...base.past }
  for (const [name, value] of Object.entries(change.fields)) {
    const wins = spec.fields[name]?.wins || []
    const entries = { ...fields[name], [change.id]: value }
    ;[fields[name], past[name]] = settle(entries, past[name] || {}, writes, wins)
  }
  return trim(base, Math.max(base.version, write.version), writes, fields, past)
}

/** Give what a page shows: one value a field (emptied ones left out), `also` the others written at the same time, and who wrote it first. */
export function shown(record) {
  const fields = {}
  const also = {}
  for (const name of Object.keys(record.fields)) {
    const [first, ...rest] = latest_first(record, name)
    if (first.value !== null) fields[name] = first.value
    const others = rest.filter(entry => text(entry.value) !== text(first.value))
    if (others.length) also[name] = others
  }
  const write = origin(record)
  const at = (clock.parse(write.stamp) || { ms: 0 }).ms
  const { id, kind, subject, topic, version } = record
  return { id, kind, subject, topic, version, by: write.by, role: write.role, stamp: write.stamp, at, fields, also }
}

/** Give the write that made the record: who it is by. */
export function origin(record) {
  return Object.values(record.writes).reduce((a, b) => (b.version < a.version ? b : a))
}

/** Give the canonical JSON text: keys by code point, no spaces, nothing escaped needlessly; for what `rules.check` let through (no floats). */
export function text(value) {
  if (Array.isArray(value)) return `[${value.map(text).join(',')}]`
  if (value === null || typeof value !== 'object') return scalar(value)
  return `{${keys(value).map(key => `${JSON.stringify(key)}:${text(value[key])}`).join(',')}}`
}

/** List an object's keys by code point, the order of the canonical text. */
export function keys(object) {
  return Object.keys(object).sort(by_code_point)
}

/** Name the fields that hold different values written at the same time. */
export function conflicts(record) {
  const differ = entries => new Set(Object.values(entries).map(text)).size > 1
  return keys(record.fields).filter(name => differ(record.fields[name]))
}

function blank(change) {
  return { id: change.record, kind: change.kind, subject: change.subject, topic: change.topic, version: 0, writes: {}, fields: {} }
}

function settle(entries, past, writes, wins) {
  const reached = { ...past }
  for (const [change, value] of Object.entries(entries)) join(reached, reach(writes[change], wins.includes(value)))
  const kept = Object.fromEntries(Object.entries(entries).filter(([change, value]) => stands(writes[change], wins.includes(value), reached)))
  const said = {}
  for (const [change, value] of Object.entries(kept)) join(said, reach(writes[change], wins.includes(value)))
  return [kept, Object.fromEntries(Object.entries(reached).filter(([key, most]) => most > (said[key] || 0)))]
}

function reach(write, wins) {
  const reached = { seen: Math.min(write.seen, write.version - 1), [`n:${write.device}`]: write.n }
  return wins ? { ...reached, [`won:${write.device}`]: write.version } : reached
}

function join(reached, more) {
  for (const [key, most] of Object.entries(more)) reached[key] = Math.max(reached[key] || 0, most)
}

function stands(write, wins, reached) {
  if (write.version <= reached.seen || write.n < reached[`n:${write.device}`]) return false
  const own = `won:${write.device}`
  return wins || Object.entries(reached).every(([key, most]) => most <= write.seen || key === own || !key.startsWith('won:'))
}

function trim(base, version, writes, fields, past) {
  const used = new Set(Object.values(fields).flatMap(Object.keys))
  used.add(Object.keys(writes).reduce((a, b) => (writes[b].version < writes[a].version ? b : a)))
  const keep = (object, test) => Object.fromEntries(Object.entries(object).filter(test))
  const full = ([, inner]) => Object.keys(inner).length > 0
  const left = keep(past, full)
  const record = {
    id: base.id, kind: base.kind, subject: base.subject, topic: base.topic, version,
    writes: keep(writes, ([change]) => used.has(change)), fields: keep(fields, full),
  }
  return Object.keys(left).length ? { ...record, past: left } : record
}

function latest_first(record, name) {
  const { writes } = record
  const key = change => writes[change].stamp + change
  const order = Object.keys(record.fields[name]).sort((a, b) => (key(a) < key(b) ? 1 : -1))
  return order.map(change => ({ value: record.fields[name][change], by: writes[change].by, stamp: writes[change].stamp }))
}

function scalar(value) {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} cannot be written: whole numbers only`)
  if (value === undefined) throw new TypeError('a missing value cannot be written: use null')
  return JSON.stringify(value)
}

/** Order two texts as Python does. JavaScript compares UTF-16 units; that differs from code points only when one side is half of a pair. */
function by_code_point(a, b) {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    if (a[i] !== b[i]) return a.codePointAt(i) - b.codePointAt(i)
  }
  return a.length - b.length
}
