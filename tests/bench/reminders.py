"""`python -m tests.bench reminders`: ten thousand reminders due in one minute, run and handed over by one office, beside posting alone."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from server import db, push, reminders, sessions, subscriptions
from server.couriers import Courier
from server.migrations import migrate
from tests import desk
from tests.bench import served
from tests.bench.table import Figure, show
from tests.pusher import Browser, Service

COUNT, SAMPLE, PEOPLE = 10_000, 100, 200
GOAL_S, GOAL_SHARE = 60, 2
HOUR_MS = 60 * 60 * 1000
ERRAND = "INSERT INTO errand (id, task, hat, household, rule, accepted, closed) VALUES ($1, $2, $3, $4, $5, 1, 0)"


def run() -> None:
    """The office in a process of its own, because settings are read once; the push service in another, as in life."""
    with tempfile.TemporaryDirectory(prefix="naober-reminders-") as folder:
        itself = [sys.executable, "-m", "tests.bench.reminders"]
        service = subprocess.Popen([*itself, "service", folder], cwd=served.ROOT, stdout=subprocess.PIPE, text=True)
        try:
            port = (service.stdout.readline() if service.stdout else "").strip()
            env = {"NAOBER_PUSH_HOSTS": f"localhost:{port}", "SSL_CERT_FILE": f"{folder}/push.pem"}
            env["NAOBER_DATABASE"] = f"sqlite:///{folder}/naober.db"
            done = subprocess.run([*itself, "office", port], cwd=served.ROOT, env={**os.environ, **env}, check=True, capture_output=True, text=True)
            said = json.loads(done.stdout)
        finally:
            service.kill()
            service.wait()
    show(f"{COUNT} reminders due in one minute, SQLite, one office", [
        Figure("run and handed over", said["all_s"], "s", GOAL_S),
        Figure("sealing and posting alone, the same client", said["floor_s"], "s"),
        Figure("times that floor", said["all_s"] / said["floor_s"], "", GOAL_SHARE, 1),
        Figure("arrived, each once", said["kept"], ""),
        Figure("posted twice", said["asked"] - said["kept"], "", 0),
        Figure(f"opened of a sample of {SAMPLE}", said["opened"], ""),
    ])  # fmt: skip


async def office(port: str) -> dict[str, Any]:
    """What the two took, in s, and what the service has of the first."""
    await db.start()
    await migrate()
    at = desk.NOW + 7 * HOUR_MS
    browsers = await _asked(f"https://localhost:{port}", at)
    began = time.monotonic()
    sessions.now = lambda: at + int((time.monotonic() - began) * 1000)
    while await desk.rows(db, "SELECT 1 WHERE (SELECT count(*) FROM reminder) < $1 OR EXISTS (SELECT 1 FROM push)", COUNT):
        await reminders.run()
    all_s, there = time.monotonic() - began, await _read()
    sample = random.Random(1).sample(sorted(there["kept"]), SAMPLE)
    opened = [browsers[name.split(" ")[0]].opened(bytes.fromhex(there["kept"][name])) for name in sample]
    floor_s = await _floor(next(iter(browsers.values())).given(f"https://localhost:{port}/floor"), at)
    await db.stop()
    return {"all_s": all_s, "floor_s": floor_s, "kept": len(there["kept"]), "asked": there["asked"], "opened": len(opened)}


async def _asked(service: str, at: int) -> dict[str, Browser]:
    """Volunteers who were asked to do many things tomorrow, each with a phone; their browsers by the path at the service."""
    nurse, browsers = await desk.somebody(db, "nurse"), {}
    home = await desk.household(db, nurse.team)
    for i in range(PEOPLE):
        one = await desk.somebody(db, "volunteer")
        browsers[one.device] = Browser()
        given, asking = subscriptions.Subscription(**browsers[one.device].given(f"{service}/{one.device}")), await desk.worn(db, one)
        await db.write(lambda tx, asking=asking, given=given: subscriptions.keep(tx, asking, given, at))
        keys = [desk.clock.uuid7(desk.NOW, f"{i:09x}{n:010x}0") for n in range(COUNT // PEOPLE)]
        rows = [(key, desk.new(), one.hat, home.id, json.dumps({"due": "2026-11-23"})) for key in keys]
        await db.write(lambda tx, rows=rows: tx.many(ERRAND, rows))
    return browsers


async def _floor(given: dict[str, str], at: int) -> float:
    """Seconds for as many messages that are only sealed and posted."""
    own, words, gate = await db.write(subscriptions.own_key), {}, asyncio.Semaphore(push.TOGETHER)
    messages = [push.Message(f"floor {n}", "floor", n, at + HOUR_MS, 0, *given.values(), "nl") for n in range(COUNT)]
    began = time.monotonic()
    async with Courier() as courier:
        for first in range(0, COUNT, push.AT_ONCE):
            await asyncio.gather(*(push._posted(one, own, words, courier, gate) for one in messages[first : first + push.AT_ONCE]))
    return time.monotonic() - began


async def _read() -> dict[str, Any]:
    """What the service has, which it writes beside its certificate when it is asked to."""
    folder = Path(os.environ["SSL_CERT_FILE"]).parent
    (folder / "tell").touch()
    while not (folder / "told").exists():  # noqa: ASYNC110 - another process rings no bell
        await asyncio.sleep(0.05)
    return json.loads((folder / "kept.json").read_text("utf-8"))  # type: ignore[no-any-return]


async def service(folder: Path) -> None:
    """A push service until it is killed."""
    async with Service(folder) as there:
        print(there.port, flush=True)
        while not (folder / "tell").exists():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
        kept = {f"{path} {topic}": body.hex() for (path, topic), body in there.kept.items()}
        (folder / "kept.json").write_text(json.dumps({"kept": kept, "asked": len(there.asked)}), "utf-8")
        (folder / "told").touch()
        await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "service":
        asyncio.run(service(Path(sys.argv[2])))
    else:
        print(json.dumps(asyncio.run(office(sys.argv[2]))))
