"""People: who works here, in which team and role. What colleagues know of a hat is its `colleague` record, written by the office."""

from __future__ import annotations

import re
import secrets
from datetime import date
from typing import Any

from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from server import access, addresses, audit, bodies, db, i18n, openings, operations, proposals, render, sessions
from server.access import Hat, Me
from server.db import Tx
from sync import clock

ROLES_OF_KIND = {"care": ("nurse", "lead"), "welfare": ("outreach", "lead"), "volunteers": ("volunteer", "lead")}
# What each kind of organisation usually calls a resident; everybody can choose another word.
WORD_OF_KIND = {"care": "client", "welfare": "inhabitant", "volunteers": "resident"}
NAME_MAX = 120
PHONE_MAX = 40
# A certificate of conduct says how it was on its day; after so many years most homes of volunteers ask a new one.
VOG_YEARS = 3
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PHONE = re.compile(r"[-0-9 +()/.]*[0-9][-0-9 +()/.]*")
FORM = {
    "op": operations.pattern(ID), "name": {"type": "string", "minLength": 1, "maxLength": NAME_MAX}, "team": operations.TEXT,
    "role": {"enum": sorted({role for roles in ROLES_OF_KIND.values() for role in roles})}, "phone": {"type": "string", "maxLength": PHONE_MAX},
}  # fmt: skip
LINE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")


async def add(tx: Tx, person: str, name: str, *, language: str, word: str, now: int) -> bool:
    """Somebody new under this id; False when the id is taken, so that a form sent twice adds nobody twice."""
    return await tx.run(
        "INSERT INTO person (id, name, language, word, created_at, left_at) VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (id) DO NOTHING",
        *(person, name, language, word, now),
    ) == 1  # fmt: skip


async def join(
    tx: Tx, person: str, team: str, role: str, *, now: int, phone: str | None = None, since: str | None = None, hat: str = "",
) -> str:  # fmt: skip
    """The new hat's id (`hat` when it is given): this person in this team and role from a day on (today when not said); colleagues hear of it."""
    hat = hat or _id(now)
    await tx.run(
        "INSERT INTO membership (id, person, team, role, since, until) VALUES ($1, $2, $3, $4, $5, NULL)",
        *(hat, person, team, role, since or access.day_of(now)),
    )
    row = await tx.one(
        "SELECT p.name, t.name, o.id, o.name FROM person p, team t JOIN organisation o ON o.id = t.organisation WHERE p.id = $1 AND t.id = $2",
        *(person, team),
    )
    if row is None:
        raise LookupError(f"person {person} or team {team} does not exist; add them before the membership")
    name, team_name, organisation, organisation_name = row
    fields = {"person": person, "name": name, "role": role, "team": team, "team_name": team_name, "organisation_name": organisation_name}
    await addresses.by_office(tx, "colleague", f"organisation:{organisation}", hat, fields | ({"phone": phone} if phone else {}), now)
    return hat


async def end(tx: Tx, hat: str, day: str, now: int) -> None:
    """Ends a hat after this day; colleagues who know it hear of it, so that nobody gives it anything more."""
    await tx.run("UPDATE membership SET until = $1 WHERE id = $2 AND (until IS NULL OR until > $1)", day, hat)
    if await addresses.shown(tx, [hat]):
        row = await tx.one("SELECT t.organisation FROM membership m JOIN team t ON t.id = m.team WHERE m.id = $1", hat)
        await addresses.by_office(tx, "colleague", f"organisation:{row[0] if row else ''}", hat, {"until": day}, now)


def led_by(me: Me) -> tuple[Hat, ...]:
    """The hats in which I lead a team."""
    return tuple(hat for hat in me.hats if hat.role == "lead")


async def need_lead(request: Request[Any, Any, Any]) -> Me:
    """Who is asking, when they lead a team; to anybody else the pages of leads are not there."""
    me = await openings.need(request)
    if not led_by(me):
        raise bodies.refused(404, "not_found")
    return me


async def members(tx: Tx, me: Me, since: str) -> list[tuple[Any, ...]]:
    """(hat, person, team) of everybody else who was in a team that I lead on this day or later."""
    return await tx.all(
        f"SELECT id, person, team FROM membership WHERE {db.among('team', 1)} AND person <> $2 AND (until IS NULL OR until >= $3)",  # noqa: S608
        *([hat.team for hat in led_by(me)], me.person, since),
    )


async def leads_beside(tx: Tx, me: Me, day: str) -> set[str]:
    """The hats of the others who lead a team of mine on this day."""
    rows = await tx.all(
        f"SELECT m.id FROM membership m JOIN person p ON p.id = m.person WHERE {db.among('m.team', 1)} AND m.role = 'lead' AND m.person <> $2"  # noqa: S608
        " AND p.left_at IS NULL AND m.since <= $3 AND (m.until IS NULL OR m.until >= $3)",
        *([hat.team for hat in led_by(me)], me.person, day),
    )
    return {hat for (hat,) in rows}


async def find(tx: Tx, me: Me, person: str, now: int) -> dict[str, str] | None:
    """{id, name, team} of somebody in a team that I lead, or None."""
    row = await tx.one(
        f"SELECT p.id, p.name, m.team FROM person p JOIN membership m ON m.person = p.id WHERE p.id = $1 AND p.left_at IS NULL"  # noqa: S608  our own SQL
        f" AND {db.among('m.team', 2)} AND (m.until IS NULL OR m.until >= $3)",
        *(person, [hat.team for hat in led_by(me)], access.day_of(now)),
    )
    return {"id": row[0], "name": row[1], "team": row[2]} if row else None


async def teams(tx: Tx, me: Me, speaker: i18n.Speaker, now: int) -> list[dict[str, Any]]:
    """Each team that I lead with its people, as /people shows them."""
    rows = await tx.all(
        "SELECT m.team, p.id, p.name, m.role, (SELECT count(*) FROM passkey k WHERE k.person = p.id),"  # noqa: S608  our own SQL
        " (SELECT max(d.last_seen_at) FROM device d WHERE d.person = p.id),"
        " (SELECT max(i.expires_at) FROM invitation i WHERE i.person = p.id AND i.used_at IS NULL AND i.expires_at > $2), m.vog,"
        " (SELECT d.day FROM departure d WHERE d.hat = m.id)"
        f" FROM membership m JOIN person p ON p.id = m.person WHERE {db.among('m.team', 1)}"
        " AND p.left_at IS NULL AND (m.until IS NULL OR m.until >= $3) ORDER BY p.name, m.id",
        *([hat.team for hat in led_by(me)], now, access.day_of(now)),
    )
    shown = [(team, _shown(speaker, now, *row) | {"leaving": _leaving(speaker, me, row[0], gone)}) for team, *row, gone in rows]
    return [
        {
            "id": hat.team, "name": hat.team_name, "organisation": hat.organisation_name,
            "roles": [{"value": role, "text": speaker.say(f"role.{role}")} for role in ROLES_OF_KIND.get(hat.organisation_kind, ())],
            "people": [person for team, person in shown if team == hat.team],
        }
        for hat in led_by(me)
    ]


@get("/people", operation_class=operations.page(404))
async def people_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The people of the teams I lead, and the form to add somebody."""
    me = await openings.reader(request)
    return await _page(request, me) if me else await openings.to_open(request)


@post("/people", operation_class=operations.form(FORM, 422, required=("op", "name", "team", "role")))
async def add_person(request: Request[Any, Any, Any]) -> Response[Any]:
    """Adds somebody to a team that I lead; what is missing is said beside its field."""
    me = await openings.need(request)
    form = await bodies.form(request, *FORM)
    values = {name: str(value).strip() for name, value in form.items() if isinstance(value, str)}
    hat = next((hat for hat in led_by(me) if hat.team == values.get("team")), None)
    errors = _wrong(values, hat)
    if errors or hat is None:
        return await _page(request, me, values, errors, status=422)

    async def work(tx: Tx) -> bool:
        now, person = sessions.now(), values["op"]
        told = {"name": values["name"], "phone": values.get("phone", ""), "language": me.language, "word": WORD_OF_KIND[hat.organisation_kind]}
        if values["role"] == "lead":
            return await proposals.propose(tx, me, hat, "lead", person, told, now)
        if await _add_to(tx, hat.team, values["role"], person, told, now):
            await audit.note(tx, [audit.row(me, hat, now, "person_added", object=person, source="page", result="ok")])
        return True

    if not await db.write(work):
        return await _page(request, me, values, [("role", "alone")], status=422)
    return await _page(request, me, added=values["name"], proposed=values["role"] == "lead")


@put("/people/{person:str}/vog", operation_class=operations.form({"vog": operations.TEXT}, 422, required=("vog",)))
async def note_vog(request: Request[Any, Any, Any], person: FromPath[str]) -> Response[Any]:
    """Notes the day of a volunteer's certificate of conduct, as I saw it."""
    me = await need_lead(request)
    day = str((await bodies.form(request, "vog")).get("vog", ""))
    now = sessions.now()
    teams_ = [hat.team for hat in led_by(me) if hat.organisation_kind == "volunteers"]
    wanted = f"{db.among('team', 1)} AND person = $2 AND role = 'volunteer'"

    async def work(tx: Tx) -> bool:
        hats = await tx.all(f"SELECT id FROM membership WHERE {wanted}", teams_, person)  # noqa: S608  our own SQL
        if hats and _is_day(day, now):
            await tx.run(f"UPDATE membership SET vog = $3 WHERE {wanted}", teams_, person, day)  # noqa: S608  our own SQL
            await audit.note(tx, [audit.row(me, led_by(me)[0], now, "vog_noted", object=person, source="page", result="ok")])
        return bool(hats)

    if not ID.fullmatch(person) or not await db.write(work):
        raise bodies.refused(404, "not_found")
    errors = [] if _is_day(day, now) else [(f"vog-{person}", "type")]
    return await _page(request, me, errors=errors, status=422 if errors else 200)


routes = [people_page, add_person, note_vog]


async def _page(
    request: Request[Any, Any, Any],
    me: Me,
    values: dict[str, str] | None = None,
    errors: list[tuple[str, str]] | None = None,
    *,
    added: str = "",
    proposed: bool = False,
    status: int = 200,
) -> Response[Any]:
    if not led_by(me):
        raise bodies.refused(404, "not_found")
    speaker, now = await sessions.speaker_of(request), sessions.now()
    found = await db.read(lambda tx: teams(tx, me, speaker, now))
    roles = {role["value"]: role for team in found for role in team["roles"]}
    return render.page(
        "people.html",
        speaker,
        status=status,
        teams=found,
        roles=list(roles.values()),
        added=added,
        proposed=proposed,
        waiting=await db.read(lambda tx: proposals.waiting(tx, me, now)),
        op=_id(now),
        here="people",
        mend=any(not field.startswith("vog-") for field, _ in errors or []),
        values={"name": "", "phone": "", "team": "", "role": "", **(values or {})},
        errors=[{"field": field, "message": speaker.say(f"people.wrong.{field.partition('-')[0]}.{why}")} for field, why in errors or []],
    )


def _wrong(values: dict[str, str], hat: Hat | None) -> list[tuple[str, str]]:
    """[(field, why)] of the form to add somebody."""
    wrong: list[tuple[str, str]] = []
    for field, most in (("name", NAME_MAX), ("phone", PHONE_MAX)):
        text = values.get(field, "")
        if field == "name" and not text:
            wrong.append((field, "required"))
        elif len(text) > most or not LINE.fullmatch(text):
            wrong.append((field, "not_allowed"))
        elif field == "phone" and text and not PHONE.fullmatch(text):
            wrong.append((field, "type"))
    if hat is None:
        wrong.append(("team", "required"))
    elif values.get("role") not in ROLES_OF_KIND.get(hat.organisation_kind, ()):
        wrong.append(("role", "required"))
    if not ID.fullmatch(values.get("op", "")):
        wrong.append(("op", "required"))
    return wrong


def _shown(
    speaker: i18n.Speaker, now: int, person: str, name: str, role: str, passkeys: int, seen: int | None, open_until: int | None, vog: str | None,
) -> dict[str, Any]:  # fmt: skip
    if passkeys:
        state, tone = speaker.say("people.active", when=speaker.when(seen or now, now)), "moss"
    elif open_until:
        state, tone = speaker.say("people.invited", when=speaker.when(open_until, now)), "ochre"
    else:
        state, tone = speaker.say("people.waiting"), "plain"
    shown = {"id": person, "name": name, "role": speaker.say(f"role.{role}"), "state": state, "tone": tone, "new": not passkeys}
    return shown | ({"vog": _vog(speaker, vog, now)} if role == "volunteer" else {"vog": None})


def _leaving(speaker: i18n.Speaker, me: Me, person: str, day: str | None) -> str:
    """What leads to handing over somebody's work; nobody hands over their own."""
    if person == me.person:
        return ""
    return speaker.say("departure.from", day=speaker.date(day)) if day else speaker.say("departure.link")


def _vog(speaker: i18n.Speaker, day: str | None, now: int) -> dict[str, Any]:
    """The day of a certificate of conduct with its age in whole years, and whether it is older than three."""
    if not day:
        return {"day": "", "text": speaker.say("people.vog_none"), "old": False}
    today = access.day_of(now)
    years = int(today[:4]) - int(day[:4]) - (today[5:] < day[5:])
    return {"day": day, "text": speaker.say("people.vog", day=speaker.date(day), age=speaker.say("people.years", n=years)), "old": years >= VOG_YEARS}


def _is_day(text: str, now: int) -> bool:
    """Whether this is a day that was, or is today."""
    try:
        return date.fromisoformat(text).isoformat() == text <= access.day_of(now)
    except ValueError:
        return False


def _id(now: int) -> str:
    return clock.uuid7(now, secrets.token_hex(10))


async def _add_to(tx: Tx, team: str, role: str, person: str, told: dict[str, str], now: int) -> bool:
    """Puts somebody new in a team, once; `told`: name, phone, language and word."""
    made = await add(tx, person, told["name"], language=told["language"], word=told["word"], now=now)
    if made:
        await join(tx, person, team, role, now=now, phone=told["phone"])
    return made


async def _becomes_lead(tx: Tx, asked: proposals.Proposal, now: int) -> None:
    """Two leads want it: somebody new leads their team."""
    await _add_to(tx, asked.team, "lead", asked.whom, asked.told, now)


proposals.ACTS["lead"] = _becomes_lead
