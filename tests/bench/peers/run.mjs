#!/usr/bin/env node
// Sync peer benchmark. One command: npm install && node run.mjs        (see README.md)
import { fork, execFileSync } from 'node:child_process';
import fs from 'node:fs'; import os from 'node:os'; import path from 'node:path'; import zlib from 'node:zlib';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import net from 'node:net';
import esbuild from 'esbuild';
import { chromium } from 'playwright-core';
import { startProxy } from './lib/proxy.mjs';
import { makeNotes, clientId } from './lib/dataset.mjs';
import { report } from './lib/report.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const arg = (k, d) => { const i = process.argv.indexOf('--' + k); return i < 0 ? d : (process.argv[i + 1]?.startsWith('--') || process.argv[i + 1] === undefined ? true : process.argv[i + 1]); };
const DEFAULT = 'floor-idb,floor-crypt,floor-chunk,floor-opfs,pouchdb,pouchdb-indexeddb,pouchdb?batch=1000,cht-style,rxdb-dexie,rxdb-dexie?batch=1000,yjs,automerge';
const ADAPTERS = String(arg('adapters', DEFAULT)).split(',');
const REPS = +arg('reps', 5), SCEN = String(arg('scenarios', '1k,10k,crash,revoke,refuse')).split(',');
const CHROME = arg('chromium', process.env.CHROMIUM || '/usr/bin/chromium');
const LINKS = { none: null, '3g': { rttMs: 150, downKbps: 1600, upKbps: 750 }, '4g': { rttMs: 70, downKbps: 9000, upKbps: 3000 }, edge: { rttMs: 400, downKbps: 240, upKbps: 200 } };
const LINK = LINKS[arg('link', 'none')], THROTTLE = +arg('cpu', 1);
const OUT = String(arg('out', path.join(HERE, '.results', `results-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl`)));
const TMP = String(arg('tmp', fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())); // tmpfs by default: other programs' disk traffic must not enter the timings
const OP_TIMEOUT = +arg('timeout', 900) * 1000;
const note = (...a) => { if (arg('verbose')) console.error('  [' + new Date().toISOString().slice(11, 23) + ']', ...a); };
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
fs.mkdirSync(path.dirname(OUT), { recursive: true });

// ---------- one adapter = folder + options ("rxdb-dexie?batch=1000")
async function loadAdapter(spec) {
  const [name, q] = spec.split('?'); const dir = path.resolve(HERE, name.includes('/') ? name : path.join('adapters', name));
  const opts = Object.fromEntries(new URLSearchParams(q || ''));
  const mod = await import(pathToFileURL(path.join(dir, 'server.mjs')).href);
  const statics = {}; const payload = {};
  if (fs.existsSync(path.join(dir, 'client.js'))) {
    const r = await esbuild.build({ entryPoints: [path.join(dir, 'client.js')], bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', platform: 'browser', define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' }, logLevel: 'error' });
    statics['/__bench/client.js'] = { type: 'text/javascript', body: Buffer.from(r.outputFiles[0].contents) };
    statics['/__bench/page.html'] = { type: 'text/html', body: '<!doctype html><meta charset=utf-8><title>bench</title><script type=module src=/__bench/client.js></script>' };
  }
  for (const [u, a] of Object.entries(mod.assets || {})) statics[u] = { type: a.type, body: fs.readFileSync(a.pkg ? path.join(HERE, 'node_modules', a.pkg, a.file) : path.resolve(dir, a.file)) };
  for (const [u, s] of Object.entries(statics)) if (!u.endsWith('page.html')) { payload.min = (payload.min || 0) + s.body.length; payload.gz = (payload.gz || 0) + zlib.gzipSync(s.body, { level: 9 }).length; payload.br = (payload.br || 0) + zlib.brotliCompressSync(s.body).length; }
  return { spec, dir, opts, statics, payload };
}
function host(dir, opts) { // the adapter's server, in its own process
  const p = fork(path.join(HERE, 'lib/server-host.mjs'), [path.join(dir, 'server.mjs'), JSON.stringify(opts)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  let id = 0; const wait = new Map();
  p.on('message', (m) => { const w = wait.get(m.id); if (w) { wait.delete(m.id); m.err ? w.no(new Error(m.err)) : w.ok(m.v); } });
  p.on('exit', (c) => { for (const w of wait.values()) w.no(new Error('server exited ' + c)); });
  const call = (op, ...args) => new Promise((ok, no) => { wait.set(++id, { ok, no }); if (!p.connected) return no(new Error('server gone')); p.send({ id, op, args }, (e) => e && no(e)); });
  return new Promise((ok, no) => { wait.set(0, { ok: () => ok({ call, stop: () => call('stop').catch(() => {}) }), no }); });
}
const freePort = () => new Promise((ok) => { const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => ok(port)); }); }); // known before the server starts: it may have to name its origin
// ---------- process accounting: CPU of the whole browser tree (robust against noise from other programs, unlike wall time)
const HZ = 100;
function tree(dirTag) {
  const st = new Map();
  for (const p of fs.readdirSync('/proc')) if (/^\d+$/.test(p)) try {
    const s = fs.readFileSync(`/proc/${p}/stat`, 'utf8'); const r = s.slice(s.lastIndexOf(')') + 2).split(' ');
    st.set(+p, { ppid: +r[1], cpu: (+r[11] + +r[12]) * 1000 / HZ, cmd: fs.readFileSync(`/proc/${p}/cmdline`, 'utf8') });
  } catch {}
  const roots = [...st].filter(([, v]) => v.cmd.includes(dirTag)).map(([k]) => k); const all = new Set(roots);
  for (let grew = true; grew;) { grew = false; for (const [k, v] of st) if (!all.has(k) && all.has(v.ppid)) { all.add(k); grew = true; } }
  return { pids: [...all], cpu: [...all].reduce((a, k) => a + st.get(k).cpu, 0) };
}
const du = (d) => { let n = 0; try { for (const f of fs.readdirSync(d, { withFileTypes: true, recursive: true })) if (f.isFile()) n += fs.statSync(path.join(f.parentPath || f.path, f.name)).size; } catch {} return n; };
const disk = (prof) => { const parts = {}; let bytes = 0; for (const x of ['IndexedDB', 'File System', 'Local Storage', 'Service Worker/CacheStorage']) bytes += parts[x] = du(path.join(prof, 'Default', x)); return { bytes, parts }; };

class Session {
  constructor(ad) { this.ad = ad; }
  async launch(fresh) {
    if (fresh) this.prof = fs.mkdtempSync(path.join(TMP, 'peers-prof-'));
    this.ctx = await chromium.launchPersistentContext(this.prof, { executablePath: CHROME, headless: true, args: FLAGS, timeout: 120_000 });
    this.page = this.ctx.pages()[0] || (await this.ctx.newPage());
    if (this.info.cookie) await this.ctx.addCookies([{ ...this.info.cookie, url: this.proxy.origin, httpOnly: true, sameSite: 'Strict' }]); // a server that wants somebody signed in
    this.page.setDefaultTimeout(OP_TIMEOUT);
    this.page.on('pageerror', (e) => console.error('  [page error]', String(e).slice(0, 300)));
    if (arg('verbose')) this.page.on('console', (m) => console.error('  [console]', m.text().slice(0, 300)));
    await this.page.goto(this.proxy.origin + (this.info.page || '/__bench/page.html'));
    await this.page.waitForFunction(() => !!globalThis.benchAdapter);
    this.cdp = await this.ctx.newCDPSession(this.page); await this.cdp.send('Performance.enable');
    if (THROTTLE > 1) await this.cdp.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
    await this.page.evaluate(() => { globalThis.__long = []; try { new PerformanceObserver((l) => { for (const e of l.getEntries()) __long.push(e.duration); }).observe({ type: 'longtask' }); } catch {} });
    this.proxy.take();
  }
  async op(fn, ...args) { // run adapter method in the page; returns wall, cpu, long tasks and traffic
    note('op', fn);
    const busy0 = await this.busy(), cpu0 = tree(this.prof).cpu, scpu0 = await this.srv.call('cpu'); this.proxy.take();
    const r = await Promise.race([this.page.evaluate(async ([f, a]) => {
      __long.length = 0; const t = performance.now(); let v, err;
      try { v = f === '__record' ? await (async () => { for (const n of a[0]) await benchAdapter.record(n); return a[0].length; })() : await benchAdapter[f](...a); } catch (e) { err = String(e && e.stack || e).slice(0, 500); }
      const ms = performance.now() - t; await new Promise((r) => setTimeout(r, 20));
      return { ms, err, v: Array.isArray(v) ? v.length : typeof v === 'number' ? v : null, maxLong: Math.max(0, ...__long), blocked: __long.reduce((s, x) => s + Math.max(0, x - 50), 0) };
    }, [fn, args]), new Promise((_, no) => setTimeout(() => no(new Error('timeout ' + fn)), OP_TIMEOUT))]);
    const log = this.proxy.take();
    return { ...r, cpuMs: tree(this.prof).cpu - cpu0, mainMs: (await this.busy()) - busy0, serverCpuMs: (await this.srv.call('cpu')) - scpu0, net: this.proxy.summarise(log) };
  }
  async busy() { const m = (await this.cdp.send('Performance.getMetrics')).metrics; return 1000 * m.find((x) => x.name === 'TaskDuration').value; }
  async heap() { await this.cdp.send('HeapProfiler.collectGarbage'); return (await this.cdp.send('Performance.getMetrics')).metrics.find((x) => x.name === 'JSHeapUsedSize').value; }
  open() { return this.op('open', { api: this.proxy.origin + '/api', origin: this.proxy.origin, db: 'bench', opts: this.ad.opts }); }
  async count() { return (await this.op('count')).v; }
  async sync() { const has = await this.page.evaluate(() => !!benchAdapter.sync); if (has) return this.op('sync'); const a = await this.op('push'), b = await this.op('pull'); return merge(a, b); }
  async shut() { await this.ctx.close(); }
  kill() { for (const p of tree(this.prof).pids) try { process.kill(p, 'SIGKILL'); } catch {} }
  drop() { fs.rmSync(this.prof, { recursive: true, force: true, maxRetries: 5 }); }
}
const merge = (a, b) => { const o = { ...a }; for (const k of ['ms', 'cpuMs', 'mainMs', 'serverCpuMs', 'blocked']) o[k] = a[k] + b[k]; o.maxLong = Math.max(a.maxLong, b.maxLong); o.err = a.err || b.err; o.net = { perPath: { ...a.net.perPath } }; for (const k of Object.keys(a.net)) if (k !== 'perPath') o.net[k] = a.net[k] + b.net[k]; for (const [k, v] of Object.entries(b.net.perPath)) o.net.perPath[k] = (o.net.perPath[k] || 0) + v; return o; };

async function bulk(s, n, res, withWrites) {
  const tag = n >= 1000 ? n / 1000 + 'k' : String(n); const notes = makeNotes(n); await s.srv.call('seed', notes);
  await s.launch(true);
  res[`open_fresh`] = await s.open();
  const pull = await s.op('pull'); res[`pull_${tag}`] = pull; if (pull.err) throw new Error('pull failed: ' + pull.err); const have = await s.count(); pull.ok = have === n; if (!pull.ok) pull.have = have;
  res[`read50_first_${tag}`] = await s.op('newest', clientId(7), 50); res[`read50_again_${tag}`] = await s.op('newest', clientId(8), 50);
  res[`heap_${tag}`] = { bytes: await s.heap() };
  await s.op('close'); await s.shut(); res[`disk_${tag}`] = disk(s.prof); if (arg('verbose')) console.error(execFileSync('find', [path.join(s.prof, 'Default', 'IndexedDB'), '-type', 'f', '-printf', '%s %P\n']).toString());
  await s.launch(false); const o = await s.open(); const r = await s.op('newest', clientId(7), 50);
  res[`cold_open_read50_${tag}`] = merge(o, r);
  res[`sync2_${tag}`] = await s.sync(); // first two-way sync after the pull: some peers re-examine everything they just received
  res[`nochange_${tag}`] = await s.sync(); // steady state
  const more = makeNotes(10, { seed: 2, offset: n }); await s.srv.call('add', more);
  res[`incr10_${tag}`] = await s.op('pull'); const h2 = await s.count(); res[`incr10_${tag}`].ok = h2 === n + 10;
  if (withWrites) {
    let off = n + 10, expect = n + 10;
    for (const k of [100, 1000]) {
      s.proxy.setOffline(true); res[`record_${k}`] = await s.op('__record', makeNotes(k, { seed: 3, offset: off })); s.proxy.setOffline(false); off += k; expect += k;
      res[`push_${k}`] = await s.op('push'); const c = await s.srv.call('count'); res[`push_${k}`].ok = c === expect; if (c !== expect) res[`push_${k}`].have = c - expect;
    }
    res.sync_after_push = await s.sync(); // does the server echo the phone's own notes back?
    // Lost response: the server stores the push, the phone never hears about it, then tries again.
    // 'socket' = connection reset before any response byte; 'body' = headers arrive, body is cut off.
    for (const mode of ['socket', 'body']) {
      s.proxy.setOffline(true); await s.op('__record', makeNotes(20, { seed: 4, offset: off })); s.proxy.setOffline(false); expect += 20; off += 20;
      const f = s.proxy.dropNext((e) => e.method === 'POST' && (!s.info.pushPattern || e.url.includes(s.info.pushPattern)), mode);
      const p1 = await s.op('push'); const p2 = await s.op('push'); const c = await s.srv.call('count');
      res['lost_response_' + mode] = { ...merge(p1, p2), err: null, firstTryError: p1.err, dropped: f.done, serverExtra: c - expect, ok: f.done && c === expect };
      expect = c;
    }
  }
  await s.op('close'); await s.shut(); s.drop();
  return pull;
}
async function today(s, n, res) { // a new phone with all its history still at the office: when is what today needs there?
  await s.srv.call('seed', makeNotes(n)); await s.launch(true); await s.open(); if (!await s.page.evaluate(() => !!benchAdapter.today)) return;
  res.today = await s.op('today'); await s.op('close'); await s.shut(); s.drop();
}
async function crash(s, n, full, res) { // kill -9 the browser after half of the initial pull arrived; what does the second attempt cost?
  const total = full.net.downRaw; await s.srv.call('seed', makeNotes(n)); await s.launch(true); await s.open();
  let got = 0, gone = false, half = false; // what the server still sends once nobody is there was fetched by nobody
  const done = new Promise((r) => s.proxy.onBytes((b) => { if (!gone) got += b; if (!half && got > total * 0.5) { half = true; setTimeout(() => { note('kill -9 at', got); gone = true; s.kill(); r(); }, 50); } }, total / 3000));
  s.page.evaluate(() => benchAdapter.pull()).catch(() => {}); await Promise.race([done, new Promise((r) => setTimeout(r, OP_TIMEOUT))]);
  await new Promise((r) => setTimeout(r, 500)); s.proxy.onBytes(null); await Promise.race([s.ctx.close().catch(() => {}), new Promise((r) => setTimeout(r, 3000))]);
  for (const f of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) fs.rmSync(path.join(s.prof, f), { force: true });
  await s.launch(false); await s.open(); const before = await s.count(); const p = await s.op('pull'); const have = await s.count();
  res.crash_resume = { ...p, survivors: before, refetchedShare: p.net.downRaw / total, twiceShare: (got + p.net.downRaw) / total - 1, ok: have === n }; await s.op('close'); await s.shut(); s.drop();
}

// One client withdraws consent. After the next pull: are that client's notes still readable, and is their text still in the files on disk?
// (Unique marker per note, searched as Latin-1 and UTF-16. LevelDB blocks are compressed, so a hit is proof; a miss is not.)
const MARK = 'QXJZREVOKED';
function residue(prof) {
  const root = path.join(prof, 'Default'); const a = Buffer.from(MARK, 'latin1'), b = Buffer.from(MARK, 'utf16le'); let hits = 0; const files = new Set();
  for (const f of fs.readdirSync(root, { withFileTypes: true, recursive: true })) if (f.isFile()) { const q = path.join(f.parentPath || f.path, f.name); let buf; try { buf = fs.readFileSync(q); } catch { continue; }
    for (const m of [a, b]) for (let i = buf.indexOf(m); i >= 0; i = buf.indexOf(m, i + 1)) { hits++; files.add(path.relative(root, q)); } }
  return { hits, files: [...files] };
}
async function revoke(s, res) {
  const notes = makeNotes(1000); const victim = clientId(7); let mine = 0;
  for (const n of notes) if (n.client === victim) n.text = `${MARK}${String(++mine).padStart(4, '0')} ` + n.text.slice(16);
  const modes = s.info.revokeModes || [];
  for (const mode of modes) {
    if (mode !== modes[0]) { await s.srv.stop(); await s.proxy.stop(); Object.assign(s, await s.restart()); } // fresh server per mode
    await s.srv.call('seed', notes); await s.launch(true); await s.open(); await s.op('pull'); const before = (await s.op('newest', victim, 999)).v;
    await s.srv.call('revoke', victim, mode); const p = await s.op('pull'); const after = (await s.op('newest', victim, 999)).v; await s.op('close'); await s.shut(); const r1 = residue(s.prof);
    await s.launch(false); await s.open(); await s.sync(); await s.op('close'); await s.shut(); const r2 = residue(s.prof);
    res['revoke_' + mode] = { ...p, before, after, hitsAfterPull: r1.hits, hitsAfterRestart: r2.hits, files: r2.files.slice(0, 5) }; s.drop();
  }
}

// 20 notes recorded offline; meanwhile consent was withdrawn for one client, so the server refuses that client's note(s).
// Do the others arrive? Is the app told? Does the phone keep the note, and does it keep re-sending it?
async function refuse(s, res) {
  const modes = s.info.refuseModes || [];
  for (const mode of modes) {
    if (mode !== modes[0]) { await s.srv.stop(); await s.proxy.stop(); Object.assign(s, await s.restart()); }
    const n0 = 200; await s.srv.call('seed', makeNotes(n0)); await s.launch(true); await s.open(); await s.op('pull');
    const notes = makeNotes(20, { seed: 9, offset: n0 }); notes.forEach((n, i) => (n.client = clientId(i === 10 ? 7 : 1 + (i % 5)))); const bad = notes[10];
    bad.text = MARK + ' ' + bad.text.slice(12); s.proxy.setOffline(true); await s.op('__record', notes); s.proxy.setOffline(false);
    await s.srv.call('refuse', clientId(7), mode);
    const sent = (log) => log.filter((e) => Buffer.concat(e.req).includes(MARK)).length; const tries = [];
    for (let i = 0; i < 3; i++) { // three sync rounds, each given 6 s
      s.proxy.take(); const r = await Promise.race([s.page.evaluate(async () => { try { await benchAdapter.push(); return 'ok'; } catch (e) { return 'error: ' + String(e.message || e).slice(0, 120); } }), new Promise((r) => setTimeout(() => r('still trying after 6 s'), 6000))]);
      tries.push({ r, sent: sent(s.proxy.take()) }); if (r.startsWith('still')) break;
    }
    const arrived = (await s.srv.call('count')) - n0; const kept = await s.page.evaluate(async (c) => (await benchAdapter.newest(c, 999)).filter((n) => n.text.startsWith('QXJZREVOKED')).length, clientId(7));
    res['refuse_' + mode] = { arrived, of: 19, appTold: tries.map((t) => t.r), resent: tries.map((t) => t.sent), keptOnPhone: kept }; await Promise.race([s.shut(), new Promise((r) => setTimeout(r, 3000))]); s.kill(); s.drop();
  }
}

const meta = { chromium: execFileSync(CHROME, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim(), node: process.version, cpus: os.cpus().length, model: os.cpus()[0].model, link: arg('link', 'none'), cpuThrottle: THROTTLE,
  versions: Object.fromEntries(['pouchdb-browser', 'express-pouchdb', 'rxdb', 'dexie', 'yjs', 'y-indexeddb', '@automerge/automerge', 'playwright-core'].map((p) => { try { return [p, JSON.parse(fs.readFileSync(path.join(HERE, 'node_modules', p, 'package.json'))).version]; } catch { return [p, null]; } })) };
if (arg('report')) { report(String(arg('report')).split(',')); process.exit(0); }
console.log(meta, '\n->', OUT);
for (let rep = 0; rep < REPS; rep++) for (const spec of ADAPTERS) { // round robin, so that noise hits every adapter alike
  const t0 = Date.now(); const res = {}; let err = null, ad, full;
  for (const sc of SCEN) { // a fresh server, proxy and browser profile for every scenario
    let s;
    try {
      if (sc === 'crash' && !full) continue;
      ad = await loadAdapter(spec);
      const restart = async () => { const port = await freePort(); const srv = await host(ad.dir, { ...ad.opts, origin: `http://127.0.0.1:${port}` }); const info = await srv.call('info'); return { srv, info, proxy: await startProxy({ port, upstream: info.upstream, statics: ad.statics, link: LINK }) }; };
      s = Object.assign(new Session(ad), await restart(), { restart });
      if (sc === '1k') await bulk(s, 1000, res, true);
      if (sc === '10k') full = await bulk(s, 10000, res, false);
      if (sc === 'today') await today(s, 10000, res);
      if (sc === 'crash') await crash(s, 10000, full, res);
      if (sc === 'revoke') await revoke(s, res);
      if (sc === 'refuse') await refuse(s, res);
    } catch (e) { err = `${sc}: ${String(e.stack || e).slice(0, 1500)}`; console.error(spec, err); if (s?.prof) { s.kill(); await new Promise((r) => setTimeout(r, 300)); s.drop(); } }
    await s?.srv?.stop(); await s?.proxy?.stop();
  }
  fs.appendFileSync(OUT, JSON.stringify({ spec, rep, meta, payload: ad?.payload, load: os.loadavg()[0], err, res }) + '\n');
  console.log(`rep ${rep + 1} ${spec}: ${((Date.now() - t0) / 1000).toFixed(0)} s, load ${os.loadavg()[0].toFixed(1)}${err ? ' ERROR' : ''}`, Object.entries(res).filter(([, v]) => v && (v.ok === false || v.err)).map(([k, v]) => `${k}: ${v.err ? v.err.slice(0, 200) : 'count mismatch ' + (v.have ?? v.serverExtra ?? '')}`).join(' | '));
}
report([OUT]);
process.exit(0);
