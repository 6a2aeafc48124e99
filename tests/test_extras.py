"""Whoever sends more than is asked for, to be more than they are, is refused: at every address that writes, in every change and in its fields."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.changes import KINDS
from tests import desk
from tests.desk import NOW, STRANGER
from tests.test_matrix import ROWS, a_world

EXTRA = {
    "role": "lead", "person": STRANGER, "author": STRANGER, "device": STRANGER, "organisation": STRANGER, "team_id": STRANGER,
    "tenant_id": STRANGER, "hat": STRANGER, "by": STRANGER, "id": STRANGER, "seq": 1, "first": 1, "version": 9, "is": "stored", "is_": "stored",
    "created_at": 0,
    "received_at": 0, "left_at": None, "revoked_at": None, "expires_at": NOW * 2, "responsible": STRANGER, "__proto__": {"role": "lead"},
}  # fmt: skip
TABLES = (
    *("organisation", "team", "person", "membership", "household", "resident", "care", "statement", "record", "change", "decision"),
    *("passkey", "invitation", "vouching", "departure", "proposal"),
)
PASSKEY = {"challenge": "x", "credential": {}, "device": None}
# What each address takes, by which anything more is known.
JSON: dict[str, dict[str, Any]] = {
    "PUT /me": {"language": "nl"},
    "PUT /me/subscription": {"endpoint": "x", "point": "x", "auth": "x"},
    "POST /sessions": PASSKEY, "POST /invitations/{token:str}/passkey": PASSKEY,
    **{f"POST /passkeys{path}": PASSKEY for path in ("", "/challenges", "/phones", "/{key:str}/removal")},
    "POST /sessions/current/opening": {"seal": STRANGER, "proof": "x"},
    "POST /l/opening": {"token": "x" * 22},
    "POST /l/answers": {"token": "x" * 22, "answers": []},
    "POST /outbox": {"format": 1, "device": STRANGER},
    "POST /erasures": {"device": STRANGER, "alone": False},
    "POST /sync": {"format": 1},
    "POST /sync/history": {"format": 1, "pairs": []},
}
FORMS: dict[str, dict[str, str]] = {
    "POST /people": {"name": "Mo", "role": "nurse", "phone": "", "team": "", "op": ""},
    "POST /vouchings": {"code": "1234 5678", "person": ""},
    "PUT /people/{person:str}/vog": {"vog": "2025-03-03"},
    "POST /people/{person:str}/departure": {"day": "2026-12-01", "all": "", "to": ""},
    "PUT /review/{record:str}/reading": {"upto": "9"},
    "POST /review/readings": {"upto": "9"},
    "POST /review/{record:str}/acknowledgements": {"op": STRANGER, "step": "advice", "text": "Ik bel."},
    "POST /review/{record:str}/remarks": {"op": STRANGER, "what": "question", "text": "Hoezo?", "upto": "9"},
    "POST /review/{record:str}/closure": {"remark": STRANGER},
    "POST /suggestions/{suggestion:str}/responses": {"op": STRANGER, "text": "Komt eraan."},
    **{f"POST /held/{{change:str}}/{act}": {"upto": "9", "text": "Waarom?"} for act in ("acceptance", "return", "keeping")},
}
# These read nothing but their address; of what is sent with it nothing can be taken over.
NOTHING = {
    "POST /sessions/challenges", "POST /invitations/{token:str}/challenges", "DELETE /sessions/current", "DELETE /devices/{device:str}",
    "DELETE /me/subscription", "PUT /me/calendar", "DELETE /me/calendar",
    *(f"POST /people/proposals/{{proposal:str}}/{said}" for said in ("confirmation", "refusal")),
    "POST /people/{person:str}/invitations", "PUT /sessions/current/opening", "DELETE /sessions/current/opening",
}  # fmt: skip
WRITES = sorted(route for route in ROWS if not route.startswith("GET") and ROWS[route].door != "shut")

pytestmark = pytest.mark.usefixtures("clock")


async def kept(office) -> list[Any]:
    """Everything that somebody could want to be written as they please."""
    tables = [await desk.rows(office, f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]  # noqa: S608 - our own names
    return [*tables, await desk.rows(office, "SELECT id, person, name, created_at, revoked_at FROM device ORDER BY id")]


def test_every_address_that_writes_is_tried():
    assert {*JSON, *FORMS, *NOTHING} == set(WRITES)


async def test_more_than_is_asked_for_is_refused_and_nothing_is_written(office, client):
    world = await a_world(office)
    me, before = world.people["lead"], await kept(office)
    browser = await desk.signed_in(client, me)
    for route in (*JSON, *FORMS):
        method, path = route.split(" ")
        address = re.sub(r"\{\w+:\w+\}", world.thing(ROWS[route].thing, "own"), path)
        sound = {**JSON.get(route, FORMS.get(route, {})), **({"device": me.device} if "/sync" in path else {})}
        for name, value in EXTRA.items():
            if name in sound:
                continue
            sent = {"data": {**sound, name: str(value)}} if route in FORMS else {"json": {**sound, name: value}}
            answer = await browser.request(method, address, **sent)
            assert answer.status_code == 400, f"{name} at {route}: {answer.status_code} {answer.text[:200]}"
            assert (name, "unknown") in [(one["field"], one["why"]) for one in answer.json()["error"]["fields"]], f"{name} at {route}"
    assert await kept(office) == before


async def test_what_is_sent_to_an_address_that_reads_nothing_makes_nobody_more(office, client):
    world = await a_world(office)
    browser = await desk.signed_in(client, world.people["nurse"])
    who = (await browser.get("/me")).json()
    before = await kept(office)
    for route in sorted(NOTHING - {"DELETE /sessions/current", "DELETE /sessions/current/opening"}):
        method, path = route.split(" ")
        await browser.request(method, re.sub(r"\{\w+:\w+\}", STRANGER, path), json=EXTRA)
    assert await kept(office) == before
    assert (await browser.get("/me")).json() == who


async def test_no_change_carries_more_than_its_envelope_and_its_kinds_fields(office, client, nurse, house):
    before, phone = await kept(office), await desk.phone(client, nurse)
    subject = {"household": house.subject, "resident": house.about, "team": f"team:{nurse.team.id}", "organisation": f"organisation:{STRANGER}"}
    subject |= {"errand": f"errand:{STRANGER}", "address": f"address:{STRANGER}", "person": f"person:{nurse.person}"}
    for kind, spec in KINDS["kinds"].items():
        sound = desk.change(nurse, kind, subject[spec["subjects"][0]], {}, topic=spec["topics"][0])
        beside = [({**sound, "id": desk.new(), name: value}, name) for name, value in EXTRA.items() if name not in sound]
        within = [({**sound, "id": desk.new(), "fields": {name: value}}, name) for name, value in EXTRA.items() if name not in spec["fields"]]
        results = (await phone.sync(*(change for change, _ in beside + within)))["results"]
        assert {one["is"] for one in results} == {"refused"}, kind
        for (_, name), result in zip(beside + within, results, strict=True):
            assert {"field": name, "why": "unknown"} in result["fields"], kind
    assert await kept(office) == before


async def test_a_read_and_a_question_after_held_work_carry_no_more_either(office, client, nurse, house):
    phone, before = await desk.phone(client, nurse), await kept(office)
    sound = {"id": desk.new(), "at": NOW, "subject": house.about, "what": "visit"}
    reads = [{**sound, "id": desk.new(), name: value} for name, value in EXTRA.items() if name != "id"]
    held = [[STRANGER, 0, value] for value in EXTRA.values()]
    answer = await phone.sync(reads=reads, held=held)
    assert answer["results"] == []
    assert await desk.log(office, "read", "id") == []
    assert await kept(office) == before
