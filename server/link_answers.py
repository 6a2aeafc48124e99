"""What helpers without an account answer by their link: taken in once, also late, and said by the household's own records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, Response, post

from server import access, addresses, bodies, changes, db, errands, links, news, operations, sessions
from sync import clock, rules

if TYPE_CHECKING:
    from server.db import Tx
    from server.links import Link

ANSWERS_MAX, ALL_ANSWERS_MAX = 50, 300
COMPLETIONS = ("done", "could_not")


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """One answer, as a volunteer gives it from a phone; id is a UUIDv7 that the browser made, at an instant in ms."""

    id: str
    task: str
    answer: str
    at: int
    day: str | None = None
    text: str | None = None


class Answers(msgspec.Struct, forbid_unknown_fields=True):
    """What was answered since the last time that there was signal."""

    token: str
    answers: Annotated[list[Answer], operations.at_most(ANSWERS_MAX)]


@post("/l/answers", status_code=200, tags=["neighbour"], operation_class=operations.takes(Answers, 404, 409, 429, session=False))
async def take_answers(request: Request[Any, Any, Any]) -> Response[dict[str, list[str]]]:
    """Takes in what was answered, once however often it comes; also late, when the link was in use in this browser."""
    asked = bodies.decoded(await bodies.read(request), Answers)
    if len(asked.answers) > ANSWERS_MAX:
        raise bodies.refused(413, "too_many", ("answers", "too_long"))
    if wrong := [(f"answers.{one['field']}", one["why"]) for answer in asked.answers for one in _faults(answer)]:
        raise bodies.refused(400, "invalid", *wrong[:1])
    state = await db.write(lambda tx: _answered(tx, asked, links.secret_of(request), sessions.now()))
    if state in links.REFUSED:
        raise bodies.refused(*links.REFUSED[state])
    news.look()
    return Response({"taken": [one.id for one in asked.answers]}, headers={"Cache-Control": "no-store"})


routes = [take_answers]


async def _answered(tx: Tx, asked: Answers, secret: str, now: int) -> str:
    """taken_in, or one of REFUSED."""
    link = await links.by_token(tx, asked.token)
    if link is None:
        return links.wrong_token(now)
    if not secret or link.browser != links.of_browser(link, secret):
        await links.note(tx, link, now, "link_answered", "taken")
        return "taken"
    known = await tx.one("SELECT count(*) FROM link_answer WHERE link = $1", link.id)
    if known and known[0] + len(asked.answers) > ALL_ANSWERS_MAX:
        return "often"
    for one in sorted(asked.answers, key=lambda answer: answer.at):
        key = errands.derived(one.id, f"answer {link.id} {one.id}")
        if await tx.run("INSERT INTO link_answer (id, link, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING", key, link.id, now) == 1:
            await _heed(tx, link, key, one, now)
    return "taken_in"


async def _heed(tx: Tx, link: Link, key: str, one: Answer, now: int) -> None:
    """An answer as the household's own records say it; a yes or no that comes too late changes nothing any more."""
    tasks = await links.tasks(tx, link)
    late = not link.open(access.day_of(now)) or one.task not in tasks
    there = one.task in link.tasks and one.task in await links.records(tx, link, "task")
    told = {"task": one.task, "helper": link.helper, "day": one.day, "text": one.text, "at": min(one.at, now), "late": late or None}
    if there and one.answer in COMPLETIONS:
        await _write(tx, link, "completion", key, {**told, "outcome": one.answer}, now)
    elif there and one.answer == "worried":
        await _write(tx, link, "worry", key, {**told, "text": one.text or "…"}, now)
    elif there and not late:
        await _agree(tx, link, one, tasks[one.task], now)
    await links.note(tx, link, now, "link_answered", "late" if late else "ok")


async def _agree(tx: Tx, link: Link, one: Answer, task: dict[str, Any], now: int) -> None:
    yes = one.answer == "accepted"
    await links.ask(tx, link, one.task, {"answer": "yes" if yes else "no", "answered_at": min(one.at, now)}, now)
    if yes or task.get("helper"):
        await addresses.by_office(tx, "task", f"household:{link.household}", one.task, {"helper": link.helper if yes else None}, now)


async def _write(tx: Tx, link: Link, kind: str, key: str, fields: dict[str, Any], now: int) -> None:
    said = {name: value for name, value in fields.items() if value is not None}
    await addresses.by_office(tx, kind, f"household:{link.household}", errands.derived(key, f"{kind} {key}"), said, now)


def _faults(one: Answer) -> list[dict[str, str]]:
    """What is wrong with an answer: it is judged as a volunteer's."""
    named = {"answer": one.answer, "at": one.at, "day": one.day, "text": one.text}
    fields = {name: value for name, value in named.items() if value is not None}
    what = {"kind": "answer", "subject": f"errand:{one.task}", "topic": "practical"}
    stamp = clock.tick(None, 0, access.OFFICE.device)
    return rules.check(changes.make(access.OFFICE.hats[0], what, fields, ids=(one.id, one.task), stamp=stamp, n=1), changes.KINDS)
