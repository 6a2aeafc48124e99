"""Who gets what at every address: each route of the application, asked by everybody, for what is theirs, another's, ended and nobody's.

A route without a row is a failure. To refuse is the same answer whether the thing is another's or nowhere, so that nobody learns that it exists.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from server import assets, calendars, invitations
from server.app import app, litestar
from tests import desk
from tests.desk import NOW, STRANGER

pytestmark = pytest.mark.usefixtures("clock")

NO_SESSION = ("nobody", "ended", "revoked")
# `left` works here no more but has a session; a consent is in force for `outreach` and was for `lapsed`; the strangers are of another organisation.
SUBJECTS = (*NO_SESSION, "left", "nurse", "colleague", "lead", "outreach", "lapsed", "volunteer", "stranger", "strange_lead")
OBJECTS = ("own", "foreign", "nowhere")
LEADS = ("lead", "strange_lead")
VOUCHERS = ("nurse", "colleague", "outreach", "lapsed", "stranger", *LEADS)


@dataclass
class World:
    """Two organisations that know nothing of each other, and everybody who may ask."""

    people: dict[str, desk.Me] = field(default_factory=dict)
    things: dict[tuple[str, str], str] = field(default_factory=dict)  # (what, own or foreign) -> its id or token

    def thing(self, what: str, which: str) -> str:
        return self.things.get((what, which), STRANGER)

    def device(self, name: str) -> str:
        return self.people[name].device if name in self.people else STRANGER


Body = Callable[[World, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """How a route answers: whom its door lets in, and who gets at the nurse's thing (mine) and at the stranger's (theirs)."""

    thing: str = ""  # what stands in its address
    door: str = "open"  # open: to anybody; page: others are sent to sign in; session: others get a 401; shut: nothing is there for anybody
    mine: tuple[str, ...] = SUBJECTS
    theirs: tuple[str, ...] = SUBJECTS
    ok: int = 200
    revoked: int = 401
    body: Body | None = None

    def wanted(self, name: str, which: str) -> int:
        """The status that somebody gets."""
        if self.door == "shut":
            return 404
        if self.door == "page" and name in NO_SESSION:
            return 303
        if self.door == "session" and name in NO_SESSION:
            return self.revoked if name == "revoked" else 401
        allowed = {"own": self.mine, "foreign": self.theirs, "nowhere": ()}[which]
        return self.ok if name in allowed else 404


def reading(*_: Any) -> dict[str, Any]:
    return {"data": {"upto": "9"}}


def readings(world: World, _: str, which: str) -> dict[str, Any]:
    return {"data": {"upto": "9", "record": world.thing("visit", which)}}


def step(*_: Any) -> dict[str, Any]:
    return {"data": {"op": desk.new(), "step": "taken_up"}}


def remark(*_: Any) -> dict[str, Any]:
    return {"data": {"op": desk.new(), "what": "compliment", "upto": "9"}}


def response(*_: Any) -> dict[str, Any]:
    return {"data": {"op": desk.new(), "text": "Komt eraan."}}


def sync(world: World, name: str, _: str) -> dict[str, Any]:
    base = {"format": 1, "epoch": None, "cursor": None, "entitled": None, "changes": [], "reads": []}
    return {"json": {**base, "device": world.device(name)}}


def history(world: World, name: str, which: str) -> dict[str, Any]:
    return {"json": {"format": 1, "device": world.device(name), "pairs": [[f"resident:{world.thing('resident', which)}", "body"]]}}


def decision(*_: Any) -> dict[str, Any]:
    return {"data": {"upto": "0", "text": "Hoorde dit bij dit huishouden?"}}


def json_of(**values: Any) -> Body:
    return lambda *_: {"json": values}


SEALED = {"key": STRANGER, "point": "x", "text": "x"}
FILES = ("/health", "/ready", "/manifest.webmanifest", "/shell", "/sw.js", "/l", "/link_worker.js", "/sign-in", "/schema", "/schema/openapi.json")
DECISIONS = ("acceptance", "return", "keeping")
SHUT = Row(door="shut")
ROWS: dict[str, Row] = {
    # Nothing of anybody: files, empty pages, and the ways in.
    **{f"GET {path}": Row() for path in FILES},
    **{f"GET /{folder}": Row() for folder in assets.first_folders()},
    **{f"GET /{folder}/{{rest:path}}": Row() for folder in assets.first_folders()},
    "GET /": Row(ok=303),
    "GET /assets/{name:str}": Row("asset"),
    "GET /schema/{path:str}": Row(ok=404),
    "POST /sessions/challenges": Row(ok=201, body=json_of()),
    "POST /sessions": Row(ok=401, body=json_of(challenge="x", credential={}, device=None)),
    # What does not open was sealed by nobody, whoever brings it.
    "POST /outbox": Row(body=lambda world, name, _: {"json": {"format": 1, "device": world.device(name), "sealed": [SEALED]}}),
    "POST /erasures": Row(ok=204, body=lambda world, name, _: {"json": {"device": world.device(name), "alone": False}}),
    # By its token alone, whoever has it.
    "GET /invitations/{token:str}": Row("token"),
    "POST /invitations/{token:str}/challenges": Row("token", ok=201, body=json_of()),
    "POST /invitations/{token:str}/passkey": Row("token", ok=400, body=json_of(challenge="x", credential={})),
    "POST /l/opening": Row(ok=404, body=json_of(token="x" * 22)),
    "POST /l/answers": Row(ok=404, body=json_of(token="x" * 22, answers=[])),
    # The demo is not there in an office that is none.
    "GET /demo": SHUT, "GET /demo/{key:str}": SHUT, "POST /demo/sessions": SHUT,
    # My own.
    "GET /me": Row(door="session"), "PUT /me": Row(door="session", body=json_of(language="nl")),
    "GET /me/subscription": Row(door="session"), "DELETE /me/subscription": Row(door="session", ok=204),
    "PUT /me/subscription": Row(door="session", ok=400, body=json_of(endpoint="x", point="x", auth="x")),
    "GET /me/calendar": Row(door="session"), "PUT /me/calendar": Row(door="session"), "DELETE /me/calendar": Row(door="session", ok=204),
    "GET /calendar/{token:str}": Row("calendar"),
    "DELETE /sessions/current": Row(ok=204),
    **{f"{method} /sessions/current/opening": Row(door="session", ok=204) for method in ("PUT", "DELETE")},
    "POST /sessions/current/opening": Row(door="session", ok=403, body=json_of(seal=STRANGER, proof="x")),
    "GET /news": Row(door="session"),
    "POST /sync": Row(door="session", revoked=200, body=sync),
    "POST /sync/history": Row(door="session", body=history),
    "GET /devices": Row(door="page"),
    "GET /passkeys": Row(door="page"),
    # Who shows no passkey of their own gets nothing, whoever's passkey they name.
    "POST /passkeys/challenges": Row(door="session", ok=403, body=json_of(challenge="x", credential={})),
    "POST /passkeys": Row(door="session", ok=403, body=json_of(challenge="x", credential={})),
    "POST /passkeys/phones": Row(door="session", ok=403, body=json_of(challenge="x", credential={})),
    "POST /passkeys/{key:str}/removal": Row(door="session", ok=403, body=json_of(challenge="x", credential={})),
    # Of who may: others find nothing there.
    "GET /receipts/{record:str}": Row("consent", "session", ("nurse", "colleague", "lead"), ("stranger", "strange_lead")),
    "GET /networks/{household:str}": Row("household", "session", ("nurse", "colleague", "lead"), ("stranger", "strange_lead")),
    "GET /hands/{record:str}": Row("task", "session", ("nurse", "colleague", "lead"), ("stranger", "strange_lead")),
    "GET /review": Row("", "page", LEADS), "GET /roster": Row("", "page", LEADS), "GET /stuck": Row("", "page", LEADS),
    "GET /stuck/obstacles": Row("", "session", LEADS), "GET /people": Row("", "page", LEADS),
    "GET /caseload": Row("", "page", LEADS), "GET /caseload/{weight:str}": Row("weight", "page", LEADS, ()),
    "GET /outcomes": Row("", "page", LEADS), "GET /outcomes/{what:str}": Row("rated", "page", LEADS, ()),
    "GET /themes": Row("", "page", LEADS), "GET /themes/{theme:str}": Row("theme", "page", LEADS, ()),
    **{f"GET /themes.{form}": Row("", "session", LEADS) for form in ("csv", "xlsx")},
    "GET /figures": Row("", "page", LEADS), **{f"GET /figures/week.{form}": Row("", "session", LEADS) for form in ("csv", "xlsx")},
    "GET /figures/{what:str}": Row("figure", "page", LEADS, ()),
    "GET /vouching": Row("", "page", VOUCHERS), "POST /vouchings": Row("", "session", VOUCHERS, ok=422, body=lambda *_: {"data": {"code": ""}}),
    "POST /people": Row("", "session", LEADS, ok=422, body=lambda *_: {"data": {"name": ""}}),
    "PUT /people/{person:str}/vog": Row("person", "session", (), (), body=lambda *_: {"data": {"vog": "2025-03-03"}}),
    "GET /people/proposals": Row("", "page", LEADS),
    "POST /people/proposals/{proposal:str}/confirmation": Row("proposal", "session", ("lead",), ("strange_lead",), ok=409),
    "POST /people/proposals/{proposal:str}/refusal": Row("proposal", "session", ("lead",), ("strange_lead",)),
    "GET /people/{person:str}/departure": Row("person", "page", ("lead",), ("strange_lead",)),
    "POST /people/{person:str}/departure": Row("person", "session", ("lead",), ("strange_lead",), ok=422, body=lambda *_: {"data": {"day": ""}}),
    "POST /people/{person:str}/invitations": Row("person", "session", ("lead",), ("strange_lead",), ok=201),
    "GET /review/{record:str}": Row("visit", "page", ("lead",), ("strange_lead",)),
    "PUT /review/{record:str}/reading": Row("visit", "session", ("lead",), ("strange_lead",), body=reading),
    "POST /review/{record:str}/acknowledgements": Row("worry", "session", ("lead",), ("strange_lead",), body=step),
    "POST /review/{record:str}/remarks": Row("visit", "session", ("lead",), ("strange_lead",), body=remark),
    "POST /review/{record:str}/closure": Row("visit", "session", ("lead",), ("strange_lead",), body=lambda *_: {"data": {"remark": STRANGER}}),
    "POST /review/readings": Row("", "session", LEADS, body=readings),
    "GET /suggestions": Row("", "page", LEADS),
    "POST /suggestions/{suggestion:str}/responses": Row("suggestion", "session", ("lead",), ("strange_lead",), body=response),
    "GET /held": Row("", "page", LEADS),
    **{f"POST /held/{{change:str}}/{act}": Row("held", "session", ("lead",), ("strange_lead",), body=decision) for act in DECISIONS},
    "GET /devices/{device:str}": Row("device", "page", ("nurse", "lead"), ("stranger", "strange_lead")),
    "DELETE /devices/{device:str}": Row("device", "session", ("nurse", "lead"), ("stranger", "strange_lead")),
}  # fmt: skip


def routes() -> list[str]:
    """Every method and address the application answers, as it says itself."""
    return sorted(f"{method} {route.path}" for route in litestar.routes for method in getattr(route, "methods", ()) if method != "OPTIONS")


def test_every_route_has_a_row_and_every_row_a_route():
    assert [route for route in routes() if route not in ROWS] == []
    assert [row for row in ROWS if row not in routes()] == []
    assert len(ROWS) * len(SUBJECTS) * len(OBJECTS) >= 40 * 10 * 4


@pytest.mark.parametrize("route", routes())
async def test_a_route_answers_everybody_as_its_row_says(office, client, route):
    row, world, said = ROWS[route], None, {}
    for name in SUBJECTS:
        for which in OBJECTS if row.thing and row.thing != "asset" else ("own",):
            if world is None or route.startswith("DELETE"):
                world = await a_world(office)
            status, body = await asked(client, world, route, name, which)
            assert status == row.wanted(name, which), f"{name} at {which}: {body[:300]}"
            said[name, which] = (status, body)
    hidden = [name for name in SUBJECTS if (name, "foreign") in said and name not in row.theirs]
    assert [name for name in hidden if said[name, "foreign"] != said[name, "nowhere"]] == [], "they can tell what is another's from what is nowhere"


async def test_what_stands_in_a_body_is_refused_as_what_stands_in_an_address(office, client):
    world = await a_world(office)
    for name, which in (("nurse", "foreign"), ("outreach", "foreign"), ("stranger", "own"), ("volunteer", "own"), ("left", "own"), ("lapsed", "own")):
        said = [await asked(client, world, "POST /sync/history", name, one) for one in (which, "nowhere")]
        resident = world.thing("resident", which)
        assert said[0][1].replace(resident, STRANGER) == said[1][1]


async def asked(client, world: World, route: str, name: str, which: str) -> tuple[int, str]:
    """(status, body) of a route's answer to somebody about a thing."""
    row = ROWS[route]
    method, path = route.split(" ", 1)
    address = re.sub(r"\{\w+:\w+\}", world.thing(row.thing, which), path)
    browser = await desk.signed_in(client, world.people[name]) if name in world.people else client
    if path == "/news" and row.wanted(name, which) == row.ok:
        return await begun(browser, address), ""
    answer = await browser.request(method, address, **(row.body(world, name, which) if row.body else {}))
    return answer.status_code, answer.text


async def begun(browser, address: str) -> int:
    """The status of an answer that does not end by itself."""
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.set_result(message["status"])

    request = browser.build_request("GET", address)
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    scope = {"type": "http", "method": "GET", "path": address, "raw_path": address.encode(), "query_string": b"", "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "root_path": ""}
    task = asyncio.create_task(app(scope, receive, send))
    try:
        return await asyncio.wait_for(told, 10)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def a_world(office) -> World:
    """A nurse's household with a visit and a consent, a stranger's with the same, and everybody around them."""
    world = World()
    for which, writer, chief in (("own", "nurse", "lead"), ("foreign", "stranger", "strange_lead")):
        me = world.people[writer] = await desk.somebody(office, "nurse")
        world.people[chief] = await desk.somebody(office, "lead", me.team)
        house = await desk.household(office, me.team)
        outreach = await desk.somebody(office, "outreach")
        held = desk.note(me, await desk.household(office))
        given, visit = desk.consent(me, house, outreach.team, "mind"), desk.visit(me, house)
        worry = desk.change(me, "worry", house.subject, {"text": "Hij deed niet open."})
        task, idea = desk.task(me, house), desk.change(me, "suggestion", f"team:{me.team.id}", {"text": "Groter graag."})
        await desk.hand_in(office, me, given, visit, desk.note(me, house), held, worry, task, idea)
        invited = await office.write(lambda tx, me=me: invitations.create_invitation(tx, me.person, None, NOW))
        asked = "INSERT INTO proposal (id, act, team, by, whom, told, at, ends_at) VALUES ($1, 'lead', $2, $3, $1, '{\"name\": \"Tess\"}', $4, $5)"
        await desk.run(office, asked, proposal := desk.new(), me.team.id, world.people[chief].person, NOW, NOW + desk.DAY_MS)
        days = await office.write(lambda tx, me=me: calendars.create_calendar(tx, me.person, NOW))
        things = {"calendar": days, "consent": given["record"], "visit": visit["record"], "worry": worry["record"], "task": task["record"]}
        things |= {"person": me.person, "device": me.device, "token": invited, "household": house.id, "suggestion": idea["record"]}
        things["proposal"] = proposal
        world.things |= {(what, which): key for what, key in {**things, "resident": house.resident, "held": held["id"]}.items()}
        if which == "own":
            world.people |= {"outreach": outreach, **await around(office, me, house)}
    world.things |= {("figure", "own"): "visits", ("weight", "own"): "rare", ("rated", "own"): "burden", ("theme", "own"): "money"}
    world.things["asset", "own"] = assets.url("app.css").rsplit("/", 1)[1]
    return world


async def around(office, nurse: desk.Me, house: desk.House) -> dict[str, desk.Me]:
    """The others of the nurse's own organisation, and who has no session any more."""
    people = {name: await desk.somebody(office, "nurse", nurse.team) for name in ("colleague", "left", "ended", "revoked")}
    people["lapsed"] = await desk.somebody(office, "outreach")
    people["volunteer"] = await desk.somebody(office, "volunteer")
    await desk.hand_in(office, nurse, desk.consent(nurse, house, people["lapsed"].team, "mind", since="2026-01-01", until="2026-11-21"))
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE person = $1", people["left"].person)
    await desk.run(office, "UPDATE session SET expires_at = $1 WHERE person = $2", NOW - 1, people["ended"].person)
    await desk.run(office, "UPDATE device SET revoked_at = $1 WHERE id = $2", NOW - 1, people["revoked"].device)
    return people
