/** Another version of the app over what the last one left, forwards and back, ended at each step of its start: all pairs, nothing unsent is lost or doubled. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {IDBFactory} from 'fake-indexeddb';
import {makePhone} from '../../pwa/phone.js';
import {Faulty} from './faults.js';
import {Desk, SECRET, TEAM, amina, anEnv, anId, elsewhere} from './phones.js';
import {quick} from './subtle.js';
import {frozen, ofVersion} from './versions.js';

const LAST = 2;
const HOWS = ['before', 'during', 'after'];
const HOUSE = `household:${anId()}`;

const VERSIONS = [];
for (const name of [...frozen.slice(-LAST), '']) VERSIONS.push([name || 'this one', await ofVersion(name)]);

/** A device whose app changes between two starts: one version writes without network, the other takes over. */
class Device {
  storage = new IDBFactory();
  desk = new Desk();
  saved = new Set();

  start(make) {
    this.faulty?.close();
    this.faulty = new Faulty(this.storage);
    this.phone = make({...anEnv({indexedDB: this.faulty, fetch: this.desk.fetch}), subtle: quick});
  }

  async open(make) {
    this.start(make);
    await this.unlock();
  }

  async unlock() {
    const {phone} = this;
    const [slot] = await phone.slots();
    await phone.unlock(slot, SECRET);
    await phone.tidy();
  }

  async begin(make) {
    this.desk.pairs = [[HOUSE, 'practical', null], [`team:${TEAM}`, 'social', null]];
    this.start(make);
    await this.phone.create(SECRET, {demo: true}, amina());
    this.task = (await this.write('task', {subject: HOUSE, topic: 'practical', fields: {what: 'Zalf halen'}})).record;
    assert.equal((await this.phone.sync()).problem, null);
  }

  async write(kind, what) {
    const {changes: [made]} = await this.phone.add([this.phone.change(kind, what)], {op: anId()});
    this.saved.add(made.id);
    return made;
  }

  /** A visit without network: something new, something that is edited, something half written. */
  async work(make, words) {
    await this.open(make);
    await this.write('contact', {subject: `team:${TEAM}`, topic: 'social', fields: {day: '2026-11-22', text: words}});
    await this.write('task', {record: await this.phone.find(this.task, HOUSE), fields: {what: words}});
    await this.phone.drafts.keep('contact-new', [['text', `Half ${words}`]]);
    this.phone.lock();
  }

  /** The other version takes over, ended at its k-th step: whether it was. */
  async takenOver(make, fault) {
    this.start(make);
    this.faulty.plan(fault);
    const said = await Promise.race([this.faulty.died, this.unlock().then(() => this.phone.sync())]);
    const {steps} = this.faulty;
    this.faulty.plan(null);
    return {killed: Boolean(said.killed), steps};
  }

  async check(words) {
    const {desk, phone, saved} = this;
    const kept = (await phone.waiting()).map(({change}) => change.id);
    for (const id of saved) assert.ok(kept.includes(id) || desk.known.has(id), `lost: ${id}`);
    assert.deepEqual(await phone.drafts.find('contact-new'), [['text', `Half ${words}`]]);
    assert.deepEqual(Object.values((await phone.find(this.task, HOUSE)).fields.what), [words]);
    assert.equal((await phone.sync()).problem, null);
    assert.deepEqual([...desk.known.keys()].sort(), [...saved].sort(), 'lost or doubled');
    assert.equal((await phone.waiting()).length, 0);
  }
}

for (const [from, old] of VERSIONS) {
  for (const [to, make] of VERSIONS) {
    test(`${to} over what ${from} left, ended at each step of its start`, async () => {
      const device = new Device();
      await device.begin(old);
      let points = 0;
      for (const how of HOWS) {
        for (let at = 1; ; at += 1) {
          const words = `${how} ${at}`;
          await device.work(old, words);
          const {killed, steps} = await device.takenOver(make, {at, how});
          if (killed) await device.open(make);
          await device.check(words);
          device.phone.lock();
          if (!killed && steps < at) break;
          points += killed;
        }
      }
      assert.ok(points >= 30, `${points} points`);
    });
  }
}

test('the stores are those of the version before, or have another number', async () => {
  const [one, other] = await Promise.all(VERSIONS.slice(-2).map(async ([, make]) => {
    const device = new Device();
    await device.begin(make);
    return shape(device.storage);
  }));
  if (one.some(([, version], n) => version === other[n][1])) assert.deepEqual(other, one);
});

test('a store of a later number is left as it is, and what stands in the way is said', async () => {
  const device = new Device();
  await device.begin(makePhone);
  await device.work(makePhone, 'later');
  const {name} = (await device.storage.databases()).find((one) => one.name !== 'naober');
  device.faulty.close();
  (await opened(device.storage.open(name, 2))).close();
  await assert.rejects(device.open(makePhone), {name: 'VersionError'});
  assert.equal((await device.storage.databases()).find((one) => one.name === name).version, 2);
});

for (const [name, make] of VERSIONS) {
  test(`${name} leaves a field it has never heard of as it is`, async () => {
    const device = new Device();
    await device.begin(make);
    const {desk, phone} = device;
    const record = HOUSE.slice('household:'.length);
    desk.put(elsewhere('household', {subject: HOUSE, topic: 'practical', record, fields: {name: 'De Wit', key_safe: '4711', of_later: 'x'}}));
    assert.equal((await phone.sync()).problem, null);
    await device.write('household', {record: await phone.find(record, HOUSE), fields: {street: 'Kade 1'}});
    assert.equal((await phone.sync()).problem, null);
    const {fields} = desk.records.get(record);
    assert.deepEqual(['street', 'key_safe', 'of_later'].map((field) => Object.values(fields[field])[0]), ['Kade 1', '4711', 'x']);
    assert.deepEqual(fields, (await phone.find(record, HOUSE)).fields);
  });
}

/** [database, version, stores with their keys and indexes] of all that lies in a storage. */
async function shape(storage) {
  const found = [];
  for (const {name, version} of await storage.databases()) {
    const db = await opened(storage.open(name));
    const stores = [...db.objectStoreNames].map((store) => {
      const {keyPath, indexNames} = db.transaction(store).objectStore(store);
      const indexes = [...indexNames].map((index) => db.transaction(store).objectStore(store).index(index));
      return [store, keyPath, indexes.map(({name: index, keyPath: key, unique, multiEntry}) => [index, key, unique, multiEntry])];
    });
    found.push([name, version, stores]);
    db.close();
  }
  return found;
}

function opened(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
