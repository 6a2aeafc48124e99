"""What must be true at the end of a history, and after every exchange in it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from server.access import OFFICE_ID
from tests.sim_helpers import heeded, knows
from tests.sim_office import Office
from tests.sim_phones import Network
from tests.sim_world import DAY_MS, Change, Device, World, Wrong, day_of

WINS = {("consent", "withdrawn"), ("share", "withdrawn"), ("completion", "undone"), ("link", "revoked")}
MONTH_MS = 28 * DAY_MS
BODIES_MAX = 2000
STATE_OF = {"held": "held", "refused": "returned"}


def answered(world: World, device: Device) -> None:
    """Before a phone erases itself the office has all that it called saved."""
    if left := [key for key in device.saved if key not in world.changes or world.changes[key].is_ is None]:
        raise Wrong("unsent_purged", f"{device.name} erases itself while the office never answered {left}")


async def unsent(world: World, network: Network, device: Device) -> None:
    """Nothing that a phone called saved is gone from it."""
    reply = await network.command(device, "kept")
    if "ok" in reply and (gone := _gone(world, device, reply["ok"])):
        raise Wrong("unsent_purged", f"{device.name} has no more of {sorted(gone)}")


def _gone(world: World, device: Device, kept: list[str]) -> set[str]:
    """What it called saved and has no more; what the office stored a month ago, by whatever clock, it may let go of."""
    month = world.at - MONTH_MS
    old = {key for key, change in world.changes.items() if change.is_ == "stored" and int(key.replace("-", "")[:12], 16) < month}
    return set(device.saved) - set(kept) - old


async def purged(world: World, network: Network, device: Device) -> None:
    """After one undisturbed exchange nothing lies in a phone's stores, shown or not, that is closed to its owner and not their own."""
    if device.person in world.facts["left"]:
        return
    stored = {key: world.records.get(key) for key in (await network.look(device))["ok"]["stored"]}
    if left := [record or key for key, record in stored.items() if record is None or not world.may_hold(device.person, record)]:
        raise Wrong("leaked", f"{device.name} of {device.person} has exchanged and still stores {left}")


async def whole(world: World, office: Office, network: Network, devices: Iterable[Device] | None = None) -> str:
    """All of it, on these phones or on all; gives the office's last state in one word."""
    bodies = await office.bodies()
    if missing := set(world.records) - set(bodies):
        raise Wrong("lost", f"the office said stored and has no record {missing}")
    _once(world, await office.kept())
    _merged(world, bodies)
    heeded(world)
    seen: dict[str, dict[str, str]] = {}
    for device in world.devices.values() if devices is None else devices:
        if not device.erased and device.open:
            looked = (await network.command(device, "look", subjects=world.subjects()))["ok"]
            _answered(world, device, looked)
            if not device.revoked and device.person not in world.facts["left"]:
                seen[device.name] = _held(world, device, looked, bodies)
    _alike(world, seen)
    return hashlib.sha256("".join(bodies[key] for key in sorted(bodies)).encode()).hexdigest()[:16]


def _once(world: World, kept: dict[str, list[tuple[str, int | None]]]) -> None:
    """Each change has one row with what the phone was told; each press of a button one record."""
    for change in world.changes.values():
        rows = kept.get(change.id, [])
        expected = [(change.is_, change.version)] if change.is_ in {"stored", "held"} or change.decided else []
        if change.person in world.people and rows != expected:
            raise Wrong("lost", f"{change.id} was {change.is_} as version {change.version}, the office kept {rows}")
    for device in world.devices.values():
        for key, canary in device.saved.items():
            stored = {one for one in world.canaries[canary] if one in world.records and world.records[one].author != OFFICE_ID}
            if len(stored) > 1:
                raise Wrong("diverged", f"{key} of {device.name} was stored as {stored}")


def _merged(world: World, bodies: dict[str, str]) -> None:
    """In each field stands what nobody replaced who had seen it, by the rule of sync/README.md and not by the merge."""
    of: dict[str, list[Change]] = defaultdict(list)
    for change in world.changes.values():
        if change.is_ == "stored":
            of[change.body["record"]].append(change)
    for key, body in bodies.items():
        record = _read(body)
        _signed(world, of[key], record["writes"])
        for name in {field for change in of[key] for field in change.body["fields"]}:
            wrote = [change for change in of[key] if name in change.body["fields"]]
            standing = {one.id for one in wrote if not any(_replaces(other, one, (record["kind"], name)) for other in wrote)}
            if standing != set(record["fields"].get(name, {})):
                raise Wrong("lost", f"{name} of {record['kind']} {key}: expected {standing}, there is {record['fields'].get(name)}")


def _signed(world: World, wrote: list[Change], writes: dict[str, dict[str, Any]]) -> None:
    """Whatever stands has the hand, the device and the time of who wrote it, whoever let it in."""
    for one in wrote:
        if (write := writes.get(one.id)) and one.body["by"] in world.hats:
            expected = (one.body["by"], world.hats[one.body["by"]][2], one.device, one.body["n"], one.body["seen"], one.version)
            if tuple(write[name] for name in ("by", "role", "device", "n", "seen", "version")) != expected:
                raise Wrong("lost", f"{one.id} is signed {write}, expected {expected}")


@lru_cache(maxsize=BODIES_MAX)
def _read(body: str) -> dict[str, Any]:
    """Most records are as they were when they were last looked at."""
    record: dict[str, Any] = json.loads(body)
    return record


def _replaces(other: Change, one: Change, field: tuple[str, str]) -> bool:
    seen, mine = other.body["seen"], one.version or 0
    seen = min(seen, (other.version or 0) - 1)
    if mine <= seen or (other.device == one.device and one.body["n"] < other.body["n"]):
        return True
    wins = field in WINS and other.body["fields"][field[1]] is True and one.body["fields"][field[1]] is not True
    return wins and (other.version or 0) > one.body["seen"] and other.device != one.device


def _answered(world: World, device: Device, looked: dict[str, Any]) -> None:
    """Whatever was called saved is in the office, or its author reads on the phone what became of it and why."""
    if gone := _gone(world, device, looked["kept"]):
        raise Wrong("unsent_purged", f"{device.name} has no more of {sorted(gone)}")
    waiting = {key: told for key, *told in looked["waiting"]}
    away = device.revoked or device.person in world.facts["left"]
    for key in device.saved:
        is_ = world.changes[key].is_ if key in world.changes else None
        state, reason, *words = waiting.get(key, (None, None))
        if is_ == "stored" and state is not None and not away:
            raise Wrong("diverged", f"{device.name} does not know that {key} was stored: {state}")
        if is_ in STATE_OF and (state != STATE_OF[is_] or not reason) and not away:
            raise Wrong("lost", f"{device.name} does not show that {key} was {is_}: {state} {reason}")
        if is_ in STATE_OF and not away and (decided := world.changes[key].decided):
            _heard(device, world.changes[key], (reason, *words), decided[-1])
        if is_ is None and (state != "phone" or not away):
            raise Wrong("lost", f"{device.name} still has to send {key}: {state}")


def _heard(device: Device, change: Change, told: tuple[str | None, ...], decided: tuple[str, str, str]) -> None:
    """A question or a reason stands on the phone in its lead's own words."""
    what, text, _ = decided
    expected = ("kept" if what == "kept" else change.reason, *([text] if text else []))
    if tuple(one for one in told if one) != expected:
        raise Wrong("lost", f"{device.name} shows of {change.id} {told}, which is {expected}")


def _held(world: World, device: Device, looked: dict[str, Any], bodies: dict[str, str]) -> dict[str, str]:
    """Shown is exactly what the model says, byte for byte as the office has it; nothing else lies in the store."""
    today = day_of(world.at + device.skew)
    mine = {record.id for record in world.records.values() if record.author == device.person}
    ways = {pair: way for pair, way in world.opened(device.person).items() if way.until is None or way.until >= today}
    told = [record for record in world.records.values() if knows(device, record)]
    theirs = {record.id for record in told if (way := ways.get((record.subject, record.topic))) and record.first > way.after}
    shown = {key: text for key, state, text in looked["shown"] if state is None}
    own = {key for key, state, _ in looked["shown"] if state is not None}
    if extra := (set(shown) | set(looked["stored"])) - mine - theirs:
        raise Wrong("leaked", f"{device.name} holds {[world.records.get(key, key) for key in extra]} which {device.person} may not")
    # Of a pair that has ended by this phone's calendar alone, what its person wrote elsewhere comes when it ends by the office's.
    early = {pair for pair, way in world.opened(device.person).items() if way.until is not None and way.until < today}
    awaited = {key for key in mine if (world.records[key].subject, world.records[key].topic) in early}
    if short := ((mine - awaited) | theirs) - set(shown) - own:
        raise Wrong("diverged", f"{device.name} lacks {[world.records[key] for key in short]}")
    for key, text in shown.items():
        if text != bodies[key] and key not in awaited:
            raise Wrong("diverged", f"{device.name} has {text}\nthe office has {bodies[key]}")
    if own - {change.body["record"] for change in world.changes.values() if change.is_ in STATE_OF and change.device == device.device}:
        raise Wrong("diverged", f"{device.name} shows as waiting what is not: {own}")
    return {key: text for key, text in shown.items() if key not in awaited}


def _alike(world: World, seen: dict[str, dict[str, str]]) -> None:
    """Phones of one person hold the same, where their own clocks agree on the day and nothing of their own lies over it."""
    first: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    for name, records in seen.items():
        device = world.devices[name]
        key = (device.person, day_of(world.at + device.skew))
        other, theirs = first.setdefault(key, (name, records))
        for record in set(records) & set(theirs):
            if records[record] != theirs[record]:
                raise Wrong("diverged", f"{other} and {name} have another {record}")
