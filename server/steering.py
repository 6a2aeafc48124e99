"""Steering at the desk: what was found for a lead of the households of their teams, to tell what waits there and what gets stuck."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access, audit, db, records, roster, waits
from sync import merge

if TYPE_CHECKING:
    from typing import Any

    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.waits import Norm, Wait

KINDS = (
    *("household", "resident", "task", "completion", "asking", "helper", "worry", "acknowledgement"),
    *("escalation", "step_down", "evaluation", "obstacle"),
)


@dataclass(slots=True)
class Found:
    """What was found for a lead: the records, resident -> household, household -> the team that I lead, the waits, and what each team agreed on."""

    known: roster.Known
    homes: dict[str, str]
    teams: dict[str, str]
    waits: list[Wait]
    norms: dict[str, Norm]
    opened: dict[Pair, Opened]

    def home(self, subject: str) -> str:
        """The household of a subject, its own or a resident's."""
        noun, _, key = subject.partition(":")
        return self.homes.get(key, "") if noun == "resident" else key

    def place(self, subject: str) -> str:
        """What that household is called."""
        return self.known.place(f"household:{self.home(subject)}")

    def page(self, one: dict[str, Any]) -> str:
        """Where the phone shows something that steers the help."""
        return f"/steering/{one['id']}?in={self.home(one['subject'])}"


async def seen(me: Me, at: int, action: str) -> Found:
    """What is there for me; that I saw it goes into the log first."""
    found = await db.read(lambda tx: _found(tx, me, at))
    rows = _log(me, found, at, action)
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    return found


async def _found(tx: Tx, me: Me, at: int) -> Found:
    opened = await access.opened(tx, me.person, at)
    teams = {home.removeprefix("household:"): team for home, team in (await access.led(tx, me, at)).items() if (home, "practical") in opened}
    homes = dict(await tx.all(f"SELECT id, household FROM resident WHERE {db.among('household', 1)}", sorted(teams)))  # noqa: S608  our own SQL
    subjects = {f"household:{home}" for home in teams} | {f"resident:{one}" for one in homes}
    by_kind: dict[str, list[records.Shown]] = {}
    for one in map(merge.shown, await waits.read(tx, opened, subjects, KINDS)):
        by_kind.setdefault(one["kind"], []).append(one)
    hats = {one["fields"].get(name) for all_ in by_kind.values() for one in all_ for name in ("owner", "volunteer")}
    known = roster.Known(by_kind, await records.find(tx, me, opened, [hat for hat in hats if hat]))
    return Found(known, homes, teams, await waits.find(tx, opened, homes, at), await waits.norms(tx, set(teams.values())), opened)


def _log(me: Me, found: Found, at: int, action: str) -> list[dict[str, Any]]:
    """That I saw so much of each household and resident; once an hour a session."""
    all_ = [one for each in found.known.by_kind.values() for one in each] + [one.signal for one in found.waits]
    kept = [one for one in all_ if action == "read" or one["kind"] == "obstacle"]
    counts = Counter((one["subject"], one["topic"]) for one in kept)
    return audit.seen(me, found.opened, counts, ("stuck", action), at)
