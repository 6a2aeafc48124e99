"""The office's desk for tests: makes a team, a colleague, a front door or a note in one line, and puts a phone in somebody's hand."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from itertools import count
from types import ModuleType
from typing import Any

import httpx

from server import access, changes, links, matches, sessions  # noqa: F401 - nouns that add their say to the door for writes
from sync import clock

NOW = 1_795_341_600_000  # Sunday 22 November 2026, 11:00 in Amsterdam
TODAY = "2026-11-22"
DAY_MS = 24 * 60 * 60 * 1000
KIND_OF_ROLE = {"nurse": "care", "outreach": "welfare", "volunteer": "volunteers", "lead": "care"}
UNLOCKED = "UPDATE session SET open_until = 9999999999999"  # nobody's phone locks from now on
STRANGER = "0193a5b0-0001-7000-8000-00000000dead"

_numbers = count(1)


@dataclass(slots=True)
class Clock:
    """The office's clock, which stands still until a test moves it."""

    at: int = NOW

    def __call__(self) -> int:
        return self.at


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    organisation: str
    kind: str


@dataclass(frozen=True, slots=True)
class House:
    """A front door and one person behind it."""

    id: str
    resident: str

    @property
    def subject(self) -> str:
        return f"household:{self.id}"

    @property
    def about(self) -> str:
        return f"resident:{self.resident}"


@dataclass(slots=True)
class Me:
    """Somebody who works here, on one device in one session."""

    person: str
    name: str
    role: str
    hat: str
    team: Team
    device: str
    token: str
    n: int = 0
    language: str = "nl"


def stopped(monkeypatch: Any) -> Clock:
    """The office's clock from now on."""
    made = Clock()
    monkeypatch.setattr(sessions, "now", made)
    return made


def new() -> str:
    """An id that nobody has."""
    return clock.uuid7(NOW, f"{next(_numbers):019x}0")


async def rows(office: ModuleType, sql: str, *args: Any) -> list[tuple[Any, ...]]:
    return await office.read(lambda tx: tx.all(sql, *args))


async def run(office: ModuleType, sql: str, *args: Any) -> int:
    return await office.write(lambda tx: tx.run(sql, *args))


async def log(office: ModuleType, action: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of every log row of one action, oldest first."""
    return await rows(office, f"SELECT {', '.join(columns)} FROM log WHERE action = $1 ORDER BY at, id", action)  # noqa: S608 - our own SQL


# Who works here


async def team(office: ModuleType, kind: str = "care", organisation: str | None = None) -> Team:
    made = Team(new(), organisation or new(), kind)
    if organisation is None:
        sql = "INSERT INTO organisation (id, name, kind) VALUES ($1, $2, $3)"
        await run(office, sql, made.organisation, f"{kind} {made.organisation[-4:]}", kind)
    await run(office, "INSERT INTO team (id, organisation, name) VALUES ($1, $2, $3)", made.id, made.organisation, f"Team {made.id[-4:]}")
    return made


async def somebody(office: ModuleType, role: str = "nurse", team_: Team | None = None, *, kind: str | None = None, name: str = "Samira") -> Me:
    """A person with a hat since long ago, a device and a session."""
    where = team_ or await team(office, kind or KIND_OF_ROLE[role])
    person = new()
    sql = "INSERT INTO person (id, name, language, word, created_at, confidential_at) VALUES ($1, $2, 'nl', 'client', $3, $3)"
    await run(office, sql, person, name, NOW - DAY_MS)
    me = Me(person, name, role, await hat(office, person, where, role), where, "", "")
    await another_device(office, me)
    return me


async def hat(office: ModuleType, person: str, team_: Team, role: str, since: str = "2000-01-01", until: str | None = None) -> str:
    made = new()
    sql = "INSERT INTO membership (id, person, team, role, since, until) VALUES ($1, $2, $3, $4, $5, $6)"
    await run(office, sql, made, person, team_.id, role, since, until)
    return made


async def another_device(office: ModuleType, me: Me) -> None:
    """From now on `me` is on a new device, signed in anew."""
    me.device, me.n = new(), 0
    sql = "INSERT INTO device (id, person, name, created_at, highest_n) VALUES ($1, $2, '', $3, 0)"
    await run(office, sql, me.device, me.person, NOW)
    me.token = await office.write(lambda tx: sessions.start(tx, me.person, me.device, sessions.now()))


async def worn(office: ModuleType, me: Me, at: int = NOW) -> access.Me:
    """Me as the office knows me while I ask."""
    hats = await office.read(lambda tx: access.hats(tx, me.person, at))
    return access.Me(me.person, me.device, sessions._hash(me.token), me.language, hats)


# Who lives where


async def household(office: ModuleType, *teams: Team, since: str = "2000-01-01", until: str | None = None) -> House:
    """A front door in the care of these teams; its records come when somebody writes them."""
    made = House(new(), new())
    await run(office, "INSERT INTO household (id) VALUES ($1)", made.id)
    await run(office, "INSERT INTO resident (id, household) VALUES ($1, $2)", made.resident, made.id)
    for team_ in teams:
        await care(office, made, team_, since=since, until=until)
    return made


async def care(office: ModuleType, house: House, team_: Team, *, since: str = "2000-01-01", until: str | None = None) -> None:
    sql = "INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, $5)"
    await run(office, sql, new(), house.id, team_.id, since, until)


async def end_care(office: ModuleType, house: House, team_: Team, until: str = "2026-11-21") -> None:
    await run(office, "UPDATE care SET until = $1 WHERE household = $2 AND team = $3", until, house.id, team_.id)


# What they write


def change(me: Me, kind: str, subject: str, fields: dict[str, Any], *, topic: str = "practical", seen: int = 0, **more: Any) -> dict[str, Any]:
    """A change as this person's phone makes it; `more` replaces anything in it."""
    me.n += 1
    stamp = f"{sessions.now():013d}-{me.n & 0xFFFF:04x}-{me.device[-8:]}"
    base = {"id": new(), "kind": kind, "record": new(), "subject": subject, "topic": topic, "stamp": stamp, "seen": seen, "n": me.n, "by": me.hat}
    return {**base, "fields": fields, **more}


def note(me: Me, house: House, text: str = "Het gaat goed.", topic: str = "body", **more: Any) -> dict[str, Any]:
    return change(me, "note", house.about, {"text": text}, topic=topic, **more)


def visit(me: Me, house: House, day: str = TODAY, **more: Any) -> dict[str, Any]:
    return change(me, "visit", house.subject, {"day": day}, **more)


def task(me: Me, house: House, what: str = "Verband bestellen", **more: Any) -> dict[str, Any]:
    return change(me, "task", house.subject, {"what": what}, **more)


def contact(me: Me, team_: Team | None = None, day: str = TODAY, **more: Any) -> dict[str, Any]:
    return change(me, "contact", f"team:{(team_ or me.team).id}", {"day": day, "way": "talk"}, topic="social", **more)


def consent(me: Me, house: House, to: Team | Me, *topics: str, answer: str = "yes", **fields: Any) -> dict[str, Any]:
    """What the resident said of these topics to a team or a person, written down by me."""
    noun, whom = ("team", to.id) if isinstance(to, Team) else ("person", to.person)
    given = {"about": "secrecy", "answer": answer, "to_kind": noun, "to": whom, "topics": list(topics)}
    given |= {"since": TODAY, "how": "spoken", "before": True}
    return change(me, "consent", house.about, given | fields)


def withdrawal(me: Me, given: dict[str, Any], seen: int = 1) -> dict[str, Any]:
    """The same word taken back."""
    return change(me, "consent", given["subject"], {"withdrawn": True}, record=given["record"], seen=seen)


async def hand_in(office: ModuleType, me: Me, *sent: Any, at: int = NOW, **more: Any) -> list[changes.Result]:
    """What the one door for writes says of each."""
    asking = await worn(office, me, at)
    return await office.write(lambda tx: changes.apply(tx, list(sent), asking, now=at, **more))


async def batch(office: ModuleType, me: Me, *sent: Any, at: int = NOW, custody: str | None = None) -> changes.Batch:
    asking = await worn(office, me, at)
    return await office.write(lambda tx: changes.take(tx, list(sent), asking, now=at, custody=custody))


async def record(office: ModuleType, key: str) -> dict[str, Any] | None:
    found = await rows(office, "SELECT body FROM record WHERE id = $1", key)
    return json.loads(found[0][0]) if found else None


def said(results: list[Any]) -> list[tuple[str, str | None]]:
    """(is, reason) of results, from the door or from JSON."""
    return [(one["is"], one.get("reason")) if isinstance(one, dict) else (one.is_, one.reason) for one in results]


# The phone in their hand


async def signed_in(client: httpx.AsyncClient, me: Me) -> httpx.AsyncClient:
    """A browser of their own, signed in."""
    headers = {**client.headers, "naober-knows": str(changes.KINDS["knows"])}
    return httpx.AsyncClient(transport=client._transport, base_url=client.base_url, headers=headers, cookies={sessions.COOKIE: me.token})


@dataclass(slots=True)
class Phone:
    """Asks as the app does, and remembers what it got."""

    client: httpx.AsyncClient
    me: Me
    epoch: str | None = None
    cursor: str | None = None
    digest: str | None = None
    pairs: list[list[Any]] = field(default_factory=list)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def asks(self, *sent: Any, **more: Any) -> dict[str, Any]:
        base = {"format": 1, "device": self.me.device, "epoch": self.epoch, "cursor": self.cursor, "entitled": self.digest}
        return {**base, "changes": list(sent), "reads": [], **more}

    async def post(self, *sent: Any, **more: Any) -> httpx.Response:
        return await self.client.post("/sync", json=self.asks(*sent, **more))

    async def sync(self, *sent: Any, **more: Any) -> dict[str, Any]:
        """One request, of which everything is taken over."""
        response = await self.post(*sent, **more)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        self.epoch, self.cursor = answer["epoch"], answer["cursor"]
        if answer["entitled"]:
            self.digest, self.pairs = answer["entitled"]["digest"], answer["entitled"]["pairs"]
        self.records |= {one["id"]: one for one in answer["records"]}
        return answer

    async def pull(self) -> list[dict[str, Any]]:
        """Every record that is new, page by page."""
        given = []
        for _ in range(1000):
            answer = await self.sync()
            given += answer["records"]
            if not answer["more"]:
                return given
        raise AssertionError("the office never says that this was all")

    async def history(self, *pairs: Any) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """(header, records) of every line."""
        asks = {"format": 1, "device": self.me.device, "pairs": [list(pair) for pair in pairs]}
        response = await self.client.post("/sync/history", json=asks)
        assert response.status_code == 200, response.text
        return lines(response.content)


async def phone(client: httpx.AsyncClient, me: Me) -> Phone:
    return Phone(await signed_in(client, me), me)


def lines(body: bytes) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The stream of a history taken apart."""
    assert body == b"" or body.endswith(b"\n")
    parts = [line.partition(b"\t") for line in body.splitlines()]
    return [(json.loads(header), json.loads(array)) for header, _, array in parts]


def packed(value: Any) -> bytes:
    return gzip.compress(json.dumps(value).encode())


def pairs_of(records: Any) -> set[tuple[str, str]]:
    return {(one["subject"], one["topic"]) for one in records}
