"""The files a phone keeps: bundled, named by their contents, compressed once; and the service worker that names them all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from markupsafe import Markup

from server import bodies, bundle, i18n, operations, phone_templates, render

PWA = i18n.ROOT / "pwa"
TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json",
    ".html": "text/html",
}  # fmt: skip
FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
HASH_LENGTH = 10
TEMPLATES = ("pwa/templates.js", "pwa/later_templates.js")
WORKER = ("sw.js", "delivery.js")
LINK_WORDS = "neighbour."
LOCKS = (("passkey", False), ("demo", True))


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: its address, its bytes, the same packed, its type, its ETag.

    digest: what a browser checks its bytes against, as W3C Subresource Integrity writes it.
    """

    path: str
    body: bytes
    packed: bytes
    type: str
    tag: str
    digest: str


def url(name: str) -> str:
    """The address of a file by the name we gave it: 'app.css' -> '/assets/app.3f2a9c0d1e.css'."""
    return _named()[name].path


def digest(name: str) -> str:
    """What the bytes of a file by the name we gave it must give: a browser that has others does not run them."""
    return _named()[name].digest


def first_folders() -> list[str]:
    """The first part of every address that the phone answers itself, as pwa/routes.js lists them."""
    listed = re.findall(r"\['[A-Z]+', '/([a-z]+)", (PWA / "routes.js").read_text("utf-8"))
    return list(dict.fromkeys(listed))


def shell() -> Asset:
    """The empty page in which the phone draws; it says nothing about anybody."""
    return _made("/shell", render.text("shell.html", i18n.speaker("nl"), locks=_locks()).encode(), ".html")


def _locks() -> list[dict[str, Any]]:
    """The lock pages of a phone with one vault, as pwa/pages/lock.js draws them, by the names that pwa/doors.js leaves for pwa/lock.js."""
    return [{"name": f"{lang} {kind}", "page": Markup(_lock(i18n.speaker(lang), demo=demo))} for lang in i18n.LANGUAGES for kind, demo in LOCKS]  # noqa: S704 - a template's own text


def _lock(speaker: i18n.Speaker, *, demo: bool) -> str:
    slot = {"n": 0, "text": speaker.say("lock.unlock"), "first": True}
    words = {name: speaker.say(f"lock.{key}") for name, key in (("title", "title"), ("text", "text"), ("sign_in", "sign_in_other"))}
    return render.text("lock.html", speaker, page="lock", slots=[slot], demo=demo, **words)


@get("/assets/{name:str}", operation_class=operations.file(*TYPES.values(), others=(404,)))
async def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """A file named by its contents never changes."""
    found = _by_path().get(f"/assets/{name}")
    if found is None:
        raise bodies.refused(404, "not_found")
    return _sent(request, found, FOREVER)


@get("/sw.js", operation_class=operations.file(TYPES[".js"]))
async def worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The service worker with the list of what it keeps."""
    return _sent(request, _worker(), ASK_FIRST)


@get("/manifest.webmanifest", operation_class=operations.file(TYPES[".webmanifest"]))
async def manifest(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What a browser needs to install the app."""
    return _sent(request, _by_path()["/manifest.webmanifest"], ASK_FIRST)


@get("/shell", operation_class=operations.file(TYPES[".html"]))
async def shell_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The shell itself, as the service worker keeps it."""
    return _sent(request, _shell(), ASK_FIRST)


@get("/l", operation_class=operations.file(TYPES[".html"]))
async def link_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page of a link, the same for everybody: whose it is stands behind the # of its address, which no office ever sees."""
    return _sent(request, _link_page(), ASK_FIRST)


@get("/link_worker.js", operation_class=operations.file(TYPES[".js"]))
async def link_worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Its service worker with the list of what it keeps."""
    return _sent(request, _link_worker(), ASK_FIRST)


routes = [asset, worker, manifest, shell_page, link_page, link_worker]


def page_routes() -> list[Any]:
    """Every address of the phone's own pages gives the shell: what belongs there is drawn on the phone."""
    paths = [path for folder in first_folders() for path in (f"/{folder}", f"/{folder}/{{rest:path}}")]

    @get(paths, operation_class=operations.file(TYPES[".html"]))
    async def phone_page(request: Request[Any, Any, Any]) -> Response[bytes]:
        return _sent(request, _shell(), ASK_FIRST)

    return [phone_page]


def _sent(request: Request[Any, Any, Any], found: Asset, keep: str) -> Response[bytes]:
    headers = {"Cache-Control": keep, "ETag": found.tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(b"", status_code=304, headers=headers, media_type=found.type)
    if bodies.takes_gzip(request) and len(found.packed) < len(found.body):
        return Response(found.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.type)
    return Response(found.body, headers=headers, media_type=found.type)


@cache
def _named() -> dict[str, Asset]:
    """Our name -> the file."""
    # The tokens come first: they say the order of the layers.
    styles = sorted((PWA / "css").glob("*.css"), key=lambda path: (path.name != "tokens.css", path.name))
    made = {
        "app.css": b"".join(path.read_bytes() for path in styles),
        "htmx.js": (PWA / "vendor" / "htmx.min.js").read_bytes(),
        "lock.js": (PWA / "lock.js").read_bytes(),
        "picture.js": (PWA / "picture.js").read_bytes(),
        "uPlot.js": (PWA / "vendor" / "uPlot.iife.min.js").read_bytes(),
        "uPlot.css": (PWA / "vendor" / "uPlot.min.css").read_bytes(),
    }
    later: dict[str, str] = {}
    made["link.js"] = bundle.bundle("pwa/link.js", _source).encode()
    made["app.js"] = bundle.bundle("pwa/app.js", _source, lambda path, text: _place(later, path, text)).encode()
    made |= {Path(path).name: text.encode() for path, text in later.items()}
    made |= {path.name: path.read_bytes() for path in sorted(PWA.glob("icons/naober*"))}
    return {name: _made(f"/assets/{_hashed(name, body)}", body, Path(name).suffix) for name, body in made.items()}


@cache
def _by_path() -> dict[str, Asset]:
    """Address -> the file; the manifest points to icons by their hashed names."""
    written = json.loads((PWA / "manifest.webmanifest").read_text("utf-8"))
    for icon in [*written["icons"], *(icon for shortcut in written["shortcuts"] for icon in shortcut["icons"])]:
        icon["src"] = url(Path(icon["src"]).name)
    found = {one.path: one for one in _named().values()}
    return found | {"/manifest.webmanifest": _made("/manifest.webmanifest", json.dumps(written, ensure_ascii=False).encode(), ".webmanifest")}


@cache
def _shell() -> Asset:
    return shell()


@cache
def _worker() -> Asset:
    kept = ["/shell", "/manifest.webmanifest", *(url(name) for name in ("app.css", "htmx.js", "lock.js", "app.js", "naober.svg", "naober-192.png"))]
    later, made = [url("later.js")], _by_path() | {"/shell": _shell()}
    version = hashlib.sha256(_shell().body + "".join(kept).encode()).hexdigest()[:HASH_LENGTH]
    digests = {path: made[path].digest for path in [*kept, *later]}
    head = f"self.SHELL={json.dumps({'version': version, 'files': kept, 'later': later, 'digests': digests, 'paths': first_folders()})};\n"
    return _made("/sw.js", head.encode() + b"".join((PWA / name).read_bytes() for name in WORKER), ".js")


@cache
def _link_page() -> Asset:
    return _made("/l", render.text("link.html", i18n.speaker("nl")).encode(), ".html")


@cache
def _link_worker() -> Asset:
    made = _by_path() | {"/l": _link_page()}
    kept = ["/l", *(url(name) for name in ("app.css", "link.js", "naober.svg"))]
    version = hashlib.sha256(_link_page().body + "".join(kept).encode()).hexdigest()[:HASH_LENGTH]
    head = f"self.LINK={json.dumps({'version': version, 'files': kept, 'digests': {path: made[path].digest for path in kept}})};\n"
    return _made("/link_worker.js", head.encode() + (PWA / "link_worker.js").read_bytes(), ".js")


def _place(later: dict[str, str], path: str, text: str) -> str:
    """Keeps what comes later, and says where it will be."""
    later[path] = text
    return f"/assets/{_hashed(Path(path).name, text.encode())}"


def _source(path: str) -> str:
    made = _divided()
    return made[path] if path in made else bundle.from_disk(path)


@cache
def _divided() -> dict[str, str]:
    """The made sources: templates and messages, those that the first script names and those that come later."""
    paths = bundle.modules("pwa/app.js", lambda path: "export const templates = {};" if path in TEMPLATES else bundle.from_disk(path))
    scripts = "".join(bundle.from_disk(path) for path in paths if path not in TEMPLATES and path.endswith(".js"))
    made = dict(zip(TEMPLATES, phone_templates.split(scripts), strict=True))
    # A key begins with its first word and a point, also where the rest of it is put together.
    named = set(re.findall(r"""(?=['"`](\w+)\.(?!html|js))""", scripts + made[TEMPLATES[0]]))
    later, link = {}, {}
    for language in i18n.LANGUAGES:
        words = json.loads(bundle.from_disk(f"pwa/messages/{language}.json"))
        link[language] = {key: words.pop(key) for key in [*words] if key.startswith(LINK_WORDS)}
        first = {key: said for key, said in words.items() if key.partition(".")[0] in named}
        made[f"pwa/messages/{language}.json"] = json.dumps(first)
        later[language] = {key: said for key, said in words.items() if key not in first}
    return made | {"pwa/later_messages.json": json.dumps(later), "pwa/link_messages.json": json.dumps(link)}


def _made(path: str, body: bytes, suffix: str) -> Asset:
    sha = hashlib.sha256(body)
    tag, whole = f'"{sha.hexdigest()[:HASH_LENGTH]}"', f"sha256-{base64.b64encode(sha.digest()).decode()}"
    return Asset(path, body, gzip.compress(body, compresslevel=9, mtime=0), TYPES[suffix], tag, whole)


def _hashed(name: str, body: bytes) -> str:
    stem, dot, suffix = name.partition(".")
    return f"{stem}.{hashlib.sha256(body).hexdigest()[:HASH_LENGTH]}{dot}{suffix}"


render.use_assets(url, digest)
