"""Links in a simulation: helpers without an account, in browsers of their own, open what they were sent and answer it; others find it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from server import links
from tests import sim_helpers, sim_wire
from tests.sim_wire import Answer
from tests.sim_world import CANARY, Change, Link, World, Wrong, day_add

if TYPE_CHECKING:
    from tests.sim_phones import Node, Reply

BROWSERS = ("riet", "riet", "riet", "finder")
EARLY, TAKEN_BACK = 0.1, 0.25
FAULTS = ("lost", "unanswered", "doubled", "cut", "busy")
ANSWERS = {False: ("accepted", "accepted", "accepted", "declined"), True: ("done", "done", "could_not", "worried", "worried", "declined")}
EFFECTS = sim_helpers.EFFECTS
# The least that makes a task doable: of which records a link may tell what; a name of one word is a first name.
TOLD = {"task": {"what", "instructions", "call"}, "household": {"street"}, "resident": {"given", "name"}}
# What a browser may still hold and has not sent, although it asked: it has no right to this link.
NOT_MINE = ("taken", "unknown")


class Linking:
    """What field workers do with links, as tests/sim_deeds.py does everything else."""

    world: World
    rng: Any

    def link(self, device: Any, hat: str) -> Any:
        """A task for somebody from the street and the link to it; or one that was sent is taken back."""
        world, rng = self.world, self.rng
        sent = self._known(device, {"link"}) if rng.random() < TAKEN_BACK else None  # type: ignore[attr-defined]
        if sent is not None and sim_helpers.knows(device, sent):
            return [{"kind": "link", "edit": sent.id, "subject": sent.subject, "by": hat, "fields": {"revoked": True}}], world.canary()
        household, resident = self._where(hat)  # type: ignore[attr-defined]
        if not resident:
            return None
        place, canary = {"subject": f"household:{household}", "topic": "practical", "by": hat}, world.canary()
        due = day_add(world.day, rng.choice((0, 0, 1, 2)))
        task = {"what": canary, "due": due, "instructions": world.canary(), "call": world.canary()}
        if rng.random() < 0.4:
            task |= {"every_days": rng.randint(1, 3), "until": day_add(due, 6)}
        if rng.random() < 0.4:
            task["resident"] = resident
        token = base64.urlsafe_b64encode(rng.randbytes(16)).decode().rstrip("=")
        sealed = hashlib.sha256(token.encode()).hexdigest()
        world.tokens[sealed] = token
        leads = {"token_hash": sealed, "until": day_add(world.day, rng.choice((0, 3, 7, 7)))}
        return [
            {"kind": "helper", **place, "fields": {"name": world.canary(), "relation": "neighbour"}},
            {"kind": "task", **place, "fields": task},
            {"kind": "link", **place, "fields": leads, "as": {"helper": 0, "tasks": [1]}},
        ], canary


def follows(world: World, change: Change) -> None:
    """A link that was stored leads to its tasks from now on; once it is taken back to nothing."""
    body, fields = change.body, change.body["fields"]
    if body["kind"] != "link":
        return
    if token := world.tokens.get(fields.get("token_hash", "")):
        world.links.setdefault(token, Link(body["record"], body["subject"].partition(":")[2], fields["tasks"], fields["until"]))
    for one in world.links.values():
        one.revoked = one.revoked or (one.record == body["record"] and fields.get("revoked") is True)


class Neighbours:
    """The browsers of people without an account, and the network between them and the office."""

    def __init__(self, world: World, node: Node, say: Any) -> None:
        self.world, self.node, self.say = world, node, say
        self.cookies: dict[str, str] = {}
        self.rough = 0.0

    async def act(self) -> None:
        """Somebody opens what they were sent, perhaps before the office knows of it, and answers what stands there, once or more."""
        rng, world = self.world.rng, self.world
        tokens = list(world.tokens.values() if rng.random() < EARLY else world.links)
        if not tokens:
            return
        browser, token = rng.choice(BROWSERS), rng.choice(tokens)
        self.rough = rng.choice((0, 0.25, 0.5))
        page = await self.visit(browser, token)
        for _ in range(rng.choice((0, 1, 2, 3))):
            if page["shown"]:
                page = await self.visit(browser, token, [self._answer(rng.choice(page["shown"])) for _ in range(rng.choice((1, 1, 2)))])
        self.rough = 0.0

    def _answer(self, task: dict[str, Any]) -> dict[str, Any]:
        said = self.world.rng.choice(ANSWERS[bool(task["accepted"])])
        return {"task": task["task"], "day": task["day"], "answer": said, "text": self.world.canary()}

    async def visit(self, browser: str, token: str, answers: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """What stands on the page afterwards: nothing that this link may not tell, and nothing is lost of what was answered."""
        world, told = self.world, answers or []
        reply = await self.node.command(
            p=browser, act="visit", at=world.at, today=world.day, chance=world.rng.getrandbits(31), fault=None, token=token, answers=told,
        )  # fmt: skip
        if "thrown" in reply:
            raise Wrong("diverged", f"{browser} visits {token}: {reply['thrown']} {reply['message']}\n{reply['stack']}")
        page: dict[str, Any] = reply["ok"]
        self.say(f"{browser} visits {token[:4]} {told} -> {page['problem']}, {page['waiting']} waiting, {len(page['shown'])} shown")
        if CANARY.findall(json.dumps(page["stored"])):
            raise Wrong("leaked", f"the browser of {browser} keeps in the clear what was told")
        if link := world.links.get(token):
            if more := set(CANARY.findall(json.dumps(page["shown"]))) - link.told:
                raise Wrong("leaked", f"the page of {browser} shows {more}, which the office never gave by this link")
            kept, taken = link.kept.setdefault(browser, {}), link.taken.get(browser, {})
            kept.update({one["text"]: one for one in told})
            # What was taken in may still wait for the word that it was.
            if not len(kept.keys() - taken.keys()) <= page["waiting"] <= len(kept):
                raise Wrong("lost", f"{browser} answered {kept}, {page['waiting']} wait and the office took in {taken}")
        elif page["shown"]:
            raise Wrong("leaked", f"{browser} reads {page['shown']} by a link that nobody gave")
        return page

    async def carry(self, asked: Reply) -> Reply:
        """One request of such a browser and what it gets to see of the answer."""
        rng, browser, path, body = self.world.rng, asked["p"], asked["path"], asked["body"].encode()
        fault = rng.choice(FAULTS) if rng.random() < self.rough else ""
        if fault == "busy":
            return {"status": 503, "body": '{"error":{"code":"unavailable"}}', "cut": None, "chunk": 100_000}
        if fault == "lost":
            return {"error": True}
        for _ in range(2 if fault == "doubled" else 1):
            answer = await self._ask(browser, path, body, gzip=rng.random() < 0.15)
        if fault == "unanswered":
            return {"error": True}
        self.cookies[browser] = answer.cookie or self.cookies.get(browser, "")
        cut = rng.randrange(len(answer.body) + 1) if fault == "cut" else None
        return {"status": answer.status, "body": answer.body.decode(), "cut": cut, "chunk": 100_000}

    async def _ask(self, browser: str, path: str, body: bytes, *, gzip: bool) -> Answer:
        async def given(answer: Answer, _part: bytes, more: bool) -> None:  # noqa: FBT001 - ASGI's own three
            if not more:
                self._given(browser, path, json.loads(body), answer)

        answer = await sim_wire.ask_unknown(path, body, self.cookies.get(browser, ""), given, gzip=gzip)
        if answer.status >= 500:
            raise Wrong("diverged", f"POST {path} answered {answer.status} {answer.body[:200]!r}")
        await sim_helpers.learn(self.world)
        return answer

    def _given(self, browser: str, path: str, asked: dict[str, Any], answer: Answer) -> None:
        """What leaves the office: to the one browser that has the link, while it is in force, no more than what makes its tasks doable."""
        link, text = self.world.links.get(asked["token"]), answer.body.decode()
        told = json.loads(text) if answer.status == 200 else {}
        if not told or told.get("again"):
            if CANARY.findall(text):
                raise Wrong("leaked", f"{path} refused {browser} with {text}")
            return
        if link is None:
            raise Wrong("leaked", f"{path} answered {browser} by a link that nobody gave")
        if path == "/l/opening":
            if link.revoked or self.world.day > link.until:
                raise Wrong("leaked", f"{browser} reads {text} by a link that is over")
            link.browser = link.browser or browser
            self._may_tell(link, text)
        if link.browser != browser:
            raise Wrong("leaked", f"{path} answered {browser} by the link of {link.browser}")
        by_id = {one["id"]: one for one in asked.get("answers", ())}
        for key in told.get("taken", ()):
            link.taken.setdefault(browser, {})[by_id[key]["text"]] = by_id[key]
            link.agreed = link.agreed or by_id[key]["answer"] == "accepted"

    def _may_tell(self, link: Link, text: str) -> None:
        """Nothing but what makes its own tasks doable; of who lives there only after a yes, and the name at the door where nobody is known to."""
        # What a volunteer was told too stands in records of their own beside the household's: one that says this must be allowed.
        for canary in CANARY.findall(text):
            link.told.add(canary)
            if not any(self._allows(link, key, self._field(key, canary)) for key in self.world.canaries[canary]):
                raise Wrong("leaked", f"{canary} of {self.world.canaries[canary]} is told by the link to {link.tasks}")

    def _allows(self, link: Link, key: str, field: str) -> bool:
        world = self.world
        kind = world.records[key].kind if key in world.records else ""
        empty = link.household not in world.facts["residents"].values()
        its = key in link.tasks if kind == "task" else link.agreed
        return its and (field in TOLD.get(kind, ()) or (kind, field, empty) == ("household", "name", True))

    def _field(self, record: str, canary: str) -> str:
        """In which field of a record this stands."""
        all_ = (one.body["fields"] for one in self.world.changes.values() if one.body["record"] == record)
        return next((name for fields in all_ for name, value in fields.items() if value == canary), "")

    async def calm(self) -> None:
        """Everybody who has a link has signal once more: nothing waits any more but with who has no right to it."""
        for token, link in self.world.links.items():
            for browser in list(link.kept):
                page = await self.visit(browser, token)
                if page["waiting"] and page["problem"] not in NOT_MINE:
                    raise Wrong("lost", f"{browser} cannot hand in what was answered: {page['problem']}")

    def heeded(self) -> None:
        """Whatever was taken in of a task that is there stands with the household, in the words in which it was said."""
        records = self.world.records
        for link in self.world.links.values():
            there = {task for task in link.tasks if task in records and records[task].subject == f"household:{link.household}"}
            for one in (one for taken in link.taken.values() for one in taken.values()):
                if one["answer"] in EFFECTS and one["task"] in there:
                    kinds = [records[key].kind for key in self.world.canaries[one["text"]] if key in records]
                    if kinds != [EFFECTS[one["answer"]]]:
                        raise Wrong("lost", f"{one} was taken in, and {kinds} tell of it")


def begin() -> None:
    """What earlier histories guessed does not count here."""
    links._wrong.clear()
