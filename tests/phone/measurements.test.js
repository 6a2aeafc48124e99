/** What a resident or their family measured: noted beside what a professional measures, and told apart everywhere. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {ANNIE, DE_WIT, aNeighbourhood, withValues} from './neighbourhood.js';

const PATH = `/households/${DE_WIT}/measurements`;
const OWN = {resident: ANNIE, by_whom: 'resident', device: 'Omron M3', day: '2026-11-21', time: '20:30', m_blood_pressure: '138', m_blood_pressure_second: '82'};
const measured = async (phone) => (await phone.records(`resident:${ANNIE}`)).filter(({kind}) => kind === 'measurement').map((one) => merge.shown(one).fields);

test('what somebody measured themselves is kept with who, when and with what', async () => {
  const {get, post, phone} = await aNeighbourhood();
  const before = (await measured(phone)).length;
  const after = await post(PATH, withValues(await get(`${PATH}/new`), OWN));
  assert.equal(after.status, 303);
  const all = await measured(phone);
  assert.equal(all.length, before + 1);
  const {at, ...rest} = all.find((one) => one.by_whom);
  assert.deepEqual(rest, {what: 'blood_pressure', value: 138, second: 82, by_whom: 'resident', device: 'Omron M3'});
  assert.equal(new Date(at).toISOString(), '2026-11-21T19:30:00.000Z');
  const {html} = await get(after.location);
  for (const words of ['Meting bewaard.', 'Zelf gemeten', 'Bloeddruk (zelf gemeten, Omron M3) <b>138/82</b>', 'gisteren 20:30']) assert.ok(html.includes(words), words);
});

test('it says what is missing, and takes no time that has still to come', async () => {
  const {get, post, phone} = await aNeighbourhood();
  const before = (await measured(phone)).length;
  const page = await get(`${PATH}/new`);
  for (const [wrong, words] of [[{by_whom: ''}, 'id="wrong-by_whom"'], [{day: '2099-01-01'}, 'Kies een dag en tijd die al geweest zijn.'], [{day: 'x'}, 'Kies een dag en tijd'],
    [{m_blood_pressure: '', m_blood_pressure_second: ''}, 'Vul ten minste één meting in.'], [{m_blood_pressure: 'hoog'}, 'Typ twee hele getallen'], [{device: 'x'.repeat(81)}, 'id="wrong-device"']]) {
    const answer = await post(PATH, withValues(page, {...OWN, ...wrong}));
    assert.equal(answer.status, 422);
    assert.ok(answer.html.includes(words), words);
  }
  assert.equal((await measured(phone)).length, before);
});
