"""Departures: somebody leaves, and a lead hands over all that waits for them first; nothing stays without an owner, and their phones are emptied.

What stands at front doors that are closed to the lead is not shown: once they are gone the office takes their name off it, so that the team
that comes there finds it in nobody's hands.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import access, audit, bodies, db, handovers, news, openings, operations, people, records, render, sessions, vouchings
from sync import clock, rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.handovers import Leaver, Receiver, Thing
    from server.i18n import Speaker

SHOWN_MS = 30 * 24 * 60 * 60 * 1000
# So far ahead somebody can be said to leave.
AHEAD_DAYS = 400
HOMES_MAX = 600
GIVEN = re.compile(f"({people.ID.pattern} {people.ID.pattern})?")
FORM = {
    "day": operations.TEXT, "all": {"type": "string", "pattern": f"^({people.ID.pattern})?$"},
    "to": {"type": "array", "items": operations.pattern(GIVEN), "maxItems": HOMES_MAX},
}  # fmt: skip


@dataclass(slots=True)
class Told:
    """What a lead sees: who goes, what waits for them that is open to the lead, who may take it over, and what was said of their going before."""

    who: Leaver
    opened: dict[Pair, Opened]
    things: list[Thing]
    receivers: list[Receiver]
    names: dict[str, str]
    gone: list[tuple[str, int, str]] = field(default_factory=list)  # (day, at, by whom) of each departure, once there is nothing left to leave
    wrong: list[tuple[str, str]] = field(default_factory=list)  # (field, message)

    def at(self, home: str) -> list[Thing]:
        """What waits at one front door."""
        return [one for one in self.things if one.home == home]


@dataclass(frozen=True, slots=True)
class Sent:
    """What stood in the form: from which day, who takes all, and who takes what is at which front door."""

    day: str
    all: str
    to: dict[str, str]


@get("/people/{person:str}/departure", operation_class=operations.page(404))
async def departure_page(request: Request[Any, Any, Any], person: FromPath[str]) -> Response[Any]:
    """All that waits for somebody, by front door, and the form to hand it over."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    me, at = await people.need_lead(request), sessions.now()
    told = await db.read(lambda tx: _told(tx, me, person, access.day_of(at), at))
    if told is None:
        raise bodies.refused(404, "not_found")
    if rows := _log(me, told, at):
        await db.write(lambda tx: audit.note(tx, rows))
    return await _page(request, told, Sent(access.day_of(at), "", {}))


@post("/people/{person:str}/departure", status_code=200, operation_class=operations.form(FORM, 409, 422, required=("day",)))
async def leave(request: Request[Any, Any, Any], person: FromPath[str]) -> Response[Any]:
    """Hands everything over and ends their membership, in one; while anything is in nobody's hands nothing happens, and the page says what."""
    me = await people.need_lead(request)
    sent = _sent(await bodies.form(request, *FORM))
    told, devices = await db.write(lambda tx: _work(tx, me, person, sent))
    if told is None:
        raise bodies.refused(404, "not_found")
    if told.gone or told.wrong:
        return await _page(request, told, sent, status=409 if told.gone else 422)
    news.look()
    for device in devices:
        news.end(device)
    return await _page(request, told, sent, done=True)


async def complete(now: int) -> None:
    """Each night: who is gone from today on has nothing in their name any more, and nothing on their phones when no hat is left; what phones that
    were away gave them since is taken off their name too.
    """
    sql = "SELECT id FROM departure WHERE day <= $1 AND (done_at IS NULL OR done_at > $2) ORDER BY id"
    for (key,) in await db.read(lambda tx: tx.all(sql, access.day_of(now), now - SHOWN_MS)):
        for device in await db.write(partial(_complete, departure=key, now=now)):
            news.end(device)


routes = [departure_page, leave]


async def _work(tx: Tx, me: Me, person: str, sent: Sent) -> tuple[Told | None, list[str]]:
    """(what became of it, the devices that are emptied) in its unit of work."""
    at = sessions.now()
    # Taken first, so that of two leads at once the second sees what the first has done.
    await db.number(tx, 1)
    today = access.day_of(at)
    day = sent.day if _is_day(sent.day, today) else today
    told = await _told(tx, me, person, day, at)
    if told is None or told.gone:
        return told, []
    given = _given(told, sent)
    if not _is_day(sent.day, today):
        told.wrong.append(("day", "departure.wrong.day"))
    if told.wrong:
        return told, []
    await handovers.pass_on(tx, me, told.who, given, at)
    await handovers.tell(tx, me, told.who, given, at)
    made = []
    for hat in [hat for hat, said in await _hats(tx, me, person, today, at) if not said]:
        made.append(clock.uuid7(at, secrets.token_hex(10)))
        await people.end(tx, hat, rules.day_add(day, -1), at)
        await tx.run("INSERT INTO departure (id, hat, by, at, day, done_at) VALUES ($1, $2, $3, $4, $5, NULL)", made[-1], hat, me.person, at, day)
    more = {"object": person, "n": len(given), "source": "page", "result": "ok"}
    await audit.note(tx, [audit.row(me, people.led_by(me)[0], at, "handed_over", **more)])
    devices = [device for key in made if day <= today for device in await _complete(tx, key, at)]
    return told, devices


async def _complete(tx: Tx, departure: str, now: int) -> list[str]:
    """What is left under the hat in nobody's hands; the devices that are emptied, because it was the last."""
    row = await tx.one(
        "SELECT m.person, p.name, m.team FROM departure d JOIN membership m ON m.id = d.hat JOIN person p ON p.id = m.person WHERE d.id = $1",
        departure,
    )
    worn = await access.hats(tx, row[0], now) if row else ()
    # Who came back to the team meanwhile is expected there again.
    if row is None or any(hat.team == row[2] for hat in worn):
        return []
    person, name, team = row
    await handovers.release(tx, await handovers.leaver(tx, person, name, [team]), now)
    await tx.run("UPDATE departure SET done_at = $1 WHERE id = $2 AND done_at IS NULL", now, departure)
    if await tx.one("SELECT id FROM membership WHERE person = $1 AND (until IS NULL OR until >= $2)", person, access.day_of(now)):
        return []
    # No passkey is left, and none can be made any more; the phones still hand in what was not sent.
    devices = await vouchings.recover(tx, person, "", now)
    await tx.run("UPDATE invitation SET expires_at = $1 WHERE person = $2 AND used_at IS NULL AND expires_at > $1", now, person)
    await audit.note(tx, [audit.row(access.OFFICE, None, now, "device_revoked", object=one, source="departure", result="ok") for one in devices])
    return devices


async def _hats(tx: Tx, me: Me, person: str, today: str, at: int) -> list[tuple[str, tuple[str, int, str] | None]]:
    """[(hat, (day, at, by whom) of its departure or None)] of somebody else in the teams that I lead, today or until not long ago."""
    rows = await tx.all(
        "SELECT m.id, d.day, d.at, b.name FROM membership m LEFT JOIN departure d ON d.hat = m.id LEFT JOIN person b ON b.id = d.by"  # noqa: S608
        f" WHERE m.person = $1 AND {db.among('m.team', 2)} AND m.person <> $3 AND (m.until IS NULL OR m.until >= $4 OR d.at > $5) ORDER BY m.id",
        *(person, [hat.team for hat in people.led_by(me)], me.person, today, at - SHOWN_MS),
    )
    return [(row[0], (row[1], row[2], row[3]) if row[1] else None) for row in rows]


async def _told(tx: Tx, me: Me, person: str, day: str, at: int) -> Told | None:
    """None when there is nobody of that name for me."""
    today = access.day_of(at)
    hats = await _hats(tx, me, person, today, at) if people.ID.fullmatch(person) else []
    row = await tx.one("SELECT name FROM person WHERE id = $1 AND left_at IS NULL", person) if hats else None
    if row is None:
        return None
    teams = [hat.team for hat in people.led_by(me)]
    who, opened = await handovers.leaver(tx, person, row[0], teams), await access.opened(tx, me.person, at)
    gone = [said for _, said in hats if said] if all(said for _, said in hats) else []
    found = [] if gone else [one for one in await handovers.find(tx, who, today, opened) if _passes(who, one)]
    homes = {one.home for one in found}
    shown = await records.find(tx, me, opened, homes)
    names = {key: str(one["fields"].get("name") or "") for key, one in shown.items()} | {hat.team: hat.team_name for hat in people.led_by(me)}
    order = sorted(found, key=lambda one: (names.get(one.home, ""), one.home, handovers.THINGS.index(one.kind), one.record["id"]))
    return Told(who, opened, order, [] if gone else await handovers.receivers(tx, who, at, day), names, gone)


def _passes(who: Leaver, one: Thing) -> bool:
    """Whether it can be handed on: what is in the hands of a volunteer the household's own team asks somebody else."""
    return one.kind in {"schedule", "remark"} or (one.kind == "task" and one.fields.get("owner") in who.hats)


def _sent(form: Any) -> Sent:
    """What stands in the form; what is no choice of the page was never on it."""
    wrong = [name for name in ("all", "to") for one in form.getall(name, []) if not (people.ID.fullmatch(str(one)) or GIVEN.fullmatch(str(one)))]
    if wrong:
        raise bodies.refused(400, "invalid", (wrong[0], "not_allowed"))
    pairs = [str(one).split(" ") for one in form.getall("to", []) if one]
    return Sent(str(form.get("day", "")), str(form.get("all", "")), {one[0]: one[-1] for one in pairs})


def _given(told: Told, sent: Sent) -> list[tuple[Thing, Receiver]]:
    """Each thing with who takes it over; what nobody takes, or somebody who cannot, is said beside its front door."""
    able, given = {one.hat: one for one in told.receivers}, []
    for home in dict.fromkeys(one.home for one in told.things):
        chosen, things = sent.to.get(home) or sent.all, told.at(home)
        receiver = able.get(chosen)
        if receiver is None:
            told.wrong.append((home, "departure.wrong.gone" if chosen else "departure.wrong.nobody"))
        elif not receiver.takes(things):
            told.wrong.append((home, "departure.wrong.closed"))
        else:
            given += [(one, receiver) for one in things]
    return given


def _is_day(text: str, today: str) -> bool:
    """Whether this is today or a day to come that is not too far off."""
    try:
        return today <= date.fromisoformat(text).isoformat() == text <= rules.day_add(today, AHEAD_DAYS)
    except ValueError:
        return False


def _log(me: Me, told: Told, at: int) -> list[dict[str, Any]]:
    """That I saw so much of each household and resident."""
    seen = Counter(one.pair for one in told.things)
    about = {pair: {"subject": pair[0], "topic": pair[1], "n": n, "ground": told.opened[pair].ground} for pair, n in seen.items()}
    return [audit.row(me, told.opened[pair].hat, at, "read", **said, source="page", result="ok") for pair, said in about.items()]


async def _page(request: Request[Any, Any, Any], told: Told, sent: Sent, *, status: int = 200, done: bool = False) -> Response[Any]:
    speaker, now = await sessions.speaker_of(request), sessions.now()
    homes, language = list(dict.fromkeys(one.home for one in told.things)), speaker.language
    day, (errors, mend) = speaker.date(sent.day) if done else "", _wrong(speaker, told, sent)
    return render.page(
        "departure.html",
        speaker,
        status=status,
        here="people",
        person=told.who.person,
        name=told.who.name,
        done=speaker.say("departure.done", name=told.who.name, day=day) if done else "",
        gone=[speaker.say("departure.gone", day=speaker.date(of), by=by, when=speaker.when(at, now)) for of, at, by in told.gone],
        total=speaker.say("departure.total", what=handovers.counts(language, told.things), doors=handovers.doors(language, told.things)),
        homes=[_home(speaker, told, sent, home) for home in homes],
        all=_options(told.receivers, sent.all),
        values={"day": sent.day},
        errors=errors,
        mend=mend,
    )


def _home(speaker: Speaker, told: Told, sent: Sent, home: str) -> dict[str, Any]:
    """A front door with what waits there, and who may take it over."""
    things = told.at(home)
    able = [one for one in told.receivers if one.takes(things)]
    return {
        "id": home,
        "name": told.names.get(home) or speaker.say("hand.unknown"),
        "counts": handovers.counts(speaker.language, things),
        "things": [str(one.fields.get("text") if one.kind == "remark" else one.fields["what"]) for one in things],
        "options": [{**one, "value": f"{home} {one['value']}"} for one in _options(able, sent.to.get(home, ""))],
    }


def _options(receivers: list[Receiver], chosen: str) -> list[dict[str, Any]]:
    return [{"value": one.hat, "text": one.name, "chosen": one.hat == chosen} for one in receivers]


def _wrong(speaker: Speaker, told: Told, sent: Sent) -> tuple[list[dict[str, str]], list[str]]:
    """(what is wrong, for beside its field; the same as lines, each with the places of which it is so)."""
    names = {one.hat: one.name for one in told.receivers}
    errors, places = [], defaultdict(list)
    for home, key in told.wrong:
        message = speaker.say(key, name=names.get(sent.to.get(home) or sent.all, ""))
        errors.append({"field": home, "message": message})
        places[message].append(told.names.get(home) or speaker.say("departure.when" if home == "day" else "hand.unknown"))
    return errors, [f"{', '.join(of)}: {message}" for message, of in places.items()]
