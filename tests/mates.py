"""Somebody to go along with, for tests: a household and three volunteers in a neighbourhood whose streets are known, and what they do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from server import access, streets
from sync import merge
from tests import desk
from tests.desk import TODAY

STREETS = ["street,city,x,y", "Rietgors,Elmerwaard,140000,455000", "Dotterbloem,Elmerwaard,140380,455000", "Verweg,Elmerwaard,149000,455000"]
WALK = {"likes": ["walks", "coffee"], "weekdays": [1, 3], "near": "neighbourhood", "agreed": "yes", "agreed_on": TODAY}
OFFER = {"likes": ["coffee", "walks", "games"], "weekdays": [1], "near": "neighbourhood", "street": "Dotterbloem 21", "city": "Elmerwaard"}


@dataclass
class There:
    """A nurse, a household with its records, three volunteers, and an office that knows its streets."""

    office: Any
    client: httpx.AsyncClient
    clock: desk.Clock
    nurse: desk.Me
    gerrit: desk.Me
    ayse: desk.Me
    ria: desk.Me
    home: desk.House


async def neighbours(office: Any, client: httpx.AsyncClient, clock: desk.Clock) -> There:
    """Jan, in whose household Samira comes, and De Haard with its volunteers."""
    nurse = await desk.somebody(office, "nurse")
    gerrit = await desk.somebody(office, "volunteer", name="Gerrit Mulder")
    ayse = await desk.somebody(office, "volunteer", gerrit.team, name="Ayşe Demir")
    ria = await desk.somebody(office, "volunteer", gerrit.team, name="Ria van Loon")
    home = await desk.household(office, nurse.team)
    facts = {"name": "Fam. Zorgvuldig", "street": "Rietgors 14", "city": "Elmerwaard", "phone": "0600000199", "entry": "achterom"}
    house = desk.change(nurse, "household", home.subject, facts, record=home.id)
    lives = {"household": home.id, "name": "Jan Zorgvuldig", "given": "Jan", "born": "1941-02-03"}
    await office.write(lambda tx: streets.load(tx, streets.read(STREETS)))
    await desk.hand_in(office, nurse, house, desk.change(nurse, "resident", home.about, lives, record=home.resident))
    return There(office, client, clock, nurse, gerrit, ayse, ria, home)


async def handed(there: There, who: desk.Me, *sent: dict[str, Any]) -> list[tuple[str, str | None]]:
    return desk.said(await desk.hand_in(there.office, who, *sent, at=there.clock.at))


async def interest(there: There, **more: Any) -> str:
    made = desk.change(there.nurse, "interest", there.home.about, {**WALK, **more}, topic="social")
    assert await handed(there, there.nurse, made) == [("stored", None)]
    return str(made["record"])


async def offer(there: There, who: desk.Me, **more: Any) -> str:
    made = desk.change(who, "offer", f"person:{who.person}", {**OFFER, **more}, topic="social")
    assert await handed(there, who, made) == [("stored", None)]
    return str(made["record"])


async def edit(there: There, who: desk.Me, record: str, **fields: Any) -> list[tuple[str, str | None]]:
    """A change to a record, by somebody who saw it as it is."""
    ((body,),) = await desk.rows(there.office, "SELECT body FROM record WHERE id = $1", record)
    known = json.loads(body)
    made = desk.change(who, known["kind"], known["subject"], fields, topic=known["topic"], record=record, seen=known["version"])
    return await handed(there, who, made)


async def told(there: There, kind: str) -> list[dict[str, Any]]:
    found = await desk.rows(there.office, "SELECT id, body FROM record WHERE kind = $1 ORDER BY id", kind)
    return [{"id": key, **merge.shown(json.loads(body))["fields"]} for key, body in found]


async def proposed(there: There) -> list[dict[str, Any]]:
    """The matches that go on."""
    return [one for one in await told(there, "match") if not one.get("ended")]


async def says(there: There, who: desk.Me, answer: str, **more: Any) -> list[tuple[str, str | None]]:
    """A volunteer's answer to whatever they were asked last."""
    sql = "SELECT e.id FROM errand e JOIN membership m ON m.id = e.hat WHERE m.person = $1 ORDER BY e.id"
    errand = (await desk.rows(there.office, sql, who.person))[-1][0]
    return await handed(there, who, desk.change(who, "answer", f"errand:{errand}", {"answer": answer, "at": there.clock.at, **more}))


async def found(there: There) -> dict[str, Any]:
    """Jan and Gerrit, found for each other and not yet asked."""
    await interest(there)
    await offer(there, there.gerrit)
    (match,) = await proposed(there)
    return match


async def holds(there: There, who: desk.Me) -> str:
    """Every byte that somebody new would get on this phone: pairs, records and history."""
    phone = await desk.phone(there.client, who)
    answers = [await phone.pull(), phone.pairs, await phone.history(*(pair[:2] for pair in phone.pairs))]
    return json.dumps(answers, ensure_ascii=False)


async def nouns(there: There, who: desk.Me) -> set[str]:
    pairs = await there.office.read(lambda tx: access.entitled(tx, who.person, there.clock.at))
    return {subject.partition(":")[0] for subject, *_ in pairs} - {"team", "person"}
