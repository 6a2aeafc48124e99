/** Scores the way in of an office on this machine, for tests/observatory.py: node observatory.mjs name http-port https-port. The last word is the points. */
import dns from 'node:dns';

const HERE = '127.0.0.1';
const [name, httpPort, httpsPort] = process.argv.slice(2);

// Every name is this machine.
dns.lookup = (host, options, done) => {
  const then = done ?? options;
  process.nextTick(() => (options.all ? then(null, [{address: HERE, family: 4}]) : then(null, HERE, 4)));
};

const {retrieve} = await import('@mdn/mdn-http-observatory/src/retriever/retriever.js');
const {ALL_TESTS} = await import('@mdn/mdn-http-observatory/src/constants.js');
const {getGradeForScore, getScoreModifier} = await import('@mdn/mdn-http-observatory/src/grader/grader.js');
const {MINIMUM_SCORE_FOR_EXTRA_CREDIT} = await import('@mdn/mdn-http-observatory/src/grader/charts.js');

const found = await retrieve(name, {httpPort: Number(httpPort), httpsPort: Number(httpsPort), path: '/'});
if (!found.responses.auto) throw new Error(`no answer at https://${name}:${httpsPort}/`);
let cost = 0, extra = 0, passed = 0;
for (const test of ALL_TESTS) {
  const {result, pass} = test(found);
  const points = getScoreModifier(result);
  if (points < 0) cost += points;
  else extra += points;
  passed += pass;
  console.log(`${pass ? 'ok ' : 'NOT'} ${points >= 0 ? '+' : ''}${points} ${result}`);
}
const whole = 100 + cost;
const points = whole >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? whole + extra : whole;
console.log(`${name}: ${getGradeForScore(points).grade}, ${passed} of ${ALL_TESTS.length} passed, points: ${points}`);
