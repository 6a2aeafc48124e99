/** Passkeys in the browser: asked for with the salt that opens a vault, answered to the office without the secret. */
import {base64url, bytes64, wraps} from './vault.js';

export class Refusal extends Error {
  name = 'Refusal';

  /** code: no_passkey | cancelled | offline | busy | used | expired | unknown | last | failed. */
  constructor(code) {
    super(`passkey: ${code}`);
    this.code = code;
  }
}

const CODES = {last_passkey: 'last', invitation_used: 'used', invitation_expired: 'expired', not_recognised: 'unknown', busy: 'busy'};
// What an authenticator answers in bytes, when it makes a passkey or uses one.
const SAID = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
const asking = {now: null};

/** Whether this browser can make and use passkeys at all. */
export function able() {
  return typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';
}

/** Makes a passkey for an invitation: {portrait, secret, credential}; secret is null on a device that has none to give. */
export async function enrol(fetch, token) {
  const {challenge, options} = await send(fetch, `/invitations/${token}/challenges`, {});
  const made = await asked((signal) => navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal}));
  const portrait = await send(fetch, `/invitations/${token}/passkey`, {challenge, credential: bare(made)});
  return {portrait, secret: await secretNow(made, portrait.salt), credential: made.id};
}

/** Signs in with whatever passkey lies here; `deviceOf` gives the device that a person had on this browser before, or null. */
export async function signIn(fetch, deviceOf) {
  const {challenge, options} = await send(fetch, '/sessions/challenges', {});
  const found = await asked((signal) => navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), signal}));
  const person = new TextDecoder().decode(found.response.userHandle ?? new Uint8Array());
  const portrait = await send(fetch, '/sessions', {challenge, credential: bare(found), device: deviceOf(person)});
  return {portrait, secret: secretOf(found), credential: found.id};
}

/** Shows the office a passkey of whoever is signed in: {answer, secret, credential}; the answer serves once. */
export async function show(fetch) {
  const {challenge, options} = await send(fetch, '/sessions/challenges', {});
  const found = await asked((signal) => navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), signal}));
  return {answer: {challenge, credential: bare(found)}, secret: secretOf(found), credential: found.id};
}

/** Makes one more passkey for who just showed one: {credential, salt, secret}; secret is null when it has none to give. */
export async function add(fetch, {answer}) {
  const {challenge, options} = await send(fetch, '/passkeys/challenges', answer);
  const made = await asked((signal) => navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal}));
  const {salt} = await send(fetch, '/passkeys', {challenge, credential: bare(made)});
  return {credential: made.id, salt, secret: await secretNow(made, salt)};
}

/** Steps into a person of the demo neighbourhood. */
export async function stepIn(fetch, person, device) {
  const portrait = await send(fetch, '/demo/sessions', {person, device, language: document.documentElement.lang});
  return {portrait, secret: await demoSecret(person), credential: null};
}

/** What opens a slot, by one touch of any of its passkeys and without network: {secret, credential}; secret is null when the passkey gave none. Who used it wipes it. */
export async function secretFor(slot) {
  return slot.demo ? {secret: await demoSecret(slot.person), credential: null} : secretAgain(wraps(slot));
}

/** The demo's key is no secret: it follows from the name of the person. */
async function demoSecret(person) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`naober demo ${person}`)));
}

/** Some authenticators give the secret only when they are asked to sign. */
async function secretNow(made, salt) {
  return secretOf(made) ?? (enabled(made) ? (await secretAgain([{credential: made.id, salt}])).secret : null);
}

async function secretAgain(keys) {
  const [{salt}, another] = keys;
  const each = Object.fromEntries(keys.map((one) => [one.credential, {first: bytes64(one.salt)}]));
  const publicKey = {
    challenge: crypto.getRandomValues(new Uint8Array(32)), userVerification: 'required',
    allowCredentials: keys.map(({credential}) => ({type: 'public-key', id: bytes64(credential)})),
    extensions: {prf: {eval: {first: bytes64(salt)}, ...(another && {evalByCredential: each})}},
  };
  const found = await asked((signal) => navigator.credentials.get({publicKey, signal}));
  return {secret: secretOf(found), credential: found.id};
}

/** One question at a time: a second tap replaces the first. */
async function asked(question) {
  asking.now?.abort();
  asking.now = new AbortController();
  try {
    return await question(asking.now.signal);
  } catch (error) {
    throw new Refusal(error.name === 'NotAllowedError' || error.name === 'AbortError' ? 'cancelled' : error.name === 'InvalidStateError' ? 'used' : 'failed');
  }
}

function secretOf(credential) {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  return first ? new Uint8Array(first) : null;
}

function enabled(credential) {
  return credential.getClientExtensionResults().prf?.enabled === true;
}

/** The credential as JSON without what opens the vault: the browser's own toJSON() would make text of that too, which nothing wipes out of memory. */
function bare(credential) {
  const {id, type, authenticatorAttachment, response} = credential;
  const {prf, ...others} = credential.getClientExtensionResults();
  const said = Object.fromEntries(SAID.filter((name) => response[name]).map((name) => [name, base64url(new Uint8Array(response[name]))]));
  if (response.getTransports) said.transports = response.getTransports();
  const results = {...others, ...(prf && {prf: {enabled: prf.enabled === true || Boolean(prf.results)}})};
  return {id, rawId: id, type, authenticatorAttachment, response: said, clientExtensionResults: results};
}

/** The office's answer to a value: JSON, or a piece of a page as text. */
export async function send(fetch, path, value) {
  const asks = {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(value), credentials: 'same-origin'};
  const response = await fetch(path, asks).catch(() => { throw new Refusal('offline'); });
  if (response.ok && response.headers.get('content-type')?.startsWith('text/html')) return response.text();
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Refusal(CODES[body.error?.code] ?? (response.status >= 500 ? 'busy' : 'failed'));
}

/** A slot's public half: what unlocking needs before any key is there. */
export function slotOf({portrait, credential}) {
  const {device, salt, demo} = portrait;
  return credential ? {credential, salt, device} : {demo, device};
}

