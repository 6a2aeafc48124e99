"""Held work by the words of the contract: who answers for it, what they may read and take of it, and what becomes of it."""

from __future__ import annotations

import re
from typing import Any

from tests import model
from tests.sim_world import Change, World, Wrong, day_of

WHAT = {"acceptance": "taken", "return": "returned", "keeping": "kept"}
NEVER = 1 << 62
# A front door is taken in before who lives there, and both before what was seen there.
FIRST = ("household", "resident")
SECRET = "safety"
Bundle = tuple[str, str]


class Custody:
    """What a lead finds, and what each decision must lead to."""

    def __init__(self, world: World) -> None:
        self.world = world

    def team(self, change: Change) -> str:
        """Held work is kept for the team under whose hat it was written, whether that is still worn or not."""
        return str(self.world.hats[change.body["by"]][1])

    def bundle(self, change: Change) -> Bundle:
        """What one person wrote at one visit or contact, or to one record, is decided as one."""
        fields = change.body["fields"]
        return change.person, str(fields.get("visit") or fields.get("contact") or change.body["record"])

    def leads(self, person: str) -> set[str]:
        """The teams that this person leads today."""
        return {hat.team for hat in model.worn(self.world.facts, self.world.day) if hat.role == "lead" and hat.person == person}

    def answers(self, person: str) -> set[str]:
        """A lead's own teams, and of the same organisations those that nobody leads today."""
        mine, teams = self.leads(person), self.world.facts["teams"]
        led = {hat.team for hat in model.worn(self.world.facts, self.world.day) if hat.role == "lead"}
        where = {teams[team] for team in mine}
        return mine | {team for team, organisation in teams.items() if organisation in where and team not in led}

    def waiting(self, person: str) -> list[Change]:
        """All that is held for this person, in the order in which it came in."""
        teams = self.answers(person)
        held = [one for one in self.world.changes.values() if one.is_ == "held" and self.team(one) in teams] if teams else []
        return sorted(held, key=lambda one: one.seq)

    def bundles(self, person: str) -> dict[Bundle, list[Change]]:
        found: dict[Bundle, list[Change]] = {}
        for one in self.waiting(person):
            found.setdefault(self.bundle(one), []).append(one)
        return found

    # How far a lead may go

    def reads(self, person: str, change: Change) -> bool:
        """What its author wrote, but nothing of safety and nothing that the resident closed, unless it is open to the lead anyway."""
        pair = (change.body["subject"], change.body["topic"])
        return pair in self.world.opened(person) or (pair[1] != SECRET and not self._closed(person, change))

    def after(self, person: str, change: Change) -> int:
        """From which record on the lead may take it into the file: one first stored after this number; NEVER: not at all."""
        body, opened = change.body, self.world.opened(person)
        way = opened.get((body["subject"], body["topic"]))
        after = NEVER if way is None else way.after
        if self._came(change) and self._profession_reads(change):
            after = 0
        if body["kind"] == "answer":  # a volunteer's word is not a lead's to give
            after = NEVER
        fresh = body["kind"] in FIRST and body["record"] not in self.world.records
        if body["kind"] == "household" and fresh:
            after = 0 if self._profession(change) else NEVER
        if body["kind"] == "resident" and "household" in body["fields"]:
            home = (f"household:{body['fields']['household']}", "practical") in opened
            after = NEVER if not home else 0 if fresh else after
        return after if self.reads(person, change) else NEVER

    def _closed(self, person: str, change: Change) -> bool:
        """By a no to the lead, to the team whose work it is (or the lead's own, when nobody leads that one), or to the organisation."""
        world, team = self.world, self.team(change)
        organisation, mine = world.facts["teams"][team], self.leads(person)
        teams = {team} if team in mine else {team} | {one for one in mine if world.facts["teams"][one] == organisation}
        whom = {f"person:{person}", f"organisation:{organisation}", *(f"team:{one}" for one in teams)}
        said = [one for one in world.facts["statements"] if one["answer"] == "no" and one["to"] in whom and model.counts(one, world.day)]
        return any(change.body["subject"] == f"resident:{one['resident']}" and change.body["topic"] in one["topics"] for one in said)

    def _came(self, change: Change) -> bool:
        """Whether its author's team came there on the day on which it was written, or before."""
        kind, _, key = change.body["subject"].partition(":")
        home = self.world.facts["residents"].get(key) if kind == "resident" else key
        day = day_of(min(int(change.body["stamp"][:13]), change.at))
        return any(household == home and team == self.team(change) and since <= day for household, team, since, _ in self.world.facts["care"])

    def _profession(self, change: Change) -> tuple[str, ...]:
        """The topics that a lead of this team reads; none for who leads volunteers."""
        organisation = self.world.facts["teams"][self.team(change)]
        return model.NEEDS.get(model.LEADS_AS.get(self.world.facts["organisations"][organisation], ""), ())

    def _profession_reads(self, change: Change) -> bool:
        """Of a household, whoever has a profession reads what is practical; of a resident, what the profession needs."""
        kind, topic = change.body["subject"].partition(":")[0], change.body["topic"]
        return topic in self._profession(change) and (kind == "resident" or topic == "practical")

    # What becomes of it

    def decide(self, person: str, change: Change, noun: str, upto: int, text: str) -> tuple[int, list[Change]]:
        """(the status of the answer, what was taken into the file): the office must do exactly this and nothing else."""
        what, wrong = WHAT[noun], WHAT[noun] != "taken" and not text.strip()
        if self.team(change) not in self.answers(person) or not (change.is_ == "held" or change.decided):
            return 404, []
        waits = change.is_ == "held" and change.last <= upto
        if wrong:
            return (200 if change.decided and not waits else 422), []
        if not waits:
            return 200, []
        parts = [one for one in self.bundles(person)[self.bundle(change)] if one.last <= upto]
        if what == "taken":
            return 200, self._take(person, parts)
        for one in parts:
            is_, reason = ("refused", "returned") if what == "returned" else ("held", one.reason)
            self._settle(one, person, (what, text), is_, reason)
            self._asked(one, text)
        return 200, []

    def _take(self, person: str, parts: list[Change]) -> list[Change]:
        """Each as it was written; a signed text is not written again, and what may not be taken stays where it is."""
        after, taken = {one.id: self.after(person, one) for one in parts}, []
        for one in sorted(parts, key=lambda one: ((*FIRST, one.body["kind"]).index(one.body["kind"]), one.body["n"])):
            record = self.world.records.get(one.body["record"])
            open_to_them = after[one.id] < NEVER and (record is None or record.author == person or record.first > after[one.id])
            if open_to_them and record and one.body["kind"] == "note":
                self._settle(one, person, ("returned", ""), "refused", "signed")
            elif open_to_them:
                one.version = 1 + sum(other.is_ == "stored" and other.body["record"] == one.body["record"] for other in self.world.changes.values())
                self._settle(one, person, ("taken", ""), "stored", None)
                taken.append(one)
        return taken

    def _settle(self, one: Change, person: str, decision: tuple[str, str], is_: str, reason: str | None) -> None:
        one.is_, one.reason = is_, reason
        one.decided.append((*decision, person))
        self.world.handled += 1
        one.last = self.world.handled

    def _asked(self, one: Change, text: str) -> None:
        for canary in re.findall(r"zq[0-9a-f]{12}k", text):
            self.world.words.setdefault(canary, set()).add(one.id)

    def hears(self, change: Change, result: dict[str, Any], *, revoked: bool) -> None:
        """What an author's phone is told of a change on which somebody decided: the last decision, and nothing else."""
        what, text, _ = change.decided[-1]
        reason = "kept" if what == "kept" else change.reason
        is_ = result["is"].replace("known", "stored")
        told = (is_, result.get("version") if is_ == "stored" else None, result.get("text") or "")
        # A revoked phone is told nothing but that its work is in custody or not.
        expected = (change.is_, change.version, "" if revoked else text)
        if told != expected or (is_ != "stored" and not revoked and result.get("reason") != reason):
            raise Wrong("lost", f"{change.id} was {change.is_} for {reason} with {text!r}, its phone hears {result}")
