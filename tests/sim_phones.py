"""The real phones of a simulation: one Node process that outlives many histories, and the network between it and the office."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.sim_office import Office
from tests.sim_wire import Answer
from tests.sim_world import Device, World, Wrong, day_of

PROGRAM = Path(__file__).parent / "phone" / "simulate.js"
LINE_MAX = 64 * 1024 * 1024
SILENCE_S_MAX = 30
FAULTS = ("lost", "unanswered", "doubled", "cut", "late", "kill", "kill_after", "busy")
KILLS = ("before", "during", "after")

Reply = dict[str, Any]


class Node:
    """The process with the phones in it; it speaks one line of JSON at a time, and only when asked."""

    def __init__(self) -> None:
        self._said = 0
        self._replies: dict[int, Reply] = {}
        self.on_fetch: Callable[[Reply], Awaitable[Reply]] | None = None

    async def start(self) -> None:
        node = shutil.which("node") or "node"
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(node, str(PROGRAM), stdin=pipe, stdout=pipe, limit=LINE_MAX)

    async def stop(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        await self._process.wait()

    async def command(self, **what: Any) -> Reply:
        """What a phone says to it, after everything it asked of the office meanwhile."""
        self._said += 1
        mine = self._said
        self._send({"i": mine, **what})
        while mine not in self._replies:
            message = await self._hear()
            if "stray" in message:
                raise Wrong("diverged", f"a phone broke: {message['stray']}")
            if "f" in message:
                answer = await self.on_fetch(message) if self.on_fetch else {"error": True}
                self._send({"f": message["f"], **answer})
            else:
                self._replies[message["i"]] = message
        return self._replies.pop(mine)

    def _send(self, message: Reply) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the phones are not started")
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _hear(self) -> Reply:
        if self._process.stdout is None:
            raise RuntimeError("the phones are not started")
        line = await asyncio.wait_for(self._process.stdout.readline(), SILENCE_S_MAX)
        if not line:
            raise RuntimeError("the phones stopped")
        message: Reply = json.loads(line)
        return message


class Network:
    """Between phones and office: loses, doubles, cuts and delays what the seed says, and lets other things happen meanwhile."""

    def __init__(self, world: World, office: Office, node: Node) -> None:
        self.world, self.office, self.node = world, office, node
        self.rough = 0.0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.late: list[tuple[Device, str, str, bytes]] = []
        node.on_fetch = self.carry

    async def command(self, device: Device, act: str, *, fault: Reply | None = None, **more: Any) -> Reply:
        """One act of one phone. Whoever breaks without having been broken is wrong."""
        at = self.world.at + device.skew
        chance = self.world.rng.getrandbits(31)
        reply = await self.node.command(p=device.name, act=act, at=at, today=day_of(at), chance=chance, fault=fault, **more)
        if "thrown" in reply and fault is None:
            raise Wrong("diverged", f"{device.name} {act}: {reply['thrown']} {reply['message']}\n{reply['stack']}")
        return reply

    async def carry(self, asked: Reply) -> Reply:
        """One request of a phone and what its phone gets to see of the answer."""
        rng, device = self.world.rng, self.world.devices[asked["p"]]
        fault = rng.choice(FAULTS) if rng.random() < self.rough else ""
        body, path, method = asked["body"].encode(), asked["path"], asked["method"]
        if self.meanwhile and rng.random() < 0.3:
            await self._happens()
        if fault:
            self.world.tell(f"    {path} of {device.name}: {fault}")
        if fault == "busy":
            return _whole(Answer(503, b'{"error":{"code":"unavailable"}}'))
        if fault == "late":
            self.late.append((device, device.token, path, body))
        if fault in {"lost", "late"}:
            return {"error": True}
        if fault == "kill":
            return {"kill": True}
        between = self._happens if self.meanwhile else None
        if fault == "doubled":
            await self.office.ask(device, device.token, method, path, body, between=between)
        answer = await self.office.ask(device, device.token, method, path, body, between=between, gzip=rng.random() < 0.15)
        if fault == "kill_after":
            return {"kill": True}
        if fault == "unanswered":
            return {"error": True}
        cut = rng.randrange(len(answer.body) + 1) if fault == "cut" else None
        return {**_whole(answer), "cut": cut, "chunk": rng.choice((7, 300, 100_000)) if len(answer.body) < 5000 else 100_000}

    async def deliver(self) -> None:
        """A request that was on its way for long comes in after all; nobody waits for its answer any more."""
        if self.late:
            device, token, path, body = self.late.pop(self.world.rng.randrange(len(self.late)))
            self.world.tell(f"    a late {path} of {device.name} comes in")
            await self.office.ask(device, token, "POST", path, body)

    async def _happens(self) -> None:
        """Something that is not this phone's doing, once."""
        happening, self.meanwhile = self.meanwhile, None
        if happening:
            await happening()


def _whole(answer: Answer) -> Reply:
    return {"status": answer.status, "body": answer.body.decode(), "cut": None, "chunk": 100_000}
