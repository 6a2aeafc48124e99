"""What people in a simulation write on their phones: changes with a canary in every text, about what is theirs and sometimes what is not."""

from __future__ import annotations

from typing import Any

from tests.sim_helpers import Helping
from tests.sim_links import Linking
from tests.sim_world import Device, Record, World, day_add

Made = tuple[list[dict[str, Any]], str] | None
# What may be written again after the first time, and what is signed.
EDITS = {"completion": "", "task": "what", "visit": "present_names", "household": "phone", "resident": "phone", "schedule": "what"}
STRAY, MOVES = 0.07, 0.3
WRITTEN = (*("note",) * 3, *("visit",) * 2, "task", "contact", "signal", "measurement", "completion", "visit with notes")


class Deeds(Helping, Linking):
    """Each gives the changes of one press of a button and the canary in the first of them, or None when there is nothing to do it to."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng

    def write(self, device: Device, hat: str) -> Made:
        kind = self.rng.choice(WRITTEN)
        canary = self.world.canary()
        household, resident = self._where(hat)
        of_household = {"subject": f"household:{household}", "topic": "practical", "by": hat}
        of_resident = {"subject": f"resident:{resident}", "topic": self._topic(hat), "by": hat}
        of_team = {"subject": f"team:{self._team(hat)}", "topic": "social", "by": hat}
        visit = {"kind": "visit", **of_household, "fields": {"day": self._day(), "present_names": canary}}
        made = {
            "note": [{"kind": "note", **of_resident, "fields": {"text": canary}}],
            "visit": [visit],
            "task": [{"kind": "task", **of_household, "fields": {"what": canary, "due": self._day()}}],
            "contact": [{"kind": "contact", **of_team, "fields": {"day": self._day(), "way": "talk", "text": self._said(canary)}}],
            "signal": [{"kind": "signal", **of_team, "fields": {"day": self._day(), "text": canary}}],
            "measurement": [{"kind": "measurement", **of_resident, "topic": "body", "fields": {"what": "pulse", "value": 70}}],
            "completion": self._completion(of_household, canary),
            "visit with notes": [visit, *(
                {"kind": "note", **of_resident, "topic": topic, "fields": {"text": self.world.canary()}, "as": {"visit": 0}}
                for topic in self.rng.sample(("body", "mind", "society", "social"), 2)
            )],
        }[kind]  # fmt: skip
        return (made, canary) if made and resident else None

    def _completion(self, place: dict[str, Any], canary: str) -> list[dict[str, Any]]:
        tasks = [record.id for record in self.world.records.values() if record.kind == "task" and record.subject == place["subject"]]
        fields = {"outcome": self.rng.choice(("done", "could_not")), "text": canary}
        return [{"kind": "completion", **place, "fields": {"task": self.rng.choice(tasks), **fields}}] if tasks else []

    def _said(self, canary: str) -> str:
        """Now and then with a telephone number, which is refused where nobody may be named."""
        return f"{canary} 06-12345678" if self.rng.random() < 0.1 else canary

    def edit(self, device: Device, hat: str) -> Made:
        """Something that is there is written again; a signed text is too, which is refused."""
        canary = self.world.canary()
        kinds = {*EDITS, "note"} if self.rng.random() < 0.1 else set(EDITS)
        record = self._known(device, kinds)
        if record is None:
            return None
        if record.kind == "completion":
            fields: dict[str, Any] = {"undone": True}
        elif record.kind == "resident" and self.rng.random() < MOVES:
            fields = {"household": self.rng.choice(self.world.households), "given": canary}
        else:
            fields = {EDITS.get(record.kind, "text"): canary}
        return [{"kind": record.kind, "edit": record.id, "subject": record.subject, "by": hat, "fields": fields}], canary

    def consent(self, device: Device, hat: str) -> Made:
        """A resident says yes or no to somebody, from a day until a day, with or without what was written before."""
        _, resident = self._where(hat)
        fields = self._to() | {"about": self.rng.choice(("secrecy",) * 8 + ("help", "ground")), "answer": self.rng.choice(("yes", "yes", "no"))}
        canary = self.world.canary()
        made = {"kind": "consent", "subject": f"resident:{resident}", "topic": "practical", "by": hat}
        return ([{**made, "fields": fields | {"how": "spoken", "words": canary}}], canary) if resident else None

    def share(self, device: Device, hat: str) -> Made:
        _, resident = self._where(hat)
        four = {name: self.world.canary() for name in ("question", "necessity", "proportionality", "subsidiarity")}
        made = {"kind": "share", "subject": f"resident:{resident}", "topic": "practical", "by": hat}
        fields = self._to() | four | {"ground": "public_task", "told": "yes"}
        return ([{**made, "fields": fields}], four["question"]) if resident else None

    def withdraw(self, device: Device, hat: str) -> Made:
        canary = self.world.canary()
        record = self._known(device, {"consent", "share"})
        if record is None:
            return None
        fields = {"withdrawn": True, "withdrawn_why": canary}
        return [{"kind": record.kind, "edit": record.id, "subject": record.subject, "by": hat, "fields": fields}], canary

    def household(self, device: Device, hat: str) -> Made:
        """A front door that nobody knew, who lives there, and the first thing to do."""
        canary = self.world.canary()
        return [
            {"kind": "household", "own": True, "topic": "practical", "by": hat, "fields": {"name": canary}},
            {"kind": "resident", "own": True, "topic": "practical", "by": hat, "fields": {"name": self.world.canary()}, "as": {"household": 0}},
            {"kind": "task", "subject": "household of", "topic": "practical", "by": hat, "fields": {"what": self.world.canary()}},
        ], canary

    # About what, to whom, when

    def _where(self, hat: str) -> tuple[str, str | None]:
        """A front door of the hat's team, sometimes of another."""
        world, team = self.world, self.world.hats[hat][1]
        ours = [row[0] for row in world.cares.values() if row[1] == team]
        household = self.rng.choice(ours if ours and self.rng.random() > STRAY else world.households)
        residents = [one for one, home in world.facts["residents"].items() if home == household]
        return household, self.rng.choice(residents) if residents else None

    def _team(self, hat: str) -> str:
        return self.world.hats[hat][1] if self.rng.random() > STRAY else self.rng.choice(list(self.world.facts["teams"]))

    def _topic(self, hat: str) -> str:
        return self.rng.choice(("practical", "body", "mind", "society", "social", "body", "mind", "money", "safety"))

    def _day(self) -> str:
        return day_add(self.world.day, self.rng.choice((0, 0, -1, -3, 1)))

    def _to(self) -> dict[str, Any]:
        world, rng = self.world, self.rng
        noun = rng.choice(("person", "team", "organisation"))
        whom = {"person": world.people, "team": list(world.facts["teams"]), "organisation": sorted(set(world.facts["teams"].values()))}[noun]
        topics = rng.sample(("practical", "body", "mind", "society", "social", "money", "safety"), rng.randint(1, 4))
        to, since = rng.choice(whom), day_add(world.day, rng.choice((0, 0, 0, -2, 1)))
        fields: dict[str, Any] = {"to_kind": noun, "to": to, "topics": topics, "since": since}
        if rng.random() < 0.4:
            fields["until"] = day_add(world.day, rng.choice((0, 1, 2, 5)))
        return fields | {"before": True} if rng.random() < 0.6 else fields

    def _known(self, device: Device, kinds: set[str]) -> Record | None:
        """One that this person may well have on their phone."""
        found = [record for record in self.world.records.values() if record.kind in kinds and self.world.may_hold(device.person, record)]
        return self.rng.choice(found) if found else None
