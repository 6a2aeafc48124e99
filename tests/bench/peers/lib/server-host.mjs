// Runs one adapter's server in its own process; the runner talks to it over IPC.
import { pathToFileURL } from 'node:url';
const mod = await import(pathToFileURL(process.argv[2]).href);
const opts = JSON.parse(process.argv[3] || '{}');
const h = await mod.start(opts);
process.on('message', async ({ id, op, args }) => {
  try {
    let v;
    if (op === 'info') v = { upstream: h.upstream, page: h.page || null, pushPattern: h.pushPattern || null, cookie: h.cookie || null, revokeModes: h.revoke ? h.revokeModes || ['delete'] : [], refuseModes: h.refuse ? h.refuseModes || ['default'] : [] };
    else if (op === 'cpu' && h.cpu) v = h.cpu();
    else if (op === 'cpu') { const c = process.cpuUsage(); v = (c.user + c.system) / 1000; }
    else if (op === 'stop') { await h.stop?.(); process.send({ id, v: true }); process.exit(0); }
    else v = await h[op](...args);
    process.send({ id, v });
  } catch (err) { process.send({ id, err: String(err && err.stack || err) }); }
});
process.send({ id: 0, v: 'ready' });
process.on('disconnect', () => process.exit(0)); // the runner died
