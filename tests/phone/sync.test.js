import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'

import * as clock from '../../sync/clock.js'
import * as merge from '../../sync/merge.js'
import * as rules from '../../sync/rules.js'
import * as traces from '../../sync/traces.js'
import kinds from '../../sync/kinds.json' with { type: 'json' }
import { chance } from './chance.js'

const MODULES = { clock, merge, rules, traces }
const SPEC = { fields: { a: {}, b: { wins: [true] }, c: {} } }

function cases(name) {
  return JSON.parse(readFileSync(new URL(`../../sync/cases/${name}.json`, import.meta.url), 'utf8'))
}

function filled(value) {
  if (typeof value !== 'string' || !value.startsWith('$kinds')) return value
  return value === '$kinds' ? kinds : kinds.kinds[value.slice('$kinds.'.length)]
}

for (const name of Object.keys(MODULES)) {
  for (const { call, it, given, gives } of cases(name)) {
    test(`${call} ${it}`, () => {
      const before = JSON.stringify(given)
      assert.deepEqual(MODULES[name][call.split('.')[1]](...given.map(filled)), gives)
      assert.equal(JSON.stringify(given), before, 'what was given is left as it was')
    })
  }
}

function shuffled(list, random) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}

/** Writes by up to four devices, in versions that need not follow the order in which a device wrote them. */
function history(random, order = shuffled) {
  const whole = most => Math.floor(random() * most)
  const count = 1 + whole(9)
  const versions = order(Array.from({ length: count }, (_, i) => i + 1), random)
  return versions.map((version, i) => {
    const device = `d${whole(4)}`
    const fields = { a: whole(3), ...(random() < 0.6 ? { b: random() < 0.5 } : {}), ...(random() < 0.3 ? { c: null } : {}) }
    const change = { id: `c${i}`, kind: 'k', record: 'r', subject: 's:1', topic: 'practical', fields }
    const stamp = clock.tick(null, 1_000_000 + whole(5), `0000000${whole(10)}`)
    return { change, write: { by: 'h', role: 'nurse', stamp, version, seen: whole(version), device, n: i + 1 } }
  })
}

function record(steps) {
  return steps.reduce((sofar, { change, write }) => merge.apply(sofar, change, write, SPEC), null)
}

test('any order and any doubling gives the same record', () => {
  const seed = Number(process.env.NAOBER_SEED || Math.floor(Math.random() * 2 ** 31))
  console.log(`# NAOBER_SEED=${seed}`)
  const random = chance(seed)
  for (let i = 0; i < 1500; i += 1) {
    const steps = history(random)
    const doubled = [...steps, ...steps.filter(() => random() < 0.4)]
    const expected = merge.text(record(steps))
    for (let k = 0; k < 4; k += 1) assert.equal(merge.text(record(shuffled(doubled, random))), expected, `seed ${seed}, history ${i}`)
  }
})

test('the last write of an undisturbed history always stands', () => {
  const random = chance(7)
  for (let i = 0; i < 300; i += 1) {
    const steps = history(random, list => list)
    assert.ok(steps.at(-1).change.id in record(steps).fields.a)
  }
})

test('what cannot be written is said, not guessed', () => {
  assert.throws(() => merge.text({ a: 1.5 }), /whole numbers/)
  assert.throws(() => merge.text({ a: undefined }), /use null/)
})
