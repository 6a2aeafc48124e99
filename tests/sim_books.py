"""The office's books: what left the building, and what its database must therefore say, at every moment and also after a crash."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

from server import db
from sync import merge
from tests.sim_office import Office
from tests.sim_wire import Answer
from tests.sim_world import Device, World, Wrong

# What there is to compare with what left.
BOOKS = {
    "kept": "SELECT id, is_, version FROM change",
    "numbers": "SELECT seq, id FROM record UNION ALL SELECT seq, id FROM change WHERE seq IS NOT NULL UNION ALL SELECT seq, id FROM decision",
    "newest": "SELECT n FROM counter WHERE name = 'seq'",
    "logged": "SELECT device, subject, topic, sum(n) FROM log WHERE action = 'given' AND subject IS NOT NULL GROUP BY device, subject, topic",
    "holding": "SELECT device, subject, topic, gone_at FROM holding",
    "consents": "SELECT body FROM record WHERE kind = 'consent'",
    "statements": "SELECT record, topic, withdrawn FROM statement WHERE kind = 'secrecy'",
    "reads": "SELECT id FROM log WHERE action = 'read'",
}
# Each finds what a unit leaves that was not whole; nothing may be found.
HALVES = {
    "a stored change without its record": (
        "SELECT c.id FROM change c LEFT JOIN record r ON r.id = c.record WHERE c.is_ = 'stored' AND (r.id IS NULL OR r.version < c.version)"
    ),
    "a record with more or fewer versions than changes": (
        "SELECT r.id FROM record r LEFT JOIN change c ON c.record = r.id AND c.is_ = 'stored'"
        " GROUP BY r.id, r.version HAVING count(c.id) <> r.version"
    ),
    "a write that is not in the log as often as it was done": (
        "SELECT record, count(*) FROM change WHERE is_ = 'stored' GROUP BY record"
        " EXCEPT SELECT object, count(*) FROM log WHERE action = 'write' GROUP BY object"
    ),
    "a write in the log that was not done as often": (
        "SELECT object, count(*) FROM log WHERE action = 'write' GROUP BY object"
        " EXCEPT SELECT record, count(*) FROM change WHERE is_ = 'stored' GROUP BY record"
    ),
    "what was held and is not in the log as often": (
        "SELECT record, count(*) FROM change WHERE is_ = 'held' OR id IN (SELECT change FROM decision) GROUP BY record"
        " EXCEPT SELECT object, count(*) FROM log WHERE action = 'held' GROUP BY object"
    ),
    "a device that counted further than the office noted": (
        "SELECT d.id FROM device d JOIN change c ON c.device = d.id WHERE d.revoked_at IS NULL"
        " GROUP BY d.id, d.highest_n HAVING max(c.n) > d.highest_n"
    ),
    "a front door or resident without a record": (
        "SELECT id FROM household WHERE id NOT IN (SELECT id FROM record) UNION ALL SELECT id FROM resident WHERE id NOT IN (SELECT id FROM record)"
    ),
    "a record of a front door or resident that nobody knows": (
        "SELECT id FROM record WHERE kind = 'household' AND id NOT IN (SELECT id FROM household)"
        " UNION ALL SELECT id FROM record WHERE kind = 'resident' AND id NOT IN (SELECT id FROM resident)"
    ),
    "a front door found by somebody to whose team it was not given": (
        "SELECT r.id FROM record r JOIN person p ON p.id = r.author WHERE r.kind = 'household' AND r.id NOT IN (SELECT household FROM care)"
    ),
}  # fmt: skip


class Books(Office):
    """The office, with an account of what it gave and took."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.gave: Counter[tuple[str, str, str]] = Counter()
        self.held: dict[tuple[str, str, str], int] = {}
        self.numbers: dict[int, str] = {}
        self.furthest, self.asked = 0, {}
        self.read: set[str] = set()

    async def ask(self, device: Device, token: str, method: str, path: str, body: bytes, **how: Any) -> Answer:
        self.asked = json.loads(body or "{}")
        return await super().ask(device, token, method, path, body, **how)

    def given(self, device: Device, text: str, path: str, status: int) -> None:
        """What leaves must be on the books by then, whatever happens next."""
        super().given(device, text, path, status)
        if status != 200 or not text or not path.startswith("/sync"):
            return
        if path == "/sync":
            self.read |= {one["id"] for one in self.asked["reads"]}
            said = json.loads(text)
            parts = [({}, said.get("records", []))]
            self.furthest = max([self.furthest, *(int(one) for one in said.get("cursor", "0").split("-") if one != "first")])
        else:
            parts = [tuple(map(json.loads, line.split("\t"))) for line in text.splitlines()]
        for head, records in parts:
            places = [(device.device, one["subject"], one["topic"]) for one in records]
            self.gave.update(places)
            self.held |= {} if head.get("gone") else dict.fromkeys(places, self.world.at)

    async def back(self, asked: dict[str, Any]) -> None:
        """After a crash: the books are right, what was asked was done whole or not at all, and what was done counts from now on."""
        await self.right()
        sent = json.loads(asked["body"] or "{}")
        ids = [one["id"] for one in sent.get("changes", []) if self.world.changes[one["id"]].is_ is None]
        rows = await self._all(f"SELECT id, is_, version, reason FROM change WHERE {db.among('id', 1)}", ids)  # noqa: S608  our own SQL
        if rows and len(rows) != len(ids):
            raise Wrong("lost", f"half of a request was done: {len(rows)} of {len(ids)} changes")
        reads = [one["id"] for one in sent.get("reads", [])]
        noted = await self._all(f"SELECT id FROM log WHERE {db.among('id', 1)}", reads)  # noqa: S608  our own SQL
        if ids and reads and bool(noted) != bool(rows):
            raise Wrong("lost", f"half of a request was done: {len(rows)} changes, {len(noted)} reads")
        device = self.world.devices[asked["p"]].device
        by_id = {row[0]: row for row in rows}
        done = [dict(zip(("id", "is", "version", "reason"), by_id[key], strict=True)) for key in ids if key in by_id]
        await self._moved(self.answered(device, done))

    async def right(self) -> None:
        """Everything that must be true between any two units."""
        found = await db.read(self._found)
        for what in HALVES:
            if found[what]:
                raise Wrong("lost", f"{what}: {found[what]}")
        kept = {key: told for key, *told in found["kept"]}
        for change in self.world.changes.values():
            if change.is_ in {"stored", "held"} and kept.get(change.id) != [change.is_, change.version]:
                raise Wrong("lost", f"{change.id} was {change.is_} as version {change.version}, the office kept {kept.get(change.id)}")
        self._numbers(found["numbers"], found["newest"][0][0])
        self._given({tuple(row[:3]): row[3] for row in found["logged"]}, {tuple(row[:3]): row[3] for row in found["holding"]})
        expected = set().union(*(_says(body) for (body,) in found["consents"]))
        if wrong := expected ^ set(found["statements"]):
            raise Wrong("leaked", f"what residents said and what opens are not the same: {wrong}")
        if gone := self.read - {key for (key,) in found["reads"]}:
            raise Wrong("lost", f"somebody read and it is not in the log: {gone}")

    async def _found(self, tx: db.Tx) -> dict[str, list[tuple[Any, ...]]]:
        """All of it at one moment."""
        return {what: await tx.all(sql) for what, sql in (HALVES | BOOKS).items()}

    def _numbers(self, rows: list[tuple[Any, ...]], newest: int) -> None:
        """Each number was given once, none beyond the counter, and no phone is further than it."""
        if len({seq for seq, _ in rows}) != len(rows) or any(self.numbers.setdefault(seq, key) != key for seq, key in rows):
            raise Wrong("diverged", "a number was given twice")
        if max([self.furthest, *self.numbers]) > newest:
            raise Wrong("diverged", f"a phone or a row is at {max(self.furthest, *self.numbers)}, the office counts from {newest}")

    def _given(self, logged: dict[Any, int], held: dict[Any, int | None]) -> None:
        """What left is in the log, and on the list of what its device holds: as gone only from when it was given last."""
        for place, n in self.gave.items():
            if logged.get(place, 0) < n:
                raise Wrong("lost", f"{n} of {place} were given, {logged.get(place, 0)} are in the log")
            if place in self.held and (place not in held or (held[place] or self.held[place]) < self.held[place]):
                raise Wrong("lost", f"{place} was given and is not on the list of what that phone holds")

    async def erased(self, device: Device) -> None:
        """A phone that has said what it holds has nothing else on its list."""
        opened = self.world.opened(device.person)
        rows = await self._all("SELECT subject, topic FROM holding WHERE device = $1 AND gone_at IS NULL", device.device)
        if left := [row for row in rows if tuple(row) not in opened]:
            raise Wrong("lost", f"{device.name} has erased {left}, and no receipt of it was kept")

    async def _all(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        return await db.read(lambda tx: tx.all(sql, *args))


@cache
def _says(body: str) -> frozenset[tuple[str, str, int]]:
    """What opens by this record: {(record, topic, withdrawn), …}."""
    record = json.loads(body)
    fields = merge.shown(record)["fields"]
    topics = fields["topics"] if fields["about"] == "secrecy" else []
    return frozenset((record["id"], topic, int(fields.get("withdrawn") is True)) for topic in topics)
