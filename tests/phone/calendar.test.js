import assert from 'node:assert/strict';
import {test} from 'node:test';
import {aNeighbourhood} from './neighbourhood.js';

/** An office that knows of one address. */
function office(env) {
  const at = {on: false};
  env.fetch = async (path, {method}) => {
    assert.equal(path, '/me/calendar');
    at.on = method === 'PUT' || (method === 'GET' && at.on);
    if (method === 'DELETE') return new Response(null, {status: 204});
    return Response.json(method === 'PUT' ? {address: 'https://naober.example/calendar/x.ics'} : {on: at.on});
  };
}

test('an address is made, shown once, and taken back', async () => {
  const {env, get, post, remove} = await aNeighbourhood();
  office(env);
  assert.ok((await get('/profile/calendar')).html.includes('leest nog niets'));
  assert.ok((await post('/profile/calendar', {})).html.includes('https://naober.example/calendar/x.ics'));
  const {html} = await get('/profile/calendar');
  assert.ok(html.includes('Stop met delen') && !html.includes('x.ics'));
  assert.ok((await remove('/profile/calendar')).html.includes('leest nog niets'));
});

test('without a line the page says that it needs one, and offers nothing', async () => {
  const {html} = await (await aNeighbourhood()).get('/profile/calendar');
  assert.ok(html.includes('Hiervoor is verbinding nodig.'));
  assert.ok(!html.includes('Maak een adres'));
});
