"""What team leads do about held work, in a browser of the office: they look, decide in time or late, twice, together, and others try to."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

from server import db, sessions
from tests import sim_wire
from tests.sim_custody import NEVER, Bundle
from tests.sim_office import Office
from tests.sim_wire import Answer
from tests.sim_world import CANARY, Change, Device, Wrong

NOUNS = (*("acceptance",) * 4, *("return",) * 2, *("keeping",) * 2)
STRANGER, STALE, SILENT, AGAIN, TOGETHER, TAKES_IN = 0.12, 0.2, 0.12, 0.2, 0.4, 0.6
DECISIONS = (1, 1, 2)
FORMS = re.compile(r'hx-post="/held/([0-9a-f-]{36})/return".*?name="upto" value="(\d+)"', re.DOTALL)
TAKES = re.compile(r'hx-post="/held/([0-9a-f-]{36})/acceptance"')
UNKNOWN = "9" * 15


class Shown(NamedTuple):
    """Of which page a decision is: the office's number, and the model's of the same moment."""

    upto: str
    model: int


class Decision(NamedTuple):
    """What is sent: about which change, to what end, of which page and in which words."""

    change: Change
    noun: str
    shown: Shown
    text: str


class Leads:
    """The browsers of this world's people, and what each of them saw last."""

    def __init__(self, office: Office, say: object) -> None:
        self.office, self.world, self.custody, self.say = office, office.world, office.custody, say
        self.desks: dict[str, Device] = {}
        self.until: dict[str, int] = {}
        self.saw: dict[str, dict[Bundle, Shown]] = {}

    async def act(self) -> None:
        """A decision, when there is anything to decide."""
        rng, world = self.world.rng, self.world
        held = [one for one in world.changes.values() if one.seq]
        if not held:
            return
        leads = [person for person in world.people if self.custody.waiting(person)]
        if not leads or rng.random() < STRANGER:
            await self._stranger(rng.choice(held))
            return
        lead = rng.choice(leads)
        old = self.saw.get(lead, {})
        await self.look(lead)
        for _ in range(rng.choice(DECISIONS)):
            await self._next(lead, old, leads)

    async def _next(self, lead: str, old: dict[Bundle, Shown], leads: list[str]) -> None:
        """One of what this lead sees, by the page they have before them or by an older one; whoever can take something mostly does."""
        rng, bundles = self.world.rng, self.custody.bundles(lead)
        now = {key: shown for key, shown in self.saw[lead].items() if key in bundles}
        if not now:
            return
        takes = [key for key in now if any(self.custody.after(lead, one) < NEVER for one in bundles[key])]
        bundle = rng.choice(takes if takes and rng.random() < TAKES_IN else list(now))
        shown = old[bundle] if bundle in old and rng.random() < STALE else now[bundle]
        change = rng.choice(bundles[bundle])
        others = [one for one in leads if one != lead and bundle in self.custody.bundles(one)]
        late = await self._beside(rng.choice(others), bundle, change) if others and rng.random() < TOGETHER else None
        decision = Decision(change, "acceptance" if bundle in takes and rng.random() < TAKES_IN else rng.choice(NOUNS), shown, self._words())
        await self.decide(lead, decision)
        if rng.random() < AGAIN:
            await self.decide(lead, decision._replace(noun=rng.choice(NOUNS)))
        if late:
            await self.decide(*late)

    async def _beside(self, other: str, bundle: Bundle, change: Change) -> tuple[str, Decision]:
        """Another lead who saw the same and comes just too late."""
        shown = (await self.look(other))[bundle]
        return other, Decision(change, self.world.rng.choice(NOUNS), shown, self._words())

    async def _stranger(self, change: Change) -> None:
        """Somebody who does not answer for this tries to decide it all the same."""
        others = [one for one in self.world.people if self.custody.team(change) not in self.custody.answers(one)]
        if others:
            decision = Decision(change, self.world.rng.choice(NOUNS), Shown(UNKNOWN, int(UNKNOWN)), self._words())
            await self.decide(self.world.rng.choice(others), decision)

    def _words(self) -> str:
        return " " if self.world.rng.random() < SILENT else f"{self.world.canary()} ?"

    # What is asked of the office

    async def look(self, person: str) -> dict[Bundle, Shown]:
        """The page of held work, which shows what the model says and nothing else."""
        answer = await self._ask(person, "GET", "/held", b"")
        if answer.status != 200:
            raise Wrong("lost", f"{person} leads {self.custody.leads(person)} and gets {answer.status}")
        return self._shown(person, answer.body.decode(), "")

    async def decide(self, person: str, what: Decision) -> None:
        """The office answers as the model says, and everything that was ever held stands as the model says."""
        change, noun, shown, text = what
        form = urlencode({"upto": shown.upto, **({} if noun == "acceptance" else {"text": text})}).encode()
        answer = await self._ask(person, "POST", f"/held/{change.id}/{noun}", form)
        there = person not in self.world.facts["left"]
        status, taken = self.custody.decide(person, change, noun, shown.model, text.strip()) if there else (401, [])
        self.say(f"{person[-4:]} {noun} of {change.id[-6:]} upto {shown.upto} {text!r} -> {answer.status}, taken {len(taken)}")
        if answer.status != status:
            raise Wrong("leaked" if status >= 400 else "lost", f"{noun} of {change} by {person}: {answer.status}, expected {status}")
        await self.office.took(taken)
        await self._agree()
        if status in {200, 422}:
            self._shown(person, answer.body.decode(), text)
        elif CANARY.search(answer.body.decode()):
            raise Wrong("leaked", f"{person} was told {answer.body!r}")

    async def _ask(self, person: str, method: str, path: str, body: bytes) -> Answer:
        """As a browser in which this person is signed in; who left has what they had."""
        desk = self.desks.get(person)
        if desk is None:
            desk = self.desks[person] = Device(f"desk of {person}", person, self.world.new(), "")
            await self.office.give(desk)
        elif self.until[person] <= self.world.at:
            await self.office.sign_in(desk)
        self.until[person] = self.world.at + sessions.LEASE_MS
        answer = await sim_wire.ask(method, path, body, desk.token, _heard, gzip=False, form=True)
        if answer.status >= 500:
            raise Wrong("diverged", f"{method} {path} answered {answer.status} {answer.body[:200]!r}")
        return answer

    # What must be so

    def _shown(self, person: str, page: str, typed: str) -> dict[Bundle, Shown]:
        """What waits, each thing once, with all that may be read of it and no more; gives the numbers to decide with."""
        bundles = self.custody.bundles(person)
        forms = dict(FORMS.findall(page))
        heads = {head.id: key for key, parts in bundles.items() for head in [self._head(key, parts)]}
        if set(forms) != set(heads):
            raise Wrong("leaked" if set(forms) - set(heads) else "lost", f"{person} answers for {set(heads)}, and is shown {set(forms)}")
        takes = {key for key, parts in bundles.items() if any(self.custody.after(person, one) == 0 for one in parts)}
        if missing := takes - {heads[key] for key in TAKES.findall(page)}:
            raise Wrong("lost", f"{person} may take {missing} into the file and cannot")
        self._told(person, [one for parts in bundles.values() for one in parts], page, typed)
        self.saw[person] = {key: Shown(forms[head], max(one.last for one in bundles[key])) for head, key in heads.items()}
        return self.saw[person]

    def _head(self, key: Bundle, parts: list[Change]) -> Change:
        """The visit or contact itself when it is there, or else what came first."""
        return next((one for one in parts if one.body["record"] == key[1]), parts[0])

    def _told(self, person: str, held: list[Change], page: str, typed: str) -> None:
        there = set(CANARY.findall(page))
        theirs = {canary for one in held if self.custody.reads(person, one) for canary in _canaries(one)}
        noted = {canary for one in held if one.decided for canary in CANARY.findall(one.decided[-1][1])}
        if short := theirs - there:
            raise Wrong("lost", f"{person} is not shown {short}")
        for canary in there - theirs - noted - set(CANARY.findall(typed)):
            of = [one for one in self.world.changes.values() if one.is_ == "stored" and canary in _canaries(one)]
            if not any(self.world.may_hold(person, self.world.records[one.body["record"]]) for one in of):
                raise Wrong("leaked", f"/held gave {canary} of {of} to {person}")

    async def _agree(self) -> None:
        """Every change that was ever held is in the office what the model says, by the same decisions, and under its author's name."""
        of = {one.id: one for one in self.world.changes.values() if one.seq}
        rows, decided = await db.read(lambda tx: _kept(tx, list(of)))
        for key, is_, reason, version, author in rows:
            one = of.pop(key)
            if is_ == "stored" and one.is_ != "stored":
                raise Wrong("leaked", f"the office took {key} into a file where it may not be: {one}")
            if decided.get(key, []) != one.decided:
                raise Wrong("diverged", f"the office decided {decided.get(key)}, expected {one}")
            if (is_, version) != (one.is_, one.version) or (is_ != "stored" and reason != one.reason):
                raise Wrong("lost", f"the office has {key} {is_} {reason} {version}, expected {one}")
            if is_ == "stored" and author != self.world.records[one.body["record"]].author:
                raise Wrong("lost", f"the office has what {one.person} wrote in the name of {author}: {one}")
        if of:
            raise Wrong("lost", f"the office has no more of {of}")


async def _kept(tx: db.Tx, keys: list[str]) -> tuple[list[tuple[Any, ...]], dict[str, list[tuple[Any, ...]]]]:
    """([(change, is, reason, version, author of its record)], change -> [(what, text, by whom)])."""
    decided: dict[str, list[tuple[Any, ...]]] = {}
    for key, *decision in await tx.all(f"SELECT change, what, text, person FROM decision WHERE {db.among('change', 1)} ORDER BY seq", keys):  # noqa: S608  our own SQL
        decided.setdefault(key, []).append(tuple(decision))
    sql = "SELECT c.id, c.is_, c.reason, c.version, r.author FROM change c LEFT JOIN record r ON r.id = c.record WHERE "
    return await tx.all(sql + db.among("c.id", 1), keys), decided


def _canaries(change: Change) -> set[str]:
    return set(CANARY.findall(json.dumps(change.body["fields"])))


async def _heard(answer: Answer, part: bytes, more: bool) -> None:  # noqa: FBT001 - ASGI's own three
    """A page is looked at when it is whole: what it says was decided is so by then."""
