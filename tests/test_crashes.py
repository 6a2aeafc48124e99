"""A working day, with a crash of the phone at every step of its storage and of its requests, one after another: nothing saved is lost or doubled.

Each act is tried again and again, ended at its first step, then at its second, until it gets through; before, while and after that step is
written, with a full disk, with a lost connection, and with the office's answer never sent or never heard.
"""

import shutil
from typing import Any

import pytest

from server import sessions
from tests import sim_checks
from tests.sim_day import VISITS, Day
from tests.sim_phones import KILLS, Node, Reply
from tests.sim_world import MINUTE_MS, Device
from tests.simulate import Clock

SEED = 4
HOWS = (*KILLS, "full", "lost")
WIRE = ("kill", "kill_after", "lost", "unanswered", "doubled", "busy")
POINTS_MIN = 250

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="phones need Node")


class OnThePhone(Day):
    """The day with faults in the phone and on its way to the office; `wire`: what befalls its next requests."""

    def __init__(self, node: Node, clock: Clock) -> None:
        super().__init__(SEED, node, clock)
        self.wire: list[str] = []

    async def begin(self) -> None:
        await super().begin()
        self.network.fault = lambda: self.wire.pop(0) if self.wire else ""

    async def sync(self, device: Device, fault: Reply | None = None) -> Reply:
        """There is something to send and something to fetch."""
        await self.write(self.mine)
        await self.write(self.colleague)
        await self.network.command(self.colleague, "sync")
        reply = await self.network.command(device, "sync", fault=fault)
        if reply.get("killed"):
            await self.back(device)
        await sim_checks.unsent(self.world, self.network, device)
        return reply

    async def losing(self, device: Device, fault: Reply | None = None) -> Reply:
        """The household closes while something about it is still unsent: it is erased, and what was written is not."""
        care = next(key for key, (_, team, *_) in self.world.cares.items() if team == self.team(device))
        await self.network.command(device, "sync")
        await self.write(device)
        await self.office.end_care(care, "2026-11-01")
        reply = await self.network.command(device, "sync", fault=fault)
        await self.office.end_care(care, "9999-12-30")
        if reply.get("killed"):
            await self.back(device)
        await sim_checks.unsent(self.world, self.network, device)
        return reply

    async def unlock(self, device: Device, fault: Reply | None = None) -> Reply:
        await self.network.command(device, "lock")
        reply = await self.network.command(device, "unlock", fault=fault)
        if reply.get("killed"):
            await self._again(device)
        if reply.get("ok") is not True:
            assert (await self.network.command(device, "unlock"))["ok"] is True
        return reply

    async def each(self, act: Any) -> None:
        """Ends the act at every step there is."""
        for how in HOWS:
            at = 1
            while True:
                self._tick(MINUTE_MS)
                reply = await act(self.mine, {"at": at, "how": how})
                if reply.get("steps", 0) < at and not reply.get("killed"):
                    break
                self.points[f"{act.__name__} {how}"] = at
                at += 1

    async def on_the_wire(self, act: Any) -> None:
        """Ends the act at every request there is."""
        for how in WIRE:
            at = 0
            while True:
                self._tick(MINUTE_MS)
                self.wire = []
                before = at
                await self.write(self.mine)
                self.wire = [*[""] * at, how]
                await act(self.mine)
                if self.wire:
                    break
                self.points[f"{act.__name__} request {how}"] = at = before + 1
        self.wire = []


async def test_a_crash_at_any_step_of_the_day_loses_and_doubles_nothing(office, monkeypatch):
    clock, node = Clock(), Node()
    monkeypatch.setattr(sessions, "now", clock)
    await node.start()
    try:
        day = OnThePhone(node, clock)
        await day.begin()
        for _ in range(VISITS):
            await day.write(day.mine)
        for act in (day.write, day.unlock, day.sync, day.losing):
            await day.each(act)
        await day.on_the_wire(day.sync)
        await day.evening()
    finally:
        await node.stop()
    assert sum(day.points.values()) >= POINTS_MIN, day.points
