"""Helpers in a simulation: tasks that are given to volunteers, what these answer, and what the office writes with its own hand because of it."""

from __future__ import annotations

import json
from typing import Any

from server import access, db, errands
from tests.sim_world import CANARY, Change, World, Wrong, day_add

ANSWERS = ("accepted",) * 4 + ("declined", "done", "done", "could_not", "worried", "worried")
EFFECTS = {"done": "completion", "could_not": "completion", "worried": "worry"}
NEWER = "SELECT id, seq, body FROM record WHERE seq > $1 ORDER BY seq"


class Helping:
    """What nurses, volunteers and leads do with tasks and worries, as tests/sim_deeds.py does everything else."""

    world: World
    rng: Any

    def entrust(self, _device: Any, hat: str) -> Any:
        """A task for a volunteer, on one day or on several."""
        world, rng = self.world, self.rng
        volunteers = [one for one, row in world.hats.items() if row[2] == "volunteer"]
        household, resident = self._where(hat)  # type: ignore[attr-defined]
        if not volunteers or not resident:
            return None
        due, canary = day_add(world.day, rng.choice((-1, 0, 0, 1, 1, 2, 4))), world.canary()
        fields = {"what": canary, "due": due, "volunteer": rng.choice(volunteers), "instructions": world.canary(), "call": world.canary()}
        if rng.random() < 0.3:
            every = rng.randint(1, 3)
            fields |= {"every_days": every, "until": day_add(due, every * rng.randint(1, 4))}
        if rng.random() < 0.3:
            fields["resident"] = resident
        return [{"kind": "task", "subject": f"household:{household}", "topic": "practical", "by": hat, "fields": fields}], canary

    def answer(self, device: Any, hat: str) -> Any:
        """What a volunteer says of a task that may well be on their phone; now and then one is taken back."""
        world, rng = self.world, self.rng
        told = [one for one in world.changes.values() if one.device == device.device and one.is_ == "stored" and one.body["kind"] == "answer"]
        done = [one.body for one in told if one.body["fields"].get("answer") in {"done", "could_not"}]
        if done and rng.random() < 0.15:
            one = rng.choice(done)
            return [{"kind": "answer", "edit": one["record"], "subject": one["subject"], "by": hat, "fields": {"undone": True}}], world.canary()
        record = self._known(device, {"errand"})  # type: ignore[attr-defined]
        if record is None:
            return None
        canary = world.canary()
        fields = {"answer": rng.choice(ANSWERS), "day": day_add(world.day, rng.choice((0, 0, -1, 1))), "text": canary}
        return [{"kind": "answer", "subject": record.subject, "topic": "practical", "by": hat, "fields": fields}], canary

    def acknowledge(self, device: Any, hat: str) -> Any:
        """A worry is taken up, or answered; the resident agrees that the volunteer reads it, or not."""
        record = self._known(device, {"worry"})  # type: ignore[attr-defined]
        if record is None:
            return None
        canary = self.world.canary()
        fields = {"worry": record.id, "step": self.rng.choice(("taken_up", "advice", "closed")), "text": canary}
        if self.rng.random() < 0.5:
            fields["agreed"] = True
        return [{"kind": "acknowledgement", "subject": record.subject, "topic": "practical", "by": hat, "fields": fields}], canary


def follows(world: World, change: Change) -> None:
    """A task that was stored is in somebody's hands from now on; an answer says whether they have it."""
    fields, body = change.body["fields"], change.body
    if body["kind"] == "task" and (hat := world.hats.get(fields.get("volunteer", ""))) and hat[2] == "volunteer":
        world.facts["errands"].append({
            "id": errands.key_of(body["record"], fields["volunteer"]), "person": hat[0], "team": hat[1], "accepted": False,
            "household": body["subject"].partition(":")[2], "resident": fields.get("resident"), "days": _days(fields), "open": True,
        })  # fmt: skip
        world.changed()
    if body["kind"] == "answer" and fields.get("answer") in {"accepted", "declined"}:
        for one in world.facts["errands"]:
            if f"errand:{one['id']}" == body["subject"]:
                one["accepted"] = one["open"] = fields["answer"] == "accepted"
        world.changed()


async def learn(world: World) -> None:
    """What the office wrote with its own hand since it was last asked: from now on it counts as everything that was stored."""
    for key, seq, body in await db.read(lambda tx: tx.all(NEWER, world.learned)):
        world.learned = seq
        record = json.loads(body)
        mine = [one for one, write in record["writes"].items() if write["by"] == access.OFFICE.hats[0].id and one not in world.changes]
        sql = f"SELECT id, body, version FROM change WHERE {db.among('id', 1)} ORDER BY version"  # noqa: S608 - our own SQL
        for change, text, version in await db.read(lambda tx, ids=mine, sql=sql: tx.all(sql, ids)) if mine else ():
            made = Change(change, json.loads(text), access.OFFICE_ID, access.OFFICE.device, "stored", None, version)
            world.changes[change] = made
            for canary in CANARY.findall(text):
                world.canaries[canary].add(key)
            world.stored(made, access.OFFICE_ID)


def heeded(world: World) -> None:
    """Whatever a volunteer said of a task stands with the household, in their words."""
    for change in world.changes.values():
        said = change.body["fields"]
        if change.is_ == "stored" and change.body["kind"] == "answer" and said.get("answer") in EFFECTS:
            kinds = {world.records[one].kind for one in world.canaries[said["text"]] if one in world.records}
            if EFFECTS[said["answer"]] not in kinds:
                raise Wrong("lost", f"{change.id} said {said['answer']}, and only {kinds} tell of it")


def _days(fields: dict[str, Any]) -> list[str]:
    days = [fields["due"]]
    while days[-1] < fields.get("until", ""):
        days.append(day_add(days[-1], fields["every_days"]))
    return days
