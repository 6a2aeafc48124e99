"""One seeded history: people write, residents say yes and no, phones come and go, and everything that can go wrong on the way does."""

from __future__ import annotations

from typing import Any

from tests import sim_checks, sim_links, sim_sealed
from tests.sim_deeds import Deeds
from tests.sim_leads import Leads
from tests.sim_links import Neighbours
from tests.sim_office import Office, small
from tests.sim_phones import KILLS, Network, Node
from tests.sim_world import DAY_MS, KINDS, MINUTE_MS, ORGANISATIONS, Device, World, Wrong, day_add

ROUNDS = 3
REAL_CRYPTO_EVERY = 25
STEPS = {
    "write": 24, "edit": 12, "consent": 9, "withdraw": 9, "share": 2, "household": 3, "sync": 30, "care": 3, "hat": 2, "leave": 0.3, "revoke": 0.6,
    "time": 3, "skew": 3, "lock": 3, "restart": 2, "deliver": 4, "decide": 4,
    "hand_in": 5, "rotate": 0.3, "entrust": 6, "answer": 8, "acknowledge": 3, "link": 4, "visit": 6,
}  # fmt: skip
# What was found once was found in histories of before there were helpers, or links.
HELPERS, LINKS = ("entrust", "answer", "acknowledge"), ("link", "visit")
BEFORE = {37878: (*HELPERS, *LINKS), 5189: LINKS, 5652: LINKS, 7958: LINKS}
# What somebody writes on their phone; every other step befalls them.
DEEDS = frozenset({"write", "edit", "consent", "withdraw", "share", "household", "link", *HELPERS})
KILLED, FULL = 0.08, 0.04


class History:
    """A world, its office and its phones, played step by step out of one seed."""

    def __init__(self, seed: int, node: Node, clock: Any) -> None:
        self.world, self.node, self.clock = World(seed), node, clock
        self.office = Office(self.world)
        self.network = Network(self.world, self.office, node)
        self.deeds = Deeds(self.world)
        self.leads = Leads(self.office, self._say)
        self.neighbours = Neighbours(self.world, node, self._say)
        node.on_fetch = lambda asked: (self.network if asked["p"] in self.world.devices else self.neighbours).carry(asked)
        self.step = 0
        self.busy = False

    async def play(self, steps: int) -> str:
        """Its last state in one word; raises Wrong at the first thing that may not be."""
        pages, parts = small(self.world.rng)
        with pages, parts:
            self._tick(0)
            await self.node.command(act="begin", real=self.world.seed % REAL_CRYPTO_EVERY == 0)
            await self.office.begin()
            sim_links.begin()
            await self._phones()
            acts = {act: often for act, often in STEPS.items() if act not in BEFORE.get(self.world.seed, ())}
            while self.step < steps:
                self.step += 1
                await self._one(self.world.rng.choices(list(acts), list(acts.values()))[0])
            self.step += 1
            await self._calm()
            self.neighbours.heeded()
            return await sim_checks.whole(self.world, self.office, self.network)

    async def _one(self, act: str) -> None:
        self._tick(self.world.rng.randrange(20 * MINUTE_MS))
        if act in DEEDS:
            await self._deed(act)
        else:
            await getattr(self, f"_{act}")()

    def _tick(self, ms: int) -> None:
        self.world.at += ms
        self.clock.at = self.world.at

    def _say(self, text: str) -> None:
        self.world.tell(f"{self.step:3} {self.world.day} {text}")

    async def _phones(self) -> None:
        """Two to six, everybody has one."""
        world = self.world
        owners = [*world.people, *world.rng.choices(world.people, k=max(0, world.rng.randint(2, 6) - len(world.people)))]
        for n, person in enumerate(owners):
            device = Device(f"phone{n}", person, world.new(), "")
            world.devices[device.name] = device
            await self.office.give(device)
            hats = [hat for hat, (who, _, _, since, until) in world.hats.items() if who == person and since <= world.day <= (until or "9999")]
            device.hats = hats
            told = [{"id": hat, "role": world.hats[hat][2], "team": world.hats[hat][1]} for hat in hats]
            seal = await sim_sealed.seal(device.device)
            await self.network.command(device, "make", who={"person": person, "device": device.device, "hats": told, "seal": seal})
            self._say(f"{device.name} {person[-4:]} {[world.hats[hat][1:3] for hat in hats]}")

    # With a phone in hand

    def _phone(self) -> Device | None:
        usable = [one for one in self.world.devices.values() if not one.erased]
        return self.world.rng.choice(usable) if usable else None

    async def _opened(self, device: Device, *, calm: bool = False) -> bool:
        if not device.open:
            reply = await self._do(device, "unlock", calm=calm)
            device.open = reply.get("ok") is True
        return device.open

    async def _do(self, device: Device, act: str, *, calm: bool = False, **more: Any) -> dict[str, Any]:
        """An act of a phone that may be killed at any step of its storage, or find no room there."""
        rng, fault = self.world.rng, None
        dice = rng.random()
        if not calm and dice < KILLED + FULL:
            how = rng.choice(KILLS) if dice < KILLED else rng.choice(("full", "lost"))
            fault = {"at": rng.randint(1, 12 if act == "sync" else 4), "how": how}
        reply = await self.network.command(device, act, fault=fault, **more)
        outcome = "killed" if reply.get("killed") else reply.get("thrown") or reply.get("ok")
        self._say(f"{device.name} {act} {more.get('changes') or ''} -> {outcome} {fault or ''}")
        if reply.get("killed"):
            await self._again(device)
        return reply

    async def _again(self, device: Device) -> None:
        """The browser starts anew over what it had stored."""
        await self.network.command(device, "restart")
        device.open = False

    async def _save(self, device: Device, changes: list[dict[str, Any]], canary: str) -> None:
        """What the phone calls saved is never lost; who was cut off tries the same again."""
        op = f"op {canary}"
        for _ in range(2):
            if not await self._opened(device):
                return
            reply = await self._do(device, "write", op=op, changes=changes)
            if (said := reply.get("ok")) and not said.get("absent"):
                device.saved.update({one["id"]: canary for one in said["saved"]})
                return
            if said or self.world.rng.random() < 0.3:
                return

    async def _deed(self, name: str) -> None:
        device = self._phone()
        hats = list(device.hats) if device else []
        if device and hats and (made := getattr(self.deeds, name)(device, self.world.rng.choice(hats))):
            changes, canary = made
            await self._save(device, changes, canary)

    async def _sync(self) -> None:
        if device := self._phone():
            self.network.rough = self.world.rng.choice((0, 0, 0.25, 0.6))
            self.network.meanwhile = self._meanwhile if self.world.rng.random() < 0.3 else None
            await self._exchange(device)
            self.network.rough, self.network.meanwhile = 0.0, None

    async def _meanwhile(self) -> None:
        """While one phone waits for its answer, another syncs or the office changes something."""
        act = self.world.rng.choice(("care", "hat", "deliver", "decide", "other", "other", "write"))
        self._say(f"  meanwhile {act}")
        rough, self.network.rough = self.network.rough, 0.0
        if act == "other":
            others = [one for one in self.world.devices.values() if one.open and not one.erased and one.name != self.busy]
            if others:
                await self._do(self.world.rng.choice(others), "sync", calm=True)
        elif act != "write":
            await getattr(self, f"_{act}")()
        self.network.rough = rough

    async def _exchange(self, device: Device, *, calm: bool = False, again: bool = False) -> None:
        """A round, and what the page does about what stood in its way; `again`: undisturbed once more, of which only the end is looked at."""
        if not await self._opened(device, calm=calm):
            return
        self.busy, busy = device.name, self.busy
        reply = await self._do(device, "sync", calm=calm)
        self.busy = busy
        problem = (reply.get("ok") or {}).get("problem")
        if problem == "revoked":
            await self._erase(device)
        elif problem == "signed_out" and device.person not in self.world.facts["left"]:
            await self.office.sign_in(device)
            if calm:
                await self._exchange(device, calm=True, again=again)
        elif problem and calm and device.person not in self.world.facts["left"]:
            raise Wrong("diverged", f"{device.name} undisturbed: {problem}")
        elif device.open and not device.revoked and not again:
            await sim_checks.unsent(self.world, self.network, device)
            if calm:
                await sim_checks.purged(self.world, self.network, device)
            if calm or self.world.rng.random() < 0.3:
                said = (await self._do(device, "refresh", calm=True)).get("ok")
                device.hats = [hat["id"] for hat in said["hats"]] if said else device.hats

    async def _erase(self, device: Device) -> None:
        """A phone that hears of its revocation: the office has all it saved, and what it held cannot be opened any more."""
        await sim_checks.unsent(self.world, self.network, device)
        await self.network.command(device, "erase")
        await self._gone(device)

    async def _gone(self, device: Device) -> None:
        """Only what was revoked erases itself, only when the office has all of it, and nothing opens it any more."""
        if not device.revoked:
            raise Wrong("lost", f"{device.name} was told that it is revoked")
        sim_checks.answered(self.world, device)
        device.erased, device.open = True, False
        if (await self.network.look(device, "unlock")).get("ok") is not False:
            raise Wrong("leaked", f"{device.name} was revoked and still opens")

    async def _hand_in(self) -> None:
        """The browser's worker, whether anybody unlocks this phone or not; one that was revoked is gone afterwards."""
        if device := self._phone():
            self.network.rough = self.world.rng.choice((0, 0, 0.25))
            reply = await self._do(device, "handIn")
            self.network.rough = 0.0
            killed = reply.get("killed") and (await self.network.command(device, "gone"))["ok"]
            if killed or (reply.get("ok") or {}).get("gone"):
                await self._again(device)
                await self._gone(device)

    async def _lock(self) -> None:
        device = self._phone()
        if device and device.open:
            await self.network.command(device, "lock")
            device.open = False
        elif device:
            await self._opened(device)

    async def _restart(self) -> None:
        if device := self._phone():
            self._say(f"{device.name} restarts")
            await self._again(device)

    # Without one

    async def _care(self) -> None:
        world = self.world
        ongoing = [care for care, row in world.cares.items() if world.day <= (row[3] or "9999")]
        if ongoing and world.rng.random() < 0.6:
            care = world.rng.choice(ongoing)
            until = day_add(world.day, world.rng.choice((-1, -1, 0, 1)))
            self._say(f"care of {world.cares[care][0][-4:]} by {world.cares[care][1][-4:]} ends {until}")
            await self.office.end_care(care, until)
        else:
            household, team = world.rng.choice(world.households), world.rng.choice(list(world.facts["teams"]))
            until = world.rng.choice((None, world.day, day_add(world.day, 2)))
            self._say(f"care of {household[-4:]} by {team[-4:]} until {until}")
            await self.office.care(household, team, world.day, until)

    async def _hat(self) -> None:
        world, rng = self.world, self.world.rng
        worn = [hat for hat, row in world.hats.items() if world.day <= (row[4] or "9999") and row[3] <= world.day]
        if worn and rng.random() < 0.5:
            hat, until = rng.choice(worn), day_add(world.day, rng.choice((-1, 0, 1)))
            self._say(f"hat {world.hats[hat]} ends {until}")
            await self.office.end_hat(hat, until)
        else:
            team = rng.choice(list(world.facts["teams"]))
            role = rng.choice(KINDS[ORGANISATIONS[world.facts["teams"][team]]])
            person, until = rng.choice(world.people), rng.choice((None, world.day, day_add(world.day, 1)))
            self._say(f"{person[-4:]} becomes {role} of {team[-4:]} until {until}")
            await self.office.hire(person, team, role, world.day, until)

    async def _rotate(self) -> None:
        self._say("a new pair to seal to")
        await sim_sealed.rotate(self.world)

    async def _leave(self) -> None:
        person = self.world.rng.choice(self.world.people)
        if person not in self.world.facts["left"]:
            self._say(f"{person[-4:]} leaves")
            await self.office.leave(person)

    async def _revoke(self) -> None:
        if (device := self._phone()) and not device.revoked:
            self._say(f"{device.name} is revoked")
            await self.office.revoke(device)

    async def _time(self) -> None:
        days = self.world.rng.choice((1, 1, 1, 1, 2, 2, 8))
        self._tick(days * DAY_MS)
        self._say(f"{days} days later")

    async def _skew(self) -> None:
        if device := self._phone():
            device.skew = self.world.rng.choice((0, 0, self.world.rng.randint(-DAY_MS, DAY_MS)))
            self._say(f"the clock of {device.name} is {device.skew / DAY_MS:.2f} days ahead")

    async def _decide(self) -> None:
        await self.leads.act()

    async def _visit(self) -> None:
        await self.neighbours.act()

    async def _deliver(self) -> None:
        await self.network.deliver()

    async def _calm(self) -> None:
        """Three undisturbed rounds for everybody."""
        while self.network.late:
            await self.network.deliver()
        await self.neighbours.calm()
        for n in range(ROUNDS):
            for device in self.world.devices.values():
                if not device.erased:
                    await self._exchange(device, calm=True, again=n > 0)
