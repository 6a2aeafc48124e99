"""The opposite of Naober: a page that leaves what is typed and shown wherever a browser keeps things, each in its own place."""

from __future__ import annotations

import gzip
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.browser.workday import canary
from tests.unpacked import NODE

# What is left -> the file or folder of Chromium's profile in which it lies then, and how it is written there.
LIES = {
    "title": ("History", "utf-8 text"), "textarea": ("Sessions", "utf-16-le text"), "address": ("History", "utf-8 url"),
    "form": ("Web Data", "utf-8 text"), "state": ("Sessions", "latin-1 text"), "cache": ("Service Worker", "utf-8 text"),
    "localStorage": ("Local Storage", "latin-1 text"), "local wide": ("Local Storage", "utf-16-le text"),
    "local base64": ("Local Storage", "base64 +1 of utf-8"), "local hex": ("Local Storage", "hex of utf-8"),
    "sessionStorage": ("Session Storage", "utf-16-le text"), "record": ("IndexedDB", "latin-1 text"), "record wide": ("IndexedDB", "utf-16-le text"),
    "record key": ("IndexedDB", "utf-16-be text"), "record packed": ("IndexedDB", "latin-1 text"),
    **dict.fromkeys(("http", "http gzip", "http br"), ("Cache", "utf-8 text")), "key": ("IndexedDB", "raw"),
}  # fmt: skip
WORDS = {place: canary(20_000 + n) for n, place in enumerate(LIES) if place != "key"}
KEY = bytes(range(101, 133))

PAGE = f"""<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>{WORDS["title"]}</title></head>
<body><form action="/"><label>Zoek <input name="q"></label><button>Zoek</button></form><label>Tekst <textarea></textarea></label></body></html>"""
LEAVE = """async ([words, key]) => {
  localStorage.one = words['localStorage'];
  localStorage.wide = words['local wide'] + ' \\u2014 \\u20ac';
  localStorage.base64 = btoa(unescape(encodeURIComponent('x' + words['local base64'] + '.')));
  localStorage.hex = [...new TextEncoder().encode(words['local hex'])].map((one) => one.toString(16).padStart(2, '0')).join('');
  sessionStorage.one = words['sessionStorage'];
  const bare = await crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, ['encrypt']);
  await new Promise((resolve, reject) => {
    const asked = indexedDB.open('leaky', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('rows');
    asked.onsuccess = () => {
      const writing = asked.result.transaction('rows', 'readwrite', {durability: 'strict'});
      const rows = writing.objectStore('rows');
      rows.put({text: words['record']}, 1);
      rows.put({text: words['record wide'] + ' \\u2014'}, 2);
      rows.put('here', words['record key']);
      const packed = words['record packed'];
      rows.put({text: `${packed.slice(0, 9)}, `.repeat(3000) + packed}, 4);
      rows.put(bare, 5);
      writing.oncomplete = resolve;
      writing.onabort = reject;
    };
  });
  await (await caches.open('leaky')).put('/kept', new Response(words['cache']));
  history.replaceState({draft: words['state']}, '');
  for (const path of ['/http', '/gzip', '/br']) await (await fetch(path)).text();
}"""


@contextmanager
def served() -> Iterator[str]:
    """The address at which the page stands."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Leaky)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


async def used(page: Any, origin: str) -> None:
    """Somebody writes on the page and sends its form."""
    await page.goto(f"{origin}/?about={WORDS['address']}")
    await page.fill("[name=q]", WORDS["form"])
    await page.click("button")
    await page.wait_for_timeout(1000)
    await page.evaluate(LEAVE, [WORDS, list(KEY)])
    await page.fill("textarea", f"Ze zei {WORDS['textarea']}")


def _packed(word: str) -> str:
    """Text in which the word is only whole once it is unpacked."""
    return f"{word[:9]} of {word[:11]}, geen {word[5:]}: een {word}" * 20


class _Leaky(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body, how = PAGE.encode(), ""
        if path == "/http":
            body = WORDS["http"].encode()
        elif path == "/gzip":
            body, how = gzip.compress(_packed(WORDS["http gzip"]).encode()), "gzip"
        elif path == "/br":
            make = f"process.stdout.write(require('zlib').brotliCompressSync(Buffer.from({json.dumps(_packed(WORDS['http br']))})))"
            body, how = subprocess.run([NODE, "-e", make], capture_output=True, check=True).stdout, "br"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Content-Length", str(len(body)))
        if how:
            self.send_header("Content-Encoding", how)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
