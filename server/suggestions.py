"""Suggestions: what the people of a lead's teams would change about Naober, and what was answered, which comes back to whoever wrote it."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import access, audit, bodies, changes, db, entries, errands, news, openings, operations, people, records, render, sessions
from sync import clock, merge, rules

if TYPE_CHECKING:
    from server.access import Me
    from server.db import Tx
    from server.entries import Teller
    from server.records import Shown

MOST = 200
TEXT_MAX = 2000
NOUN = re.compile(r"/([a-z]+)(?=/|$)")
VERBS = ("new", "edit")
FORM = {"op": operations.pattern(people.ID), "text": {"type": "string", "maxLength": TEXT_MAX, "pattern": r"\S"}}


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it was sent: to which suggestion, and the name of the message that says what is wrong with it ('' when nothing is)."""

    to: str
    op: str
    text: str
    wrong: str


@dataclass(slots=True)
class Found:
    """The suggestions of my teams, newest first, their answers by suggestion, and the colleagues by whom they are told."""

    all: list[Shown]
    answers: dict[str, list[Shown]]
    known: dict[str, Shown]


@get("/suggestions", operation_class=operations.page(404))
async def suggestions_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """What the people of my teams would change, unanswered first."""
    if await openings.reader(request) is None:
        return await openings.to_open(request)
    return await _page(request, await people.need_lead(request))


@post("/suggestions/{suggestion:str}/responses", status_code=200, operation_class=operations.form(FORM, 422, required=("op", "text")))
async def respond(request: Request[Any, Any, Any], suggestion: FromPath[str]) -> Response[Any]:
    """My answer to a suggestion of my teams; once, however often it is sent."""
    me, at = await people.need_lead(request), sessions.now()
    form = await bodies.form(request, *FORM)
    op, text = str(form.get("op", "")), str(form.get("text", "")).replace("\r\n", "\n").strip()
    if not people.ID.fullmatch(op):
        raise bodies.refused(400, "invalid", ("op", "not_allowed"))
    found = await db.read(lambda tx: _found(tx, me, at))
    one = next((one for one in found.all if one["id"] == suggestion), None)
    if one is None:
        raise bodies.refused(404, "not_found")
    sent = Sent(suggestion, op, text, _wrong(text))
    if not sent.wrong:
        await db.write(lambda tx: changes.apply(tx, [_change(me, one, sent, at)], me, now=at, source="page"))
        news.look()
    return await _page(request, me, sent)


routes = [suggestions_page, respond]


async def _page(request: Request[Any, Any, Any], me: Me, sent: Sent | None = None) -> Response[Any]:
    at = sessions.now()
    found = await db.read(lambda tx: _found(tx, me, at))
    rows = _log(me, found, at)
    if rows:
        await db.write(lambda tx: audit.note(tx, rows))
    speaker = await sessions.speaker_of(request)
    teller = entries.Teller(speaker, at, found.known)
    ideas = sorted((_idea(teller, found, one, sent) for one in found.all), key=lambda idea: bool(idea["answers"]))
    waiting = sum(not idea["answers"] for idea in ideas)
    context = {"ideas": ideas, "count": speaker.say("suggestions.count", n=waiting) if waiting else "", "saved": bool(sent and not sent.wrong)}
    return render.page("suggestions_desk.html", speaker, status=422 if sent and sent.wrong else 200, here="suggestions", **context)


async def _found(tx: Tx, me: Me, at: int) -> Found:
    opened = await access.opened(tx, me.person, at)
    subjects = [f"team:{hat.team}" for hat in people.led_by(me)]
    rows = await tx.all(
        f"SELECT subject, topic, first, body FROM record WHERE {db.among('subject', 1)} AND topic = 'practical' AND {db.among('kind', 2)}"  # noqa: S608
        " ORDER BY seq DESC LIMIT $3",
        *(subjects, ["suggestion", "response"], MOST),
    )
    shown = [merge.shown(msgspec.json.decode(body)) for subject, topic, first, body in rows if access.opens(opened, (subject, topic), first)]
    answers: dict[str, list[Shown]] = {}
    for one in reversed(shown):
        if one["kind"] == "response":
            answers.setdefault(one["fields"]["to"], []).append(one)
    known = await records.find(tx, me, opened, {one["by"] for one in shown})
    return Found([one for one in shown if one["kind"] == "suggestion"], answers, known)


def _idea(teller: Teller, found: Found, one: Shown, sent: Sent | None) -> dict[str, Any]:
    mine = sent if sent and sent.wrong and sent.to == one["id"] else None
    return {
        "id": one["id"], "text": one["fields"]["text"], "meta": f"{_meta(teller, one)} · {_screen(teller, one['fields'].get('screen', ''))}",
        "answers": [{"text": answer["fields"]["text"], "meta": _meta(teller, answer)} for answer in found.answers.get(one["id"], [])],
        "op": mine.op if mine else clock.uuid7(teller.now, secrets.token_hex(10)), "typed": mine.text if mine else "",
        "errors": [{"field": f"text-{one['id']}", "message": teller.speaker.say(mine.wrong)}] if mine else [],
    }  # fmt: skip


def _meta(teller: Teller, one: Shown) -> str:
    return f"{teller.speaker.when(entries.written(one), teller.now)} · {teller.signature(one)}"


def _screen(teller: Teller, screen: str) -> str:
    """A screen of the phone in words, as there (pwa/pages/suggestions.js)."""
    nouns = [noun for noun in NOUN.findall(screen) if noun not in VERBS]
    key = f"screen.{nouns[-1]}" if nouns else ""
    return teller.speaker.say(key if key in teller.speaker.messages else "suggestion.screen")


def _change(me: Me, one: Shown, sent: Sent, at: int) -> dict[str, Any]:
    hat = next(hat for hat in people.led_by(me) if one["subject"] == f"team:{hat.team}")
    what = {"kind": "response", "subject": one["subject"], "topic": "practical"}
    ids = (errands.derived(sent.op, f"response {sent.op} {me.person}"), sent.op)
    return changes.make(hat, what, {"to": one["id"], "text": sent.text, "at": at}, ids=ids, stamp=clock.tick(None, at, me.device), n=1)


def _wrong(text: str) -> str:
    """The message of why this is no answer, or ''."""
    if not text:
        return "worry.words"
    if rules.NOT_TEXT.search(text):
        return "wrong.bad_text"
    return "wrong.too_long" if len(text) > TEXT_MAX else ""


def _log(me: Me, found: Found, at: int) -> list[dict[str, Any]]:
    """That I saw so much of each team; once an hour a session."""
    counts = Counter(one["subject"] for one in [*found.all, *(answer for all_ in found.answers.values() for answer in all_)])
    hats = {f"team:{hat.team}": hat for hat in people.led_by(me)}
    rows = []
    for subject, n in counts.items():
        about = {"subject": subject, "topic": "practical", "n": n, "ground": "team", "source": "page", "result": "ok"}
        rows.append(audit.row(me, hats[subject], at, "read", id=audit.hourly(at, me.session, "suggestions", subject, n), **about))
    return rows
