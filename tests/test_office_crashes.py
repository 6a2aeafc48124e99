"""A working day with a crash of the office at every await of what phones ask of it, one after another: nothing acknowledged is lost, nothing is done
twice or by half, and every phone shows the truth after it has asked again, as it does by itself.

Each act is done again and again, the office ended at its first await, then at its second, until it gets through: see tests/sim_lives.py.
"""

import shutil
from functools import partial
from typing import Any

import pytest

from server import db, history, pulls, sessions
from tests import sim_checks, sim_lives, sim_wire
from tests.sim_books import Books
from tests.sim_day import VISITS, Day
from tests.sim_lives import Life, Lines
from tests.sim_phones import Node
from tests.sim_world import HOUR_MS, MINUTE_MS, Device, Wrong
from tests.simulate import Clock

SEED = 1378  # a nurse, the lead of her team, and somebody of a team that comes to another front door
POINTS_MIN = 330
TRIES_MAX = 3

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="phones need Node")


class InTheOffice(Day):
    """The day in an office that may end; each act says whose phones took part."""

    def __init__(self, node: Node, clock: Clock, life: Life) -> None:
        super().__init__(SEED, node, clock)
        self.life = life
        self.office = Books(self.world)
        self.network = Lines(self.world, self.office, node)
        self.network.life = life

    @property
    def stranger(self) -> Device:
        """To whom nothing of my household is open until a resident says so."""
        return next(one for one in self.world.devices.values() if self._visits(one) and self.team(one) != self.team(self.mine))

    async def phone(self, name: str, person: str) -> Device:
        """One more phone of somebody's, new out of its box."""
        device = Device(name, person, self.world.new(), "", hats=[hat for hat, row in self.world.hats.items() if row[0] == person])
        self.world.devices[name] = device
        await self.office.give(device)
        await self.unpacked(device)
        return device

    async def unpacked(self, device: Device) -> None:
        told = [{"id": hat, "role": self.world.hats[hat][2], "team": self.world.hats[hat][1]} for hat in device.hats]
        await self.network.command(device, "make", who={"person": device.person, "device": device.device, "hats": told})

    async def through(self, *devices: Device) -> None:
        """Each asks until it got through."""
        for device in devices:
            for _ in range(TRIES_MAX):
                reply = await self.network.command(device, "sync")
                if (problem := reply["ok"]["problem"]) is None or problem == "revoked":
                    break
            else:
                raise Wrong("diverged", f"{device.name} does not get through: {problem}")

    # The acts: what is prepared is not counted

    async def first(self, at: int) -> list[Device]:
        """A new phone asks for everything: a first pull of several pages, and history in several parts."""
        new = self.world.devices.get("new") or await self.phone("new", self.colleague.person)
        await self.network.command(new, "erase")
        await self.unpacked(new)
        self.life.plan(at)
        await self.through(new)
        return [new]

    async def visits(self, at: int) -> list[Device]:
        """Up goes a visit, what was read on the way, a yes and the end of an earlier one; down comes a colleague's task; the session is renewed."""
        await self.put(self.colleague, self.visit(self.colleague)["changes"][2:])
        await self.through(self.colleague)
        for record in self.agreed():
            await self.withdrawn(record)
        await self.write(self.mine)
        await self.said_yes()
        await self.network.command(self.mine, "read", subject=f"household:{self.house(self.mine)[0]}", what="household")
        await self.ageing()
        self.life.plan(at, 1)
        await self.through(self.mine)
        return [self.mine]

    async def door(self, at: int) -> list[Device]:
        """A front door that nobody knew, who lives there, and the first thing to do."""
        changes, _ = self.deeds.household(self.mine, self.mine.hats[0])
        await self.put(self.mine, changes)
        self.life.plan(at, 1)
        await self.through(self.mine)
        return [self.mine]

    async def withdrawal(self, at: int) -> list[Device]:
        """What was agreed to is fetched by whom it names, then the yes is withdrawn: that phone erases it, and says that it did."""
        await self.said_yes()
        await self.through(self.mine, self.stranger)
        for record in self.agreed():
            await self.withdrawn(record)
        await self.through(self.mine)
        self.life.plan(at)
        await self.through(self.stranger)
        await self.office.erased(self.stranger)
        return [self.stranger]

    async def handing_in(self, at: int) -> list[Device]:
        """A phone that was revoked hands in what it has, gets nothing, and erases itself."""
        lost = await self.phone(f"lost{at}", self.mine.person)
        await self.write(lost)
        await self.office.revoke(lost)
        self.life.plan(at)
        await self.through(lost)
        await sim_checks.unsent(self.world, self.network, lost)
        sim_checks.answered(self.world, lost)
        await self.network.command(lost, "erase")
        lost.erased, lost.open = True, False
        return []

    # What a resident says

    def agreed(self) -> list[str]:
        """The consents in force."""
        return [one["record"] for one in self.world.facts["statements"] if not one["withdrawn"]]

    async def said_yes(self) -> None:
        canary, (_, resident) = self.world.canary(), self.house(self.mine)
        to = {"to_kind": "person", "to": self.stranger.person, "topics": ["mind", "social"], "since": self.world.day, "before": True}
        fields = to | {"about": "secrecy", "answer": "yes", "how": "spoken", "words": canary}
        change = {"kind": "consent", "subject": f"resident:{resident}", "topic": "practical", "by": self.mine.hats[0], "fields": fields}
        await self.put(self.mine, [change])

    async def withdrawn(self, record: str) -> None:
        fields = {"withdrawn": True, "withdrawn_why": self.world.canary()}
        change = {"kind": "consent", "edit": record, "subject": self.world.records[record].subject, "by": self.mine.hats[0], "fields": fields}
        await self.put(self.mine, [change])

    async def put(self, device: Device, changes: list[dict[str, Any]]) -> None:
        canary = self.world.canary()
        await self.save(device, {"op": f"op {canary}", "changes": changes, "canary": canary})

    async def ageing(self) -> None:
        """The session is old enough to be renewed."""
        sql = "UPDATE session SET expires_at = expires_at - $1 WHERE device = $2"
        await db.write(lambda tx: tx.run(sql, 2 * HOUR_MS, self.mine.device))

    async def each(self, act: Any) -> None:
        """Ends the office at every await there is, and looks each time."""
        at = 1
        while True:
            self._tick(MINUTE_MS)
            self.life.plan(0)
            try:
                devices = await act(at)
                await self.office.right()
                await sim_checks.whole(self.world, self.office, self.network, devices)
            except Wrong as wrong:
                wrong.add_note(f"{act.__name__}, ended at await {at}: {self.life.place}")
                raise
            if not self.life.place:
                break
            self.points[act.__name__] = at
            at += 1
        self.life.plan(0)


@pytest.fixture
async def life(office, monkeypatch):
    """The office in a process that may end."""
    life = Life()
    for engine in ("Sqlite", "Postgres"):
        monkeypatch.setattr(db, engine, partial(getattr(sim_lives, engine), life))
    monkeypatch.setattr(sim_wire, "app", partial(life.serve, sim_wire.app))
    await db.stop()
    await db.start()
    return life


async def test_a_crash_at_any_await_of_the_office_loses_and_doubles_nothing(life, monkeypatch):
    clock, node = Clock(), Node()
    monkeypatch.setattr(sessions, "now", clock)
    monkeypatch.setattr(pulls, "PAGE", 25)
    monkeypatch.setattr(history, "PAIRS_AT_ONCE", 8)
    await node.start()
    try:
        day = InTheOffice(node, clock, life)
        await day.begin()
        for _ in range(VISITS):
            await day.write(day.mine)
        await day.through(day.mine)
        for act in (day.first, day.withdrawal, day.handing_in, day.visits, day.door):
            await day.each(act)
        await day.evening()
    finally:
        await node.stop()
    assert sum(day.points.values()) >= POINTS_MIN, day.points
