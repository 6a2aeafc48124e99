"""Custody: held changes of the teams that I answer for, and how far I may go with each.

Held work is its author's, kept for the lead of the team under whose hat it was written, in whichever role. That lead reads what the author
wrote (never what else is in the file), except about safety and except what the resident closed to them, their team or organisation: of that
they see that it is there, by whom and since when. They take it into the file when the pair is open to themselves today, or when the author's
team came there on the day it was written or before (the file it kept of that care is its own) and the topic is one their profession reads.
Nobody takes work into a file that was never theirs, and a consent that ended opens none.

A team that nobody leads today is answered for by whoever leads another team of the same organisation. When there is nobody at all it waits:
it stays held, the author's phone goes on saying so, and the first lead to come finds it, oldest first. What a lead wrote under a hat of their
own team is theirs to decide like anybody's, within the same limits; the log says who it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, changes, db
from server.access import Opened
from server.changes import KINDS, Result
from sync import clock, merge

if TYPE_CHECKING:
    from server.access import Hat, Me, Pair
    from server.db import Tx

HELD_MAX = 2000
COLUMNS = (
    "c.id, c.body, c.person, p.name, c.hat, m.role, m.team, t.name, c.device, d.revoked_at, p.left_at, c.is_, c.reason, c.received_at, c.seq"
    " FROM change c JOIN membership m ON m.id = c.hat AND m.person = c.person JOIN person p ON p.id = c.person JOIN team t ON t.id = m.team"
    " LEFT JOIN device d ON d.id = c.device"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a lead did last with a held change, when, and who that was."""

    seq: int
    at: int
    what: str
    text: str
    name: str


@dataclass(slots=True)
class Held:
    """One change in custody; hat is mine for its author's team, readable and takes say how far I may go."""

    id: str
    change: dict[str, Any]
    person: str
    name: str
    role: str
    device: str
    gone: bool
    is_: str
    reason: str
    received_at: int
    seq: int
    hat: Hat
    decided: Decided | None = None
    readable: bool = False
    takes: bool = False
    ground: Opened | None = None

    @property
    def pair(self) -> Pair:
        """Whom and what it is about."""
        return self.change["subject"], self.change["topic"]

    @property
    def whole(self) -> tuple[str, str]:
        """What was written at one visit or contact, or to one record, by one person is decided as one."""
        fields = self.change["fields"]
        return self.person, str(fields.get("visit") or fields.get("contact") or self.change["record"])

    @property
    def written_at(self) -> int:
        """When it was written, as far as its clock can be believed."""
        return min(int((clock.parse(self.change["stamp"]) or {"ms": 0})["ms"]), self.received_at)

    @property
    def last(self) -> int:
        """The number of the last thing that happened to it."""
        return max(self.seq, self.decided.seq if self.decided else 0)

    @property
    def kept(self) -> bool:
        """Whether it was put aside, with a reason."""
        return self.is_ == "held" and self.decided is not None and self.decided.what == "kept"


@dataclass(slots=True)
class Bundle:
    """What is decided as one, its head first."""

    all: list[Held] = field(default_factory=list)

    @property
    def head(self) -> Held:
        """The visit or contact itself when it is there, or else what came first."""
        return next((one for one in self.all if one.change["record"] == one.whole[1]), self.all[0])

    @property
    def last(self) -> int:
        """The number of the last thing that happened to any of it."""
        return max(one.last for one in self.all)

    @property
    def kept(self) -> bool:
        """Whether all of it was put aside."""
        return all(one.kept for one in self.all)

    @property
    def takes(self) -> list[Held]:
        """Those that I may take into the file."""
        return [one for one in self.all if one.takes]


async def bundles(tx: Tx, me: Me, opened: dict[Pair, Opened], at: int, person: str = "") -> list[Bundle]:
    """What is held for me, oldest first; of one author when `person` says whom."""
    found = await _all(tx, me, at, person)
    if found:
        await _reach(tx, me, opened, found, at)
    return _whole(found)


async def find(tx: Tx, me: Me, change: str, at: int) -> Held | None:
    """A change that is, or was, in my custody; None when there is no such thing for me."""
    hats = await access.custody(tx, me, at)
    of = f"c.id = $1 AND {db.among('m.team', 2)}"
    row = await tx.one(f"SELECT {COLUMNS} WHERE {of}", change, list(hats))
    if row is None:
        return None
    held = _held(row, hats)
    held.decided = (await _decided(tx, [held.id])).get(held.id)
    return held if held.is_ == "held" or held.decided else None


async def count(tx: Tx, me: Me, at: int) -> tuple[int, int]:
    """(how much waits for me, how much was kept aside)."""
    kept = [one.kept for one in _whole(await _all(tx, me, at, ""))]
    return kept.count(False), kept.count(True)


async def news(tx: Tx, me: Me, asked: Iterable[tuple[str, int]]) -> list[Result]:
    """What leads decided of these changes of mine, [(change, number of the last decision I know of)]; of the others nothing."""
    since = dict(asked)
    rows = await tx.all(
        f"SELECT c.id, c.is_, c.version, c.reason, d.seq, d.text FROM change c JOIN decision d ON d.change = c.id"  # noqa: S608  our own SQL
        f" WHERE {db.among('c.id', 1)} AND c.person = $2 ORDER BY d.seq",
        *(list(since), me.person),
    )
    last = {row[0]: row[1:] for row in rows}
    return [_told(key, *row) for key, row in last.items() if row[3] > since[key]]


def author(held: Held) -> Me:
    """Its author as they were when they wrote it, on the device on which they did."""
    return access.Me(held.person, held.device, "", "nl", (replace(held.hat, id=held.change["by"], role=held.role),))


async def _all(tx: Tx, me: Me, at: int, person: str) -> list[Held]:
    hats = await access.custody(tx, me, at)
    wanted, order = "c.seq IS NOT NULL AND c.is_ = 'held'", "ORDER BY c.seq, c.received_at, c.n LIMIT $3"
    of = f"{db.among('m.team', 1)} AND ($2 = '' OR c.person = $2)"
    rows = await tx.all(f"SELECT {COLUMNS} WHERE {wanted} AND {of} {order}", list(hats), person, HELD_MAX)
    found = [_held(row, hats) for row in rows]
    decided = await _decided(tx, [one.id for one in found]) if found else {}
    for one in found:
        one.decided = decided.get(one.id)
    return found


def _whole(found: list[Held]) -> list[Bundle]:
    whole: dict[tuple[str, str], Bundle] = {}
    for one in found:
        whole.setdefault(one.whole, Bundle()).all.append(one)
    return list(whole.values())


def _told(key: str, is_: str, version: int | None, reason: str | None, seq: int, text: str) -> Result:
    if is_ == "held":
        return Result(key, is_, seq, "kept", text=text)
    return Result(key, is_, version, reason, text=text or None)


def _held(row: tuple[Any, ...], hats: dict[str, Hat]) -> Held:
    key, body, person, name, _, role, team, team_name, device, revoked, left, is_, reason, received, seq = row
    hat = replace(hats[team], team=team, team_name=team_name)
    gone = revoked is not None or left is not None
    return Held(key, msgspec.json.decode(body), person, name, role, device, gone, is_, reason or "", received, seq or 0, hat)


async def _decided(tx: Tx, ids: list[str]) -> dict[str, Decided]:
    rows = await tx.all(
        f"SELECT d.change, d.seq, d.at, d.what, d.text, p.name FROM decision d JOIN person p ON p.id = d.person WHERE {db.among('d.change', 1)}"  # noqa: S608
        " ORDER BY d.seq",
        ids,
    )
    return {row[0]: Decided(*row[1:]) for row in rows}


async def _reach(tx: Tx, me: Me, opened: dict[Pair, Opened], found: list[Held], at: int) -> None:
    """How far I may go with each of them: the rules at the top of this file."""
    closed = {team: await access.closed(tx, _answering(me, hat), at) for team, hat in {one.hat.team: one.hat for one in found}.items()}
    days = {(one.hat.team, access.day_of(one.written_at)) for one in found}
    came = {(team, day): await access.came(tx, team, day) for team, day in days}
    known = await _known(tx, found)
    for one in found:
        one.readable = one.pair in opened or (one.change["topic"] != "safety" and one.pair not in closed[one.hat.team])
        then = one.change["subject"] in came[one.hat.team, access.day_of(one.written_at)]
        one.ground = _ground(one, opened, known, then=then) if one.readable else None
        one.takes = one.hat.role in changes.WRITERS[one.change["kind"]] and one.ground is not None


def _ground(one: Held, opened: dict[Pair, Opened], known: set[str], *, then: bool) -> Opened | None:
    """By what I may take it in; `then`: its author's team came there. A front door that nobody knows yet comes into that team's care; who is new
    behind one, or moves there, needs that door to be open to me today.
    """
    change, way, care = one.change, opened.get(one.pair), Opened(None, one.hat, "care")
    fresh = change["kind"] in {"household", "resident"} and change["record"] not in known and "name" in change["fields"]
    if fresh and change["kind"] == "household":
        return care if one.hat.topics else None
    if change["kind"] == "resident" and "household" in change["fields"]:
        home = opened.get((f"household:{change['fields']['household']}", "practical"))
        if home is None or fresh:
            return home
    # A consent may open less of the past than the file that the team kept.
    return care if then and _ours(one) and (way is None or way.after) else way


def _answering(me: Me, hat: Hat) -> set[str]:
    """Whom a resident tells no when that closes this team's work to me; the teams I lead myself too, when I stand in for one that nobody leads."""
    mine = {one.team for one in me.hats if one.role == "lead" and one.organisation == hat.organisation}
    return {me.person, hat.team, hat.organisation, *(() if hat.team in mine else mine)}


def _ours(one: Held) -> bool:
    """Whether my profession reads this of whom its team comes to."""
    return one.change["topic"] in (one.hat.topics if one.change["subject"].startswith("resident:") else one.hat.topics[:1])


async def _known(tx: Tx, found: list[Held]) -> set[str]:
    """The households and residents among these that are there already."""
    own = [one.change["record"] for one in found if one.change["kind"] in {"household", "resident"}]
    rows = await tx.all(f"SELECT id FROM household WHERE {db.among('id', 1)} UNION SELECT id FROM resident WHERE {db.among('id', 1)}", own)  # noqa: S608
    return {key for (key,) in rows}


def shown(held: Held) -> dict[str, Any]:
    """The record that this change alone would make, as a page shows one."""
    change = held.change
    write = {name: change[name] for name in ("by", "stamp", "n")} | {"role": held.role, "version": 1, "seen": 0, "device": held.device}
    return merge.shown(merge.apply(None, change, write, KINDS["kinds"][change["kind"]]))
