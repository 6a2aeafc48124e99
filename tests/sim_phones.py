"""The real phones of a simulation: one Node process that outlives many histories, and the network between it and the office."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.sim_office import Office
from tests.sim_wire import Answer
from tests.sim_world import Device, World, Wrong, day_of

PROGRAM = Path(__file__).parent / "phone" / "simulate.js"
# Short histories make much short-lived rubbish: swept in one place, and seldom, it costs a third of what Node's helpers make of it.
OPTIONS = ("--single-threaded-gc", "--max-semi-space-size=64")
SILENCE_MS_MAX = 30_000
PIPE_BYTES = 1 << 16
FAULTS = ("lost", "unanswered", "doubled", "cut", "late", "kill", "kill_after", "busy")
KILLS = ("before", "during", "after")

Reply = dict[str, Any]


class Node:
    """The process with the phones in it; it speaks one line of JSON at a time, and only when asked."""

    def __init__(self) -> None:
        self._said = 0
        self._replies: dict[int, Reply] = {}
        self._heard = b""
        self.on_fetch: Callable[[Reply], Awaitable[Reply]] | None = None

    async def start(self) -> None:
        command = [shutil.which("node") or "node", *OPTIONS, str(PROGRAM)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)  # noqa: ASYNC220 - once
        self._in, self._out = (pipe.fileno() for pipe in (self._process.stdin, self._process.stdout) if pipe)
        self._silence = select.poll()
        self._silence.register(self._out, select.POLLIN)

    async def stop(self) -> None:
        with self._process:  # closes the pipes, by which it ends
            pass

    async def command(self, **what: Any) -> Reply:
        """What a phone says to it, after everything it asked of the office meanwhile."""
        self._said += 1
        mine = self._said
        self._send({"i": mine, **what})
        while mine not in self._replies:
            message = self._hear()
            if "stray" in message:
                raise Wrong("diverged", f"a phone broke: {message['stray']}")
            if "f" in message:
                answer = await self.on_fetch(message) if self.on_fetch else {"error": True}
                self._send({"f": message["f"], **answer})
            else:
                self._replies[message["i"]] = message
        return self._replies.pop(mine)

    def _send(self, message: Reply) -> None:
        line = memoryview(json.dumps(message).encode() + b"\n")
        while line:
            line = line[os.write(self._in, line) :]

    def _hear(self) -> Reply:
        """Waits without asyncio, which would cost more than the rest of it: while a phone thinks, nobody else does."""
        while b"\n" not in self._heard:
            if not self._silence.poll(SILENCE_MS_MAX):
                raise TimeoutError("the phones are silent")
            part = os.read(self._out, PIPE_BYTES)
            if not part:
                raise RuntimeError("the phones stopped")
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        message: Reply = msgspec.json.decode(line)
        return message


class Network:
    """Between phones and office: loses, doubles, cuts and delays what the seed says, and lets other things happen meanwhile."""

    def __init__(self, world: World, office: Office, node: Node) -> None:
        self.world, self.office, self.node = world, office, node
        self.rough = 0.0
        self.fault: Callable[[], str] = self._chance
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

    async def look(self, device: Device, act: str = "look") -> Reply:
        """What is there to see, without moving the seed's chance on."""
        at = self.world.at + device.skew
        return await self.node.command(p=device.name, act=act, at=at, today=day_of(at), chance=0, fault=None, subjects=[])

    async def carry(self, asked: Reply) -> Reply:
        """One request of a phone and what its phone gets to see of the answer."""
        rng, device = self.world.rng, self.world.devices[asked["p"]]
        device.knows = asked["knows"]
        fault = self.fault()
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

    def _chance(self) -> str:
        """What the seed does to the next request."""
        return self.world.rng.choice(FAULTS) if self.world.rng.random() < self.rough else ""

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
