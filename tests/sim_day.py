"""A working day of a nurse or outreach worker and a colleague of the same team, of which tests end one act after another at each of its steps."""

from __future__ import annotations

from typing import Any

from tests import sim_checks
from tests.sim_history import History
from tests.sim_phones import Node, Reply
from tests.sim_world import Device
from tests.simulate import Clock

VISITS = 20


class Day(History):
    """Who meets in it, what they write, and what it counts: act and fault -> at how many steps it was ended."""

    def __init__(self, seed: int, node: Node, clock: Clock) -> None:
        super().__init__(seed, node, clock)
        self.points: dict[str, int] = {}

    async def begin(self) -> None:
        self._tick(0)
        await self.node.command(act="begin", real=False)
        await self.office.begin()
        await self._phones()
        self.network.fault = lambda: ""

    @property
    def mine(self) -> Device:
        return next(one for one in self.world.devices.values() if self._visits(one))

    @property
    def colleague(self) -> Device:
        team = self.team(self.mine)
        return next(one for one in self.world.devices.values() if one.person != self.mine.person and one.hats and self.team(one) == team)

    def _visits(self, device: Device) -> bool:
        return any(self.world.hats[hat][2] in {"nurse", "outreach"} for hat in device.hats)

    def team(self, device: Device) -> str:
        return str(self.world.hats[device.hats[0]][1])

    def house(self, device: Device) -> tuple[str, str]:
        """(household, resident) to whom this team comes."""
        household = next(home for home, team, *_ in self.world.cares.values() if team == self.team(device))
        return household, next(key for key, home in self.world.facts["residents"].items() if home == household)

    def visit(self, device: Device) -> dict[str, Any]:
        """One press of 'Bewaar bezoek': the visit, what was seen, and a task."""
        canary, hat = self.world.canary(), device.hats[0]
        household, resident = self.house(device)
        place = {"subject": f"household:{household}", "topic": "practical", "by": hat}
        changes = [
            {"kind": "visit", **place, "fields": {"day": self.world.day, "present_names": canary}},
            {"kind": "note", "subject": f"resident:{resident}", "topic": "mind", "by": hat, "fields": {"text": self.world.canary()}}
            | {"as": {"visit": 0}},
            {"kind": "task", **place, "fields": {"what": self.world.canary(), "due": self.world.day}},
        ]
        return {"op": f"op {canary}", "changes": changes, "canary": canary}

    async def write(self, device: Device, fault: Reply | None = None) -> Reply:
        """Saves a visit; who was cut off comes back and presses again."""
        return await self.save(device, self.visit(device), fault)

    async def save(self, device: Device, made: dict[str, Any], fault: Reply | None = None) -> Reply:
        canary = made.pop("canary")
        reply = await self.network.command(device, "write", fault=fault, **made)
        if (again := reply).get("killed"):
            await self.back(device)
        if not again.get("ok"):
            again = await self.network.command(device, "write", **made)
        assert again["ok"]["saved"], again
        device.saved.update({one["id"]: canary for one in again["ok"]["saved"]})
        return reply

    async def back(self, device: Device) -> None:
        await self._again(device)
        assert await self._opened(device, calm=True)

    async def evening(self) -> None:
        """Everybody undisturbed; then everything there is to check."""
        await self._calm()
        await sim_checks.whole(self.world, self.office, self.network)
