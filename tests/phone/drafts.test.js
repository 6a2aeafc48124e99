import assert from 'node:assert/strict';
import test from 'node:test';
import {aPhone, anEnv, restarted} from './phones.js';

test('half-written text is there after a kill, the newest first', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  await phone.drafts.keep('visit-new household:1', {text: 'half'});
  env.at += 1000;
  await phone.drafts.keep('contact-new', {place: 'park', signs: ['a', 'b']});
  await phone.drafts.keep('visit-new household:1', {text: 'half a sentence'});
  const later = await restarted(env);
  assert.deepEqual(await later.drafts.find('visit-new household:1'), {text: 'half a sentence'});
  assert.deepEqual((await later.drafts.all()).map((one) => one.form).sort(), ['contact-new', 'visit-new household:1']);
});

test('a dropped draft is gone, one that never was is null', async () => {
  const phone = await aPhone();
  await phone.drafts.keep('a', {text: 'x'});
  await phone.drafts.drop('a');
  assert.equal(await phone.drafts.find('a'), null);
  assert.equal(await phone.drafts.find('b'), null);
});
