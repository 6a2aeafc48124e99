"""Matches: a resident and a volunteer found for each other by what they like, when and how far; named to each other once both said yes.

Whose offer it is stands in the table alone until then. Ids are drawn by chance, so that none of them tells of another.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from server import access, addresses, changes, consents, db, errands, i18n, push, reckoning, seekers, statements, tasks
from server import households as _hooks  # noqa: F401 - its say comes before this one
from sync import clock, merge, rules

if TYPE_CHECKING:
    from server.access import Hat
    from server.batches import Batch
    from server.changes import After
    from server.db import Tx
    from server.i18n import Speaker
    from server.reckoning import Fit
    from server.seekers import Match, Offer, Seeker

MOST = 3
# So long a volunteer has to answer, and so long those who were named have to make their first appointment.
ANSWER_DAYS, DOOR_DAYS = 14, 14
DAY_MS = 24 * 60 * 60 * 1000
MONDAY = "2026-11-23"
AGREEING = ("accepted", "declined")
OURS = ("interest", "offer", "match")
KEPT_OUT = ("practical", "social")


async def settle(tx: Tx, interest: str, now: int, known: dict[str, Offer] | None = None) -> None:
    """Brings the matches of an interest to what it, the offers (those `known`, or all) and both answers say now: ends, names, asks and proposes."""
    seeker = await seekers.seeker(tx, interest, now)
    if seeker is None:
        return
    offers = known or await seekers.offers(tx, now)
    live = [match for match in await seekers.matches(tx, interest) if await _stands(tx, seeker, match, offers.get(match.offer), now)]
    found = next((match for match in live if match.met), None) or next((match for match in live if match.both), None)
    if found is None:
        for match in live:
            await _ask(tx, seeker, match, now)
        await _propose(tx, seeker, offers, live, now)
        return
    if not found.met:
        await _meet(tx, seeker, found, now)
    for match in live:
        if match is not found:
            await _end(tx, seeker, match, now)


async def settle_all(tx: Tx, now: int) -> None:
    """The same for everybody who looks for somebody."""
    offers = await seekers.offers(tx, now)
    for (interest,) in await tx.all("SELECT id FROM interest ORDER BY id"):
        await settle(tx, interest, now, offers)


async def renew(now: int) -> None:
    """Each night: what ended, went unanswered or became possible by the calendar alone; an interest at a time."""
    for (interest,) in await db.read(lambda tx: tx.all("SELECT id FROM interest ORDER BY id")):
        await db.write(partial(settle, interest=interest, now=now))


async def place(tx: Tx, now: int) -> None:
    """After streets were taken in: every offer lies where its street now lies."""
    for offer, person in await tx.all("SELECT id, person FROM offer ORDER BY id"):
        await seekers.place(tx, offer, person, now)
    await settle_all(tx, now)


async def _stands(tx: Tx, seeker: Seeker, match: Match, offer: Offer | None, now: int) -> bool:
    """Whether a match goes on; one that does not is ended here."""
    silent = match.asked_at is not None and not match.says and match.asked_at < now - ANSWER_DAYS * DAY_MS
    refused = match.says == "no" or (silent and not match.met)
    fits = seeker.willing and match.both if match.met else bool(offer and _fit(seeker, offer) == match.fit)
    if fits and not refused and not match.over and await _hat(tx, seeker, match.person, now):
        return True
    await _end(tx, seeker, match, now, refused=refused)
    return False


async def _end(tx: Tx, seeker: Seeker, match: Match, now: int, *, refused: bool = False) -> None:
    """Nobody is told why: not whether somebody said no, nor who."""
    await tx.run("UPDATE match SET ended_at = $1, refused = $2 WHERE id = $3", now, int(refused), match.id)
    await tx.run("UPDATE errand SET closed = 1 WHERE task = $1", match.ask)
    await _write(tx, seeker, match.id, {"ended": True}, now)


async def _ask(tx: Tx, seeker: Seeker, match: Match, now: int) -> None:
    """Once the resident said yes the volunteer has it among their tasks, and nothing in it of who it is; after a no it is gone again."""
    if not match.wanted:
        await tx.run("UPDATE errand SET closed = 1 WHERE task = $1", match.ask)
        await tx.run("UPDATE match SET asked_at = NULL WHERE id = $1", match.id)
        return
    hat = await _hat(tx, seeker, match.person, now)
    if match.asked_at is not None or hat is None:
        return
    key = errands.key_of(match.ask, hat.id)
    await tx.run(
        "INSERT INTO errand (id, task, hat, household, resident, rule, accepted, closed) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)"
        " ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, accepted = 0, closed = 0",
        *(key, match.ask, hat.id, seeker.household, seeker.resident, _door(now, ANSWER_DAYS)),
    )
    await tx.run("UPDATE match SET asked_at = $1 WHERE id = $2", now, match.id)
    await _tell(tx, key, match, "asks", now)
    await push.tell(tx, match.person, match.ask, now, now)


async def _meet(tx: Tx, seeker: Seeker, match: Match, now: int) -> None:
    """Both said yes: the household reads who it is, and the volunteer the first name and the street, for as long as a first appointment takes."""
    sql = "SELECT e.id, e.hat, p.name FROM errand e JOIN person p ON p.id = $2 WHERE e.task = $1 AND e.closed = 0"
    row = await tx.one(sql, match.ask, match.person)
    if row is None:
        return
    key, hat, name = row
    await tx.run("UPDATE match SET met_at = $1 WHERE id = $2", now, match.id)
    await tx.run("UPDATE errand SET accepted = 1, rule = $1 WHERE id = $2", _door(now, DOOR_DAYS), key)
    await _write(tx, seeker, match.id, {"volunteer_says": "yes", "volunteer": hat, "name": name}, now)
    await _tell(tx, key, match, "met", now)
    await push.tell(tx, match.person, match.id, now, now)
    errand = await errands.find(tx, key)
    if errand:
        await addresses.write(tx, errand, now)


async def _propose(tx: Tx, seeker: Seeker, offers: dict[str, Offer], live: list[Match], now: int) -> None:
    """The best that fit, until there are enough to choose from; nobody twice, and nobody who said no before."""
    asked = Counter(person for (person,) in await tx.all("SELECT person FROM match WHERE asked_at IS NOT NULL"))
    gone = await seekers.gone(tx, seeker.resident)
    fits = {key: fit for key, one in offers.items() if one.person not in gone and (fit := _fit(seeker, one))}
    room = MOST - sum(match.wanted is not False for match in live)
    for key in reckoning.in_turn(fits, asked, {key: one.person for key, one in offers.items()}):
        person = offers[key].person
        if room <= 0 or person in gone or not await _hat(tx, seeker, person, now):
            continue
        gone, room = gone | {person}, room - 1
        match, ask = _new(now), _new(now)
        sql = "INSERT INTO match (id, interest, offer, person, ask, refused) VALUES ($1, $2, $3, $4, $5, 0)"
        await tx.run(sql, match, seeker.interest, key, person, ask)
        fit = fits[key]
        told = {"interest": seeker.interest, "likes": list(fit.likes), "weekdays": list(fit.weekdays) or None, "metres": fit.metres}
        await _write(tx, seeker, match, told, now)


def _fit(seeker: Seeker, offer: Offer) -> Fit | None:
    """What they have in common, while both look for somebody."""
    return reckoning.fit(seeker.wish, offer.wish) if seeker.looking and offer.looking else None


async def _hat(tx: Tx, seeker: Seeker, person: str, now: int) -> Hat | None:
    """The hat under which a volunteer can be asked; None when they wear none any more, or this resident wants them kept out."""
    day = access.day_of(now)
    for hat in await access.hats(tx, person, now):
        shut = [await statements.shut(tx, {person, hat.team, hat.organisation}, day, topic) for topic in KEPT_OUT]
        if hat.role == "volunteer" and not any(seeker.resident in one for one in shut):
            return hat
    return None


async def _write(tx: Tx, seeker: Seeker, match: str, told: dict[str, Any], now: int) -> None:
    fields = {name: value for name, value in told.items() if value is not None}
    await addresses.by_office(tx, "match", f"resident:{seeker.resident}", match, fields, now)


async def _tell(tx: Tx, errand: str, match: Match, what: str, now: int) -> None:
    """The errand in the volunteer's own language: what they both like and how far it is, and never who."""
    row = await tx.one("SELECT language FROM person WHERE id = $1", match.person)
    speaker = i18n.speaker(row[0] if row else "nl")
    likes = _listed(speaker, [speaker.say(f"likes.{one}").lower() for one in match.fit.likes])
    days = _listed(speaker, [speaker.weekday(rules.day_add(MONDAY, day)) for day in match.fit.weekdays])
    told: dict[str, Any] = {
        "what": speaker.say(f"match.{what}", likes=likes, metres=match.fit.metres),
        "instructions": " ".join(part for part in (days and speaker.say("match.days", days=days), speaker.say(f"match.{what}_how")) if part),
    }
    # Once they meet there is somebody to call: whoever asked the resident.
    colleague = (await addresses.shown(tx, [match.by])).get(match.by, {}) if what == "met" else {}
    told |= {"call": colleague.get("name"), "call_phone": colleague.get("phone")}
    await addresses.by_office(tx, "errand", f"errand:{errand}", errands.derived(errand, f"told {errand}"), told, now)


def _listed(speaker: Speaker, words: list[str]) -> str:
    return ", ".join(words[:-1]) + speaker.say("today.and") + words[-1] if len(words) > 1 else "".join(words)


def _door(now: int, days: int) -> str:
    return json.dumps({"door": rules.day_add(access.day_of(now), days)})


def _new(now: int) -> str:
    return clock.uuid7(now, secrets.token_hex(10))


# What of all that is written brings matches about


async def seek(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After an interest whoever fits it is looked for, or not any more."""
    resident = record["subject"].removeprefix("resident:")
    await tx.run("INSERT INTO interest (id, resident) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", record["id"], resident)
    await settle(tx, record["id"], batch.now)


async def offer(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After an offer those who look for somebody like this hear of it."""
    await seekers.place(tx, record["id"], record["subject"].removeprefix("person:"), batch.now)
    await settle_all(tx, batch.now)


async def choose(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a resident's yes or no to a match, or its end, all of them are as they are now."""
    row = await tx.one("SELECT interest FROM match WHERE id = $1", record["id"])
    if row:
        await settle(tx, row[0], batch.now)


async def hear(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a volunteer's answer: to a match it counts here, and what they tell of somebody they met goes the way of every task."""
    key = record["subject"].removeprefix("errand:")
    row = await tx.one("SELECT m.interest, m.met_at FROM match m JOIN errand e ON e.task = m.ask WHERE e.id = $1", key)
    agrees = merge.shown(record)["fields"]["answer"] in AGREEING
    if row is None or (row[1] is not None and not agrees):
        await tasks.hear(tx, batch, record)
    elif agrees:
        await settle(tx, row[0], batch.now)
        batch.opened = await access.opened(tx, batch.me.person, batch.now)
        batch.reopened = True


async def follow(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a resident's word, a move or another street: what they look for as it is now."""
    noun, _, whom = record["subject"].partition(":")
    sql = f"SELECT i.id FROM interest i JOIN resident r ON r.id = i.resident WHERE r.{'id' if noun == 'resident' else 'household'} = $1"  # noqa: S608
    for (interest,) in await tx.all(f"{sql} ORDER BY i.id", whom):
        await settle(tx, interest, batch.now)


def _then(first: After, more: After) -> After:
    """Both, one after the other; what the office wrote with its own hand brings about nothing."""

    async def both(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
        await first(tx, batch, record)
        if batch.source != "office":
            await more(tx, batch, record)
            for kept in batch.touched.values():
                # The office may have written on where the phone stopped: then the phone is given the whole.
                kept.bounded = kept.bounded or kept.record["kind"] in OURS

    return both


async def _nothing(_tx: Tx, _batch: Batch, _record: dict[str, Any]) -> None:
    """Nobody else follows these."""


for _kind, _more in {"interest": seek, "offer": offer, "match": choose}.items():
    changes.HOOKS[_kind] = (consents.said, _then(_nothing, _more))
for _kind in ("consent", "household", "resident"):
    changes.HOOKS[_kind] = (changes.HOOKS[_kind][0], _then(changes.HOOKS[_kind][1], follow))
changes.HOOKS["answer"] = (tasks.said, hear)
