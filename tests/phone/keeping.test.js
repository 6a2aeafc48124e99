/** Whether what lies here stays here: which browsers throw away what a page keeps, what its owner reads of it, and what the office hears. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {keeps} from '../../pwa/keeping.js';
import {staying} from '../../pwa/pages/staying.js';
import {aNeighbourhood} from './neighbourhood.js';
import {Desk, TEAM, aPhone, amina, anEnv} from './phones.js';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1';
const CHROME_ON_IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15';
const ANDROID = 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Mobile Safari/537.36';

test('an iPhone or iPad keeps something on its home screen only, every other browser always', () => {
  for (const [userAgent, maxTouchPoints, standalone, expected] of [
    [IPHONE, 5, false, false], [IPHONE, 5, true, true], [CHROME_ON_IPHONE, 5, false, false],
    [MAC, 5, false, false], [MAC, 5, true, true], [MAC, 0, undefined, true], [ANDROID, 5, undefined, true],
  ]) assert.equal(keeps({userAgent, maxTouchPoints, standalone}), expected, `${userAgent} ${standalone}`);
});

test('mijn telefoon and ik say whether the browser promised to keep it, and what to do', async () => {
  const {env, get} = await aNeighbourhood();
  assert.match((await get('/profile/phone')).html, /Blijft het staan\?.*Ja\. Je browser heeft beloofd/s);
  assert.doesNotMatch((await get('/profile')).html, /Je browser mag weggooien/);
  env.protected = () => false;
  for (const path of ['/profile', '/profile/phone']) assert.match((await get(path)).html, /mag weggooien wat hier staat.*Zet Naober op je beginscherm/s);
  env.standing = () => true;
  for (const path of ['/profile', '/profile/phone']) assert.match((await get(path)).html, /mag weggooien wat hier staat.*Houd ruimte vrij/s);
  env.protected = () => null;
  assert.match((await get('/profile/phone')).html, /Je browser zegt niet of hij bewaart/);
});

test('who keeps nothing reads why', async () => {
  const {env, get} = await aNeighbourhood();
  env.fleeting = () => true;
  assert.match((await get('/profile')).html, /Op een nieuwere telefoon of browser kan dat wel/);
  env.keeps = () => false;
  for (const path of ['/today', '/profile', '/profile/phone']) assert.match((await get(path)).html, /In Safari blijft niets.*Zet op beginscherm/s);
  assert.equal(staying(env).tone, 'ochre');
});

test('each sync says what the browser promised, once it has said so', async () => {
  const desk = new Desk(), said = [];
  const env = anEnv({fetch: (path, asked) => { said.push(asked.headers['naober-persisted']); return desk.fetch(path, asked); }});
  const phone = await aPhone(env);
  for (const promised of [null, false, true]) {
    env.protected = () => promised;
    await phone.sync();
  }
  assert.deepEqual(said, [undefined, '0', '1']);
});

const LOST = {name: 'Chrome, Android', sure: true, last: Date.UTC(2026, 10, 22, 8), missing: 5, numbers: '8–12'};

test('what a browser threw away is said on vandaag and ik until it was read', async () => {
  const {env, phone, get, remove} = await aNeighbourhood({me: {...amina(), lost: LOST}});
  for (const path of ['/today', '/profile']) {
    assert.match((await get(path)).html, /heeft weggegooid wat hier.*van vandaag 09:00\. Wat je daarna schreef.*5 dingen die je schreef kwamen nooit binnen: nummer 8–12\./s);
  }
  await phone.keepMe({...phone.me(), lost: {...LOST, sure: false, last: null, missing: 0, numbers: ''}});
  const {html} = await get('/today');
  assert.match(html, /al eerder bezig \(Chrome, Android\)\?.*Het kantoor kreeg van dat toestel nog niets/s);
  assert.doesNotMatch(html, /kwamen nooit binnen/);
  assert.equal((await remove('/profile/loss')).location, '/today');
  for (const path of ['/today', '/profile']) assert.doesNotMatch((await get(path)).html, /al eerder bezig/);
  assert.equal(env.phone.me().lossRead, true);
});

test('each sync says how far this phone has counted, also of what it could not send yet', async () => {
  const desk = new Desk(), said = [];
  const phone = await aPhone(anEnv({fetch: (path, asked) => { said.push(asked.headers['naober-made']); return desk.fetch(path, asked); }}));
  await phone.sync();
  const note = (text) => phone.change('contact', {subject: `team:${TEAM}`, topic: 'social', fields: {day: '2026-11-22', text}});
  await phone.add(Array.from({length: 501}, (_, n) => note(`Buurtcontact ${n}`)), {});
  desk.fault = 'before';
  await phone.sync();
  desk.fault = null;
  await phone.sync();
  assert.deepEqual(said, [undefined, '501', '501', '501']);
});
