// Counting reverse proxy. Everything the browser sends/receives for the backend passes here, so bytes and
// requests are counted the same way for every adapter (pages, workers and service workers alike).
// * Accept-Encoding is stripped, so the wire is identity and gzip sizes are computed AFTER the timed window.
// * Optional link model {rttMs, downKbps, upKbps}: delay = rtt + gzip(body)/bandwidth, whatever thread fetched it.
// * Optional fault: dropResponse(matchFn) forwards the request, lets the server finish, then kills the socket.
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';

const headBytes = (first, raw) => { let n = first.length + 4; for (let i = 0; i < raw.length; i += 2) n += raw[i].length + raw[i + 1].length + 4; return n; };
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const gz = (b) => (b.length ? zlib.gzipSync(b, { level: 6 }).length : 0);

export async function startProxy({ port = 0, upstream, statics = {}, link = null }) {
  const up = new URL(upstream);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  let log = [], fault = null, onByte = null, pace = 0, offline = false;
  let downFree = 0, upFree = 0; // link occupancy (ms timestamps)
  const occupy = async (bytes, kbps, which) => {
    const ms = (bytes * 8) / kbps; const now = Date.now();
    if (which === 'd') { downFree = Math.max(now, downFree) + ms; await sleep(downFree - now); }
    else { upFree = Math.max(now, upFree) + ms; await sleep(upFree - now); }
  };
  const server = http.createServer((req, res) => {
    const path = req.url.split('?')[0];
    if (statics[path]) {
      const s = statics[path];
      res.writeHead(200, { 'content-type': s.type, 'cache-control': 'no-store', ...(s.headers || {}) });
      return res.end(s.body);
    }
    if (path === '/favicon.ico') { res.writeHead(204); return res.end(); }
    if (offline) return req.socket.destroy();
    const e = { t0: performance.now(), method: req.method, url: req.url, reqHead: headBytes(`${req.method} ${req.url} HTTP/1.1`, req.rawHeaders), req: [], res: [], resHead: 0, status: 0 };
    log.push(e);
    const chunks = [];
    req.on('data', (c) => chunks.push(c));
    req.on('end', async () => {
      e.req = chunks;
      const body = Buffer.concat(chunks);
      if (link) { await sleep(link.rttMs / 2); if (body.length) await occupy(body.length, link.upKbps, 'u'); }
      const headers = { ...req.headers }; delete headers['accept-encoding'];
      const u0 = performance.now();
      const ur = http.request({ host: up.hostname, port: up.port, method: req.method, path: req.url, headers, agent }, async (ures) => {
        e.status = ures.statusCode;
        e.resHead = headBytes(`HTTP/1.1 ${ures.statusCode} ${ures.statusMessage}`, ures.rawHeaders);
        const stream = String(ures.headers['content-type'] || '').includes('event-stream');
        const kill = fault && !fault.done && fault.match(e);
        if (kill || (link && !stream)) {
          for await (const c of ures) e.res.push(c);
          e.upstreamMs = performance.now() - u0;
          if (kill) {
            fault.done = true; e.killed = true; e.t1 = performance.now();
            if (fault.mode === 'body') { const b = Buffer.concat(e.res); res.writeHead(ures.statusCode, { ...ures.headers, 'content-length': b.length + 64 }); res.write(b.subarray(0, b.length >> 1)); setTimeout(() => req.socket.destroy(), 30); } else req.socket.destroy();
            return;
          }
          const b = Buffer.concat(e.res);
          await occupy(gz(b), link.downKbps, 'd'); await sleep(link.rttMs / 2);
          res.writeHead(ures.statusCode, ures.headers); res.end(b);
          e.t1 = performance.now(); if (onByte) onByte(b.length); return;
        }
        res.writeHead(ures.statusCode, ures.headers);
        ures.on('data', (c) => { e.res.push(c); const full = !res.write(c); if (onByte) onByte(c.length); if (!full && !pace) return; ures.pause(); Promise.all([full && new Promise((go) => res.once('drain', go)), pace && sleep(c.length / pace)]).then(() => ures.resume()); });
        ures.on('end', () => { e.upstreamMs = performance.now() - u0; e.t1 = performance.now(); res.end(); });
        ures.on('error', () => res.destroy());
      });
      res.on('close', () => { if (!res.writableFinished) ur.destroy(); });
      ur.on('error', (err) => { e.error = err.message; e.t1 = performance.now(); if (!res.headersSent) res.writeHead(502); res.end(); });
      ur.end(body);
    });
  });
  server.on('upgrade', (req, sock, head) => { // websockets: counted as one request plus raw bytes
    const e = { t0: performance.now(), method: 'WS', url: req.url, reqHead: headBytes(`GET ${req.url} HTTP/1.1`, req.rawHeaders), req: [], res: [], resHead: 0, status: 101 };
    log.push(e);
    const us = net.connect(+up.port, up.hostname, () => {
      let h = `${req.method} ${req.url} HTTP/1.1\r\n`; for (let i = 0; i < req.rawHeaders.length; i += 2) h += `${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}\r\n`;
      us.write(h + '\r\n'); if (head.length) us.write(head);
      sock.on('data', (c) => { e.req.push(c); us.write(c); }); us.on('data', (c) => { e.res.push(c); sock.write(c); if (onByte) onByte(c.length); });
    });
    const end = () => { e.t1 = performance.now(); us.destroy(); sock.destroy(); };
    us.on('close', end); sock.on('close', end); us.on('error', end); sock.on('error', end);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((r) => server.listen(port, '127.0.0.1', r));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    take() { const l = log; log = []; return l; },
    summarise(entries) {
      const s = { requests: entries.length, upRaw: 0, upGz: 0, downRaw: 0, downGz: 0, headUp: 0, headDown: 0, serverMs: 0, perPath: {} };
      for (const e of entries) {
        const rq = Buffer.concat(e.req), rs = Buffer.concat(e.res);
        s.headUp += e.reqHead; s.headDown += e.resHead; s.upRaw += rq.length; s.downRaw += rs.length;
        s.upGz += gz(rq); s.downGz += Math.min(gz(rs), rs.length || 0) || 0; s.serverMs += e.upstreamMs || 0;
        const k = e.method + ' ' + e.url.split('?')[0].replace(/_local\/[^/]+/, '_local/*');
        s.perPath[k] = (s.perPath[k] || 0) + 1;
      }
      return s;
    },
    dropNext(match, mode) { fault = { match, mode, done: false }; return fault; },
    onBytes(fn, bytesPerMs = 0) { onByte = fn; pace = bytesPerMs; }, // a pace, so that what was counted has also arrived: loopback holds megabytes on the way
    setOffline(v) { offline = v; },
    stop() { server.closeAllConnections(); return new Promise((r) => server.close(r)); },
  };
}
