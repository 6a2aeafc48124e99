"""The files a phone keeps: all there, named by their contents, sent once; and every address of the phone gives the shell."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re

import pytest

from server import assets, bundle, phone_templates

FOREVER = "public, max-age=31536000, immutable"


async def shell_of(client):
    found = re.match(r"self\.SHELL=(\{.*?\});\n", (await client.get("/sw.js")).text)
    return json.loads(found[1])


def linked(page):
    return re.findall(r'(?:href|src)="(/[^"#]+)"', page)


async def test_everything_the_worker_keeps_is_there_under_a_name_of_its_contents(client):
    shell = await shell_of(client)
    assert len(shell["files"]) == len(set(shell["files"])) >= 6
    for path in shell["files"]:
        response = await client.get(path)
        assert response.status_code == 200
        if path.startswith("/assets/"):
            assert hashlib.sha256(response.content).hexdigest()[:10] == path.split(".")[-2]
            assert response.headers["cache-control"] == FOREVER
        else:
            assert response.headers["cache-control"] == "no-cache"


async def test_what_comes_later_is_named_in_the_app_and_brings_the_other_templates(client):
    shell = await shell_of(client)
    assert shell["later"] == [assets.url("later.js")]
    assert assets.url("later.js") in assets._named()["app.js"].body.decode()
    templates = [re.findall(r'^"?([a-z_]+\.html)"?:', source, re.MULTILINE) for source in (assets._divided()[path] for path in assets.TEMPLATES)]
    assert "today.html" in templates[0]
    assert "household.html" in templates[1]
    assert sorted(templates[0] + templates[1]) == sorted(path.name for path in (assets.PWA / "templates").glob("*.html"))


async def test_everything_the_shell_and_the_manifest_name_is_there(client):
    named = linked((await client.get("/shell")).text)
    manifest = (await client.get("/manifest.webmanifest")).json()
    named += [icon["src"] for icon in manifest["icons"]] + [icon["src"] for shortcut in manifest["shortcuts"] for icon in shortcut["icons"]]
    assert len(named) >= 8
    for path in named:
        assert (await client.get(path)).status_code == 200, path
    kept = (await shell_of(client))["files"]
    assert [path for path in linked((await client.get("/shell")).text) if path.endswith((".js", ".css")) and path not in kept] == []


@pytest.mark.parametrize("path", [path for folder in assets.first_folders() for path in (f"/{folder}", f"/{folder}/x/y")])
async def test_every_address_of_the_phone_gives_the_shell(client, path):
    page, shell = await client.get(path), await client.get("/shell")
    assert (page.status_code, page.content) == (200, shell.content)
    assert page.headers["etag"] == shell.headers["etag"]


def test_the_phone_has_the_pages_it_is_known_for():
    assert {"today", "households", "visits", "notes", "schedules", "tasks", "contacts", "profile"} <= set(assets.first_folders())


async def test_the_front_door_leads_who_never_was_here_to_the_way_in(client):
    response = await client.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


async def test_what_the_browser_has_already_is_not_sent_again(client):
    for path in ("/shell", "/sw.js", "/manifest.webmanifest", "/today", assets.url("app.js")):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert (await client.get(path, headers={"If-None-Match": '"another"'})).status_code == 200


async def test_files_are_packed_for_those_who_unpack_them(client):
    for path in (assets.url("app.js"), assets.url("app.css"), "/shell", "/sw.js"):
        plain = await client.get(path, headers={"Accept-Encoding": "identity"})
        async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
            raw = b"".join([part async for part in response.aiter_raw()])
        assert (response.headers["content-encoding"], response.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(raw) == plain.content


async def test_every_file_says_what_it_is(client):
    for name, kind in (("app.js", "text/javascript"), ("app.css", "text/css"), ("naober.svg", "image/svg+xml"), ("naober-192.png", "image/png")):
        assert (await client.get(assets.url(name))).headers["content-type"].partition(";")[0] == kind
    assert (await client.get("/manifest.webmanifest")).headers["content-type"].partition(";")[0] == "application/manifest+json"


@pytest.mark.parametrize("name", ["app.js", "app.0000000000.js", "..%2fconfig.py", "%2e%2e", "x" * 500])
async def test_a_file_that_is_none_is_not_there(client, name):
    assert (await client.get(f"/assets/{name}")).status_code == 404


def test_the_bundle_imports_nothing_and_is_the_same_every_time():
    made = [bundle.bundle("pwa/app.js", assets._source, lambda path, text: path) for _ in range(2)]
    assert made[0] == made[1]
    assert not re.search(r"^\s*(import|export)\b", made[0], re.MULTILINE)
    assert phone_templates.compile_all() == phone_templates.compile_all()


@pytest.mark.parametrize("path", ["/shell", "/l", "/sign-in", "/nothing-here"])
async def test_a_page_runs_and_wears_only_what_has_the_bytes_it_names(client, path):
    page = (await client.get(path, headers={"Accept": "text/html"})).text
    tags = re.findall(r"<script\b[^>]*>|<link rel=\"stylesheet\"[^>]*>", page)
    assert len(tags) == {"/shell": 4, "/l": 2}.get(path, 3)
    for tag in tags:
        named = re.search(r'(?:src|href)="(/assets/[^"]+)"', tag)[1]
        digest = hashlib.sha256((await client.get(named, headers={"Accept-Encoding": "identity"})).content).digest()
        assert f'integrity="sha256-{base64.b64encode(digest).decode()}"' in html.unescape(tag)


async def test_the_worker_of_a_link_keeps_the_page_its_style_and_its_script(client):
    said = json.loads(re.match(r"self\.LINK=(\{.*?\});\n", (await client.get("/link_worker.js")).text)[1])
    assert said["files"] == ["/l", *(assets.url(name) for name in ("app.css", "link.js", "naober.svg"))]
    for path in said["files"]:
        digest = hashlib.sha256((await client.get(path, headers={"Accept-Encoding": "identity"})).content).digest()
        assert said["digests"][path] == f"sha256-{base64.b64encode(digest).decode()}"


def test_the_styles_begin_with_their_layers():
    styles = assets._named()["app.css"].body.decode()
    assert styles.startswith("@layer reset, tokens, base, components, pages;")
    assert styles.count("@layer ") >= len(list((assets.PWA / "css").glob("*.css")))


async def test_the_whole_app_fits_in_a_hundred_kilobytes(client):
    total = sum(min(len(one.packed), len(one.body)) for path in (await shell_of(client))["files"] for one in [found(path)])
    assert total <= 100 * 1024


def found(path):
    return assets._shell() if path == "/shell" else assets._by_path()[path]


async def test_the_document_of_this_interface_names_the_exchange_with_its_shapes(client):
    response = await client.get("/schema/openapi.json")
    assert response.status_code == 200
    document = response.json()
    sync, history = (document["paths"][path]["post"] for path in ("/sync", "/sync/history"))
    asks = sync["requestBody"]["content"]["application/json"]["schema"]
    assert set(asks["properties"]) == {"format", "device", "epoch", "cursor", "entitled", "changes", "reads", "held"}
    assert (asks["required"], asks["additionalProperties"]) == (["format", "device"], False)
    either = sync["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"]
    gives, taken = (document["components"]["schemas"][one["$ref"].rpartition("/")[2]]["properties"] for one in either)
    assert set(taken) == {"format", "now", "revoked", "results"}
    assert set(gives) == {"format", "epoch", "now", "results", "records", "entitled", "cursor", "more"}
    assert set(history["requestBody"]["content"]["application/json"]["schema"]["properties"]) == {"format", "device", "pairs"}
    assert set(history["responses"]["200"]["content"]) == {"application/x-ndjson"}
    assert "credential" in document["paths"]["/sessions"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert "<script" not in (await client.get("/schema")).text
