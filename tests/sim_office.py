"""The real office in this process, spoken to as a web server would; every byte it gives away is held against the model."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch

import msgspec

from server import access, changes, db, history, pulls, sessions
from sync import clock, merge
from tests import sim_helpers, sim_links, sim_sealed, sim_wire
from tests.sim_custody import Custody
from tests.sim_wire import Answer
from tests.sim_world import CANARY, ORGANISATIONS, Change, Device, Record, World, Wrong

Between = Callable[[], Awaitable[None]]

# The year 2100, in ms.
FOREVER = 4_102_444_800_000


def small(rng: Random) -> Any:
    """Pages, parts and blobs so small that a short history turns many of them over."""
    sizes = {"PAGE": rng.choice((2, 5, 500)), "SCAN_MAX": rng.choice((0, 4, 2000))}
    parts = {"PAIRS_AT_ONCE": rng.choice((1, 4, 40)), "BLOB_RECORDS": rng.choice((1, 3, 250))}
    return patch.multiple(pulls, **sizes), patch.multiple(history, **parts)


@dataclass(slots=True)
class Stored:
    """What was stored together, all of it by what was open at one moment: which of it residents said, and who may have moved by it."""

    said: list[Change] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    all: list[Change] = field(default_factory=list)


class Office:
    """The application with this world's people in its database and this world's clock on its wall."""

    def __init__(self, world: World) -> None:
        self.world, self.custody = world, Custody(world)

    async def begin(self) -> None:
        """People, teams, front doors and phones, in one unit."""
        world, facts = self.world, self.world.facts

        async def work(tx: db.Tx) -> None:
            await tx.run("DELETE FROM statement")  # what an earlier history's residents said to an organisation
            await tx.run("UPDATE change SET seq = NULL WHERE seq IS NOT NULL")  # and what its teams left to the leads of the next
            for key, kind in ORGANISATIONS.items():
                await tx.run("INSERT INTO organisation (id, name, kind) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING", key, kind)
            for team, organisation in facts["teams"].items():
                await tx.run("INSERT INTO team (id, organisation, name) VALUES ($1, $2, 'Team')", team, organisation)
            for person in world.people:
                sql = "INSERT INTO person (id, name, language, word, created_at, confidential_at) VALUES ($1, 'Naam', 'nl', 'client', 0, 0)"
                await tx.run(sql, person)
            for hat in world.hats:
                await self._hat(tx, hat)
            for household in world.households:
                await tx.run("INSERT INTO household (id) VALUES ($1)", household)
            for resident, household in facts["residents"].items():
                await tx.run("INSERT INTO resident (id, household) VALUES ($1, $2)", resident, household)
            for care in world.cares:
                await self._care(tx, care)

        await db.write(work)
        await sim_sealed.begin(world)
        await self._papers()

    async def _papers(self) -> None:
        """The records of front doors and residents, by the office's own hand."""
        world, made = self.world, []
        for n, household in enumerate(world.households, 1):
            made.append(self._own("household", household, {"name": world.canary(), "street": world.canary()}, n))
        for n, (resident, household) in enumerate(world.facts["residents"].items(), 100):
            made.append(self._own("resident", resident, {"household": household, "name": world.canary()}, n))
        row = await db.read(lambda tx: tx.one("SELECT n FROM counter WHERE name = 'seq'"))
        world.learned = int(row[0]) if row else 0
        results = await db.write(lambda tx: changes.apply(tx, made, access.OFFICE, now=world.at))
        self.heard(made, access.OFFICE_ID, access.OFFICE_ID)
        self.answered(access.OFFICE_ID, [msgspec.to_builtins(one) for one in results])

    def _own(self, kind: str, key: str, fields: dict[str, Any], n: int) -> dict[str, Any]:
        what = {"kind": kind, "subject": f"{kind}:{key}", "topic": "practical"}
        stamp = clock.tick(None, self.world.at, "00000000")
        return changes.make(access.OFFICE.hats[0], what, fields, ids=(self.world.new(), key), stamp=stamp, n=n)

    # What the office's people do without a phone

    async def sign_in(self, device: Device) -> None:
        device.token = await db.write(lambda tx: sessions.start(tx, device.person, device.device, self.world.at))
        # Its people look at the office's pages with an unlocked phone.
        await db.write(lambda tx: tx.run("UPDATE session SET open_until = $1 WHERE person = $2", FOREVER, device.person))

    async def give(self, device: Device) -> None:
        sql = "INSERT INTO device (id, person, name, created_at, highest_n) VALUES ($1, $2, '', $3, 0)"
        await db.write(lambda tx: tx.run(sql, device.device, device.person, self.world.at))
        await self.sign_in(device)

    async def revoke(self, device: Device) -> None:
        await db.write(lambda tx: tx.run("UPDATE device SET revoked_at = $1 WHERE id = $2", self.world.at, device.device))
        device.revoked = True

    async def leave(self, person: str) -> None:
        await db.write(lambda tx: tx.run("UPDATE person SET left_at = $1 WHERE id = $2", self.world.at, person))
        self.world.facts["left"].append(person)
        self.world.changed()

    async def hire(self, person: str, team: str, role: str, since: str, until: str | None) -> None:
        hat = self.world.new()
        self.world.hire(hat, person, team, role, since, until)
        await db.write(lambda tx: self._hat(tx, hat))

    async def care(self, household: str, team: str, since: str, until: str | None) -> None:
        care = self.world.new()
        self.world.care(care, household, team, since, until)
        await db.write(lambda tx: self._care(tx, care))

    async def end_hat(self, hat: str, until: str) -> None:
        self.world.hats[hat][4] = until
        self.world.changed()
        await db.write(lambda tx: tx.run("UPDATE membership SET until = $1 WHERE id = $2", until, hat))

    async def end_care(self, care: str, until: str) -> None:
        household, team, *_ = self.world.cares[care]
        self.world.cares[care][3] = until
        self.world.changed()

        async def work(tx: db.Tx) -> int:
            # The office itself named the care that began with a household; the world only knows of whom it is.
            rows = await tx.all("SELECT id FROM care WHERE household = $1 AND team = $2", household, team)
            of = [key for (key,) in rows if key == care or (key not in self.world.cares and care.startswith("of "))]
            return await tx.run("UPDATE care SET until = $1 WHERE id = $2", until, of[0]) if of else 0

        if await db.write(work) != 1:
            raise Wrong("diverged", f"the office has no care relation of {household} with {team}")

    async def _hat(self, tx: db.Tx, hat: str) -> None:
        sql = "INSERT INTO membership (id, person, team, role, since, until) VALUES ($1, $2, $3, $4, $5, $6)"
        await tx.run(sql, hat, *self.world.hats[hat])

    async def _care(self, tx: db.Tx, care: str) -> None:
        await tx.run("INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, $5)", care, *self.world.cares[care])

    # What phones ask

    async def ask(
        self, device: Device, token: str, method: str, path: str, body: bytes, *, between: Between | None = None, gzip: bool = False,
    ) -> Answer:  # fmt: skip
        """One request to its end; `between` happens after each part that was given."""
        sent = json.loads(body) if body else {}
        written = await sim_sealed.opened(sent) if path == "/outbox" else sent.get("changes", [])
        self.heard(written, device.person, device.device)

        async def given(answer: Answer, part: bytes, more: bool) -> None:  # noqa: FBT001 - ASGI's own three
            # What the office says of changes comes first, so that the rest is held against the world as it is now.
            if path == "/sync" and part and answer.status == 200:
                await self._moved(self.answered(device.device, json.loads(part)["results"]))
            self.given(device, part.decode("utf-8", "replace"), path, answer.status)
            if between and more:
                await between()

        answer = await sim_wire.ask(method, path, body, token, given, gzip=gzip, knows=device.knows)
        if answer.status >= 500:
            raise Wrong("diverged", f"{method} {path} answered {answer.status} {answer.body[:200]!r}")
        if path == "/outbox" and answer.status == 200:
            await self._moved(self.answered(device.device, await sim_sealed.results(self.world, written)))
        return answer

    def heard(self, sent: list[dict[str, Any]], person: str, device: str) -> None:
        """These changes are on their way: what their canaries stand for."""
        for one in sent:
            self.world.changes.setdefault(one["id"], Change(one["id"], one, person, device))
            for canary in CANARY.findall(json.dumps(one["fields"])):
                self.world.canaries[canary].add(one["record"])

    def answered(self, device: str, results: list[dict[str, Any]]) -> list[str]:
        """What the office says it did is what the world is from now on, and it must be right to; gives the residents who may have moved."""
        world, stored = self.world, Stored()
        for result in results:
            change = world.changes.get(result["id"])
            if change and change.decided:
                self.custody.hears(change, result, revoked=any(one.revoked for one in world.devices.values() if one.device == device))
                continue
            if change is None or result["is"] == "known" or change.is_ in {"stored", "held"}:
                continue
            self._judge(change, device, result)
            change.is_, change.reason, change.version = result["is"], result.get("reason"), result.get("version")
            if change.is_ == "held":
                world.held(change)
            if change.is_ == "stored":
                self._follows(change, stored)
        return self._heeds(stored)

    async def took(self, taken: list[Change]) -> None:
        """A lead took these into the file: what follows is what would have followed then."""
        stored = Stored()
        for change in taken:
            self._follows(change, stored)
        await self._moved(self._heeds(stored))

    def _follows(self, change: Change, stored: Stored) -> None:
        fresh = change.body["record"] not in self.world.records
        self.world.stored(change, change.person)
        stored.all.append(change)
        if change.body["kind"] in {"consent", "share"}:
            stored.said.append(change)
        elif fresh:
            self._begun(change)
        elif "household" in change.body["fields"]:
            stored.moved.append(change.body["record"])

    def _heeds(self, stored: Stored) -> list[str]:
        """What residents said holds from now on; gives those who may have moved."""
        for change in stored.said:
            self.world.said(change)
        for change in stored.all:
            sim_helpers.follows(self.world, change)
            sim_links.follows(self.world, change)
        return stored.moved

    async def _moved(self, residents: list[str]) -> None:
        """Who was said to live elsewhere on two phones at once lives where the record shows."""
        for resident in residents:
            row = await db.read(lambda tx, key=resident: tx.one("SELECT body FROM record WHERE id = $1", key))
            home = merge.shown(json.loads(row[0]))["fields"].get("household")
            if home is None:
                raise Wrong("lost", f"the file of {resident} does not say where they live")
            self.world.facts["residents"][resident] = home
            self.world.changed()
        await sim_helpers.learn(self.world)

    def _begun(self, change: Change) -> None:
        """A front door comes into the care of its author's team, a resident lives behind one."""
        world, body = self.world, change.body
        if body["kind"] == "household" and body["record"] not in world.households:
            world.households.append(body["record"])
            world.care(f"of {body['record']}", body["record"], world.hats[body["by"]][1], world.day, None)
        if body["kind"] == "resident" and body["record"] not in world.facts["residents"]:
            world.facts["residents"][body["record"]] = body["fields"]["household"]
            world.changed()

    def _judge(self, change: Change, device: str, result: dict[str, Any]) -> None:
        """Stored exactly when the author could hold it, held as closed exactly when not."""
        world, body = self.world, change.body
        if change.person == access.OFFICE_ID:
            return
        pair, record = (body["subject"], body["topic"]), world.records.get(body["record"])
        way = world.opened(change.person).get(pair)
        opened = way is not None and (record is None or record.author == change.person or record.first > way.after)
        if body["kind"] == "household" and record is None:
            opened = True
        if body["kind"] == "resident" and record is None:
            opened = True
        if body["kind"] == "resident" and "household" in body["fields"]:
            opened = opened and (f"household:{body['fields']['household']}", "practical") in world.opened(change.person)
        worn = any(hat is world.hats[body["by"]] for hat in world.facts["hats"] if world.day <= (hat[4] or "9999") and hat[3] <= world.day)
        gone = any(one.revoked for one in world.devices.values() if one.device == device)
        if result["is"] == "stored" and not (opened and worn and not gone):
            raise Wrong("leaked", f"stored though closed to its author: {body['kind']} of {pair} by {change.person}, worn {worn}, revoked {gone}")
        if result.get("reason") in {"no_care_relation", "consent_ended"} and opened:
            raise Wrong("lost", f"held though open to its author: {body['kind']} of {pair} by {change.person}: {result}")

    def given(self, device: Device, text: str, path: str, status: int) -> None:
        """Nothing of what was given may be closed to who got it."""
        world = self.world
        for canary in CANARY.findall(text):
            if of := world.words.get(canary):
                if device.revoked or device.person not in {world.changes[one].person for one in of}:
                    raise Wrong("leaked", f"{path} gave {device.name} of {device.person} what a lead asked of {of}")
                continue
            # What a volunteer holds stands in a record of their own beside the household's: one of those that say this must be theirs.
            of_it = [world.records.get(key, key) for key in world.canaries.get(canary, {"nothing that was ever sent"})]
            if device.revoked or not any(isinstance(one, Record) and world.may_hold(device.person, one) for one in of_it):
                raise Wrong("leaked", f"{path} gave {canary} of {of_it} to {device.name} of {device.person}")
        if path == "/sync" and status == 200 and (told := json.loads(text).get("entitled")):
            theirs = {(subject, topic, until, after > 0) for subject, topic, until, after, _ in told["pairs"]}
            ours = {(way.subject, way.topic, way.until, way.after > 0) for way in world.opened(device.person).values()}
            if theirs != ours:
                only = f"office only {theirs - ours}, model only {ours - theirs}"
                raise Wrong("leaked" if theirs - ours else "diverged", f"entitlement of {device.person}: {only}")

    async def bodies(self) -> dict[str, str]:
        """Id -> canonical text of every record of this world."""
        sql = f"SELECT id, body FROM record WHERE {db.among('id', 1)}"  # noqa: S608  our own SQL
        return dict(await db.read(lambda tx: tx.all(sql, list(self.world.records))))

    async def kept(self) -> dict[str, list[tuple[str, int | None]]]:
        """Change -> [(is, version)] of everything this world's people handed in."""
        found: dict[str, list[tuple[str, int | None]]] = {}
        sql = f"SELECT id, is_, version FROM change WHERE {db.among('person', 1)}"  # noqa: S608  our own SQL
        for key, is_, version in await db.read(lambda tx: tx.all(sql, self.world.people)):
            found.setdefault(key, []).append((is_, version))
        return found
