// The real office (python -m server.cli serve, SQLite, durable) with one nurse signed in; tests/bench/office_for_peers.py fills its database.
import { spawn } from 'node:child_process';
import fs from 'node:fs'; import net from 'node:net'; import os from 'node:os'; import path from 'node:path'; import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../../..');
const PYTHON = process.env.NAOBER_PYTHON || path.join(ROOT, '.venv', 'bin', 'python');
const freePort = () => new Promise((ok) => { const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => ok(port)); }); });
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const ended = (child) => new Promise((ok) => (child.exitCode !== null || child.signalCode !== null ? ok() : child.once('exit', ok)));

export async function start({ origin }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naober-peers-')); const port = await freePort();
  const settings = { NAOBER_DATABASE: `sqlite:///${folder}/naober.db`, NAOBER_ORIGIN: origin, NAOBER_PORT: String(port), NAOBER_LOG_LEVEL: 'error', NAOBER_DEMO: '0' };
  const run = (...args) => spawn(PYTHON, args, { cwd: ROOT, env: { ...process.env, ...settings }, stdio: ['pipe', 'pipe', 'inherit'] });
  const helper = run('-m', 'tests.bench.office_for_peers');
  const lines = readline.createInterface({ input: helper.stdout })[Symbol.asyncIterator]();
  const next = async () => { const { value, done } = await lines.next(); if (done) throw new Error('office_for_peers ended'); return JSON.parse(value); };
  const ask = async (op, more) => { helper.stdin.write(JSON.stringify({ op, ...more }) + '\n'); const said = await next(); if (said.problem) throw new Error(said.problem); return said.is; };
  const { cookie } = await next();
  const office = run('-m', 'server.cli', 'serve'); const upstream = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) { try { if ((await fetch(`${upstream}/ready`)).ok) break; } catch {} if (i > 300 || office.exitCode !== null) throw new Error('the office did not start'); await sleep(100); }
  return {
    upstream, cookie, pushPattern: '/sync', revokeModes: ['care ended'], refuseModes: ['care ended'],
    seed: (notes) => ask('seed', { notes }), add: (notes) => ask('add', { notes }), count: () => ask('count'),
    revoke: (client) => ask('withdraw', { client }), refuse: (client) => ask('withdraw', { client }),
    cpu: () => { const r = fs.readFileSync(`/proc/${office.pid}/stat`, 'utf8'); const v = r.slice(r.lastIndexOf(')') + 2).split(' '); return (+v[11] + +v[12]) * 10; },
    async stop() { helper.stdin.end(); office.kill('SIGTERM'); await Promise.all([ended(helper), ended(office)]); fs.rmSync(folder, { recursive: true, force: true }); },
  };
}
