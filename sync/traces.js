/** What in a text may point at somebody who is known: for lines that are to be told further without whom they are about. */
import * as rules from './rules.js'

const WORD = /\p{L}+/gu
const SHORTEST = 3
// What stands before a name and is none.
const BESIDE = new Set('mevrouw mevr meneer dhr heer familie fam gezin echtpaar mrs miss family van von der den het ten ter aan the and een'.split(' '))
const MONTHS = 'jan|feb|mrt|maart|march|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec'
const DATE = new RegExp(
  '(?<![0-9])(?:[0-3]?[0-9][-/. ][01]?[0-9][-/. ](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]' +
  `|[0-3]?[0-9] (?:${MONTHS})[a-z]{0,6}\\.? (?:19|20)[0-9]{2})(?![0-9])`,
)
const ADDRESS = /(?:straat|laan|weg|plein|gracht|kade|dijk|hof|pad|singel|steeg|street|road|avenue) [0-9]/

/** Name what a text seems to hold: a 'name' or 'street' (of these, or an address), when somebody was 'born', a 'phone', 'bsn' or 'email'. */
export function traces(text, names, streets) {
  const lower = text.toLowerCase()
  const words = lower.match(WORD) || []
  const said = ` ${words.join(' ')} `
  const found = {
    name: names.some(name => words_of(name).some(word => words.includes(word))),
    street: ADDRESS.test(lower) || streets.map(street_of).some(street => street && said.includes(` ${street} `)),
    born: DATE.test(lower),
  }
  return [...Object.keys(found).filter(what => found[what]), ...rules.identifiers(text)]
}

function words_of(name) {
  return (name.toLowerCase().match(WORD) || []).filter(word => word.length >= SHORTEST && !BESIDE.has(word))
}

/** 'Kadestraat 12-a' -> 'kadestraat'. */
function street_of(street) {
  return (street.toLowerCase().split(/[0-9]/)[0].match(WORD) || []).join(' ')
}
