"""Links for helpers without an account: what a link's token opens, in the one browser that opened it first.

A table follows the records of the kind link. The token stands in the fragment of the address alone, and its hash in the record.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import Cookie

from server import access, addresses, audit, bodies, changes, db, errands, operations, sessions
from server.config import settings
from server.errands import Errand
from sync import merge, rules

if TYPE_CHECKING:
    from server.access import Hat
    from server.changes import Batch, Result
    from server.db import Tx

TOKEN, HASH, SECRET = re.compile(r"[A-Za-z0-9_-]{22}"), re.compile(r"[0-9a-f]{64}"), re.compile(r"[A-Za-z0-9_-]{43}")
COOKIE = "__Secure-naober-link" if settings.secure else "naober-link"
COOKIE_S = 70 * 24 * 60 * 60
# Whatever a link says itself, it opens nothing after so many days.
LIFE_DAYS_MAX = 62
AHEAD_MAX = 14
# Nobody guesses 128 bits; so many wrong tokens a minute are looked up and noted, and who holds a right one never waits for others.
WRONG_MAX = 300
MINUTE_MS = 60_000
TOLD = ("what", "time", "instructions", "call", "call_phone")
REFUSED = {"unknown": (404, "not_found"), "often": (429, "busy"), "taken": (409, "link_taken"), "over": (410, "link_over")}
COLUMNS = "id, household, helper, tasks, since, until, revoked, browser"

_wrong: Counter[int] = Counter()


class Opening(msgspec.Struct, forbid_unknown_fields=True):
    """The token out of the fragment of the address."""

    token: str


@dataclass(frozen=True, slots=True)
class Link:
    """To which tasks of a household it leads whom, from when to when, and the hash of what its browser proves."""

    id: str
    household: str
    helper: str
    tasks: list[str]
    since: str
    until: str
    revoked: bool
    browser: str | None

    def open(self, day: str) -> bool:
        """Whether it still tells anything on this day."""
        return not self.revoked and day <= self.until

    def asking(self, task: str) -> str:
        """The id of the record that its helper was asked to do a task."""
        return errands.derived(self.id, f"asking {self.id} {task}")


async def said(_tx: Tx, _batch: Batch, _change: dict[str, Any], _hat: Hat) -> Result | None:
    """Whoever may write here may write this."""
    return None


async def follow(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a link: it is known by its token from now on, and who was asked stands with the household; a withdrawal counts at once."""
    fields, day = merge.shown(record)["fields"], access.day_of(batch.now)
    if not HASH.fullmatch(fields["token_hash"]):
        return
    about = (record["id"], fields["token_hash"], record["subject"].removeprefix("household:"), fields["helper"], json.dumps(fields["tasks"]))
    until = min(fields["until"], rules.day_add(day, LIFE_DAYS_MAX))
    new = await tx.run(
        "INSERT INTO link (id, token_hash, household, helper, tasks, since, until, revoked, browser)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, NULL) ON CONFLICT DO NOTHING",
        *(*about, day, until),
    )
    if fields.get("revoked"):
        await tx.run("UPDATE link SET revoked = 1 WHERE id = $1", record["id"])
    elif new:
        link = await find(tx, "id", record["id"])
        for task in await tasks(tx, link) if link else ():
            await ask(tx, link, task, {}, batch.now)  # type: ignore[arg-type]  # there are tasks of a link only


async def find(tx: Tx, by: str, value: str) -> Link | None:
    """The link with this `id` or `token_hash`."""
    row = await tx.one(f"SELECT {COLUMNS} FROM link WHERE {by} = $1", value)  # noqa: S608  our own names
    if row is None:
        return None
    key, household, helper, listed, since, until, revoked, browser = row
    return Link(key, household, helper, json.loads(listed), since, until, bool(revoked), browser)


@post("/l/opening", status_code=200, tags=["neighbour"], operation_class=operations.takes(Opening, 404, 409, 410, 429, session=False))
async def open_link(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """What there is to do, for the browser that opened the link first. One that proves nothing yet gets the means to, and asks again:
    so an answer that got lost on the way binds the link to nobody.
    """
    asked = bodies.decoded(await bodies.read(request), Opening)
    secret = secret_of(request)
    state, told = await db.write(lambda tx: _opened(tx, asked.token, secret, sessions.now()))
    if state in REFUSED:
        raise bodies.refused(*REFUSED[state])
    # Its time begins anew each time that it is used.
    known: dict[str, Any] = {"path": "/l", "max_age": COOKIE_S, "httponly": True, "secure": settings.secure, "samesite": "strict"}
    kept = Cookie(key=COOKIE, value=secret or secrets.token_urlsafe(32), **known)
    return Response(told, cookies=[kept], headers={"Cache-Control": "no-store"})


routes = [open_link]


async def _opened(tx: Tx, token: str, secret: str, now: int) -> tuple[str, dict[str, Any]]:
    """(again, open or one of REFUSED; what is told)."""
    link, day = await by_token(tx, token), access.day_of(now)
    if link is None:
        return wrong_token(now), {}
    found = await _told(tx, link, day) if link.open(day) else []
    state = await _state(tx, link, secret, over=not found)
    await note(tx, link, now, "link_opened", {"open": "ok"}.get(state, state))
    told = state == "open"
    return state, {"again": not told, "until": link.until if told else None, "tasks": found if told else []}


async def _state(tx: Tx, link: Link, secret: str, *, over: bool) -> str:
    """Whether this browser may read it; the first one that proves anything has it from then on."""
    mine = of_browser(link, secret)
    if link.browser and link.browser != mine:
        return "taken"
    if over:
        return "over"
    if not secret:
        return "again"
    if not link.browser and await tx.run("UPDATE link SET browser = $1 WHERE id = $2 AND browser IS NULL", mine, link.id) != 1:
        return "taken"
    return "open"


async def _told(tx: Tx, link: Link, day: str) -> list[dict[str, Any]]:
    """Of each task that is still to be done by this helper the least that makes it doable; the door only around its days, after a yes."""
    left = (await records(tx, link, "helper")).get(link.helper, {}).get("until")
    if left and left < day:
        return []
    answers, done = await records(tx, link, "asking"), await records(tx, link, "completion")
    found = []
    for key, fields in (await tasks(tx, link)).items():
        answer = answers.get(link.asking(key), {}).get("answer")
        days = _days(link, fields, [one for one in done.values() if one["task"] == key and not one.get("undone")], day)
        if answer == "no" or not days:
            continue
        errand = Errand(link.id, key, "", "", link.household, fields.get("resident"), errands.rule_of(fields), accepted=answer == "yes")
        shown = {name: fields[name] for name in TOLD if fields.get(name)}
        found.append({"task": key, **shown, "days": days[:AHEAD_MAX], "accepted": errand.accepted, "door": await _door(tx, link, errand, day)})
    return sorted(found, key=lambda one: (one["days"][0], one.get("time", ""), one["task"]))


async def _door(tx: Tx, link: Link, errand: Errand, day: str) -> dict[str, Any] | None:
    until = errand.at_door(day)
    known = await addresses.find(tx, errand) if until else None
    return {"given": known["given"], "street": known["street"] or "", "until": min(until, link.until)} if known and until else None


def _days(link: Link, fields: dict[str, Any], done: list[dict[str, Any]], day: str) -> list[str]:
    """The days on which it is still to be done, from a week ago on."""
    when = {"start": fields.get("due"), **errands.rule_of(fields)}
    often = fields.get("weekdays") or fields.get("every_days")
    if done and not often:
        return []
    over = {one.get("day") for one in done}
    first = max(rules.day_add(day, -errands.LATE_DAYS), link.since if often else "")
    return [one for one in rules.occurrences(when, first, link.until) if one not in over]


async def tasks(tx: Tx, link: Link) -> dict[str, dict[str, Any]]:
    """The tasks of a link, of this household and in nobody else's hands by now."""
    found = await records(tx, link, "task")
    free = {key: one for key, one in found.items() if not one.get("volunteer") and one.get("helper") in {None, link.helper}}
    return {key: free[key] for key in link.tasks if key in free}


async def records(tx: Tx, link: Link, kind: str) -> dict[str, dict[str, Any]]:
    """What the records of this kind say of its household."""
    rows = await tx.all("SELECT id, body FROM record WHERE subject = $1 AND topic = 'practical' AND kind = $2", f"household:{link.household}", kind)
    return {key: merge.shown(json.loads(body))["fields"] for key, body in rows}


async def ask(tx: Tx, link: Link, task: str, answer: dict[str, Any], now: int) -> None:
    """That its helper was asked for a task, and what they answered, stands with the household."""
    told = {"plan": task, "outcome": "asked", "helper": link.helper, "way": "link", "at": now, **answer}
    await addresses.by_office(tx, "asking", f"household:{link.household}", link.asking(task), told, now)


async def by_token(tx: Tx, token: str) -> Link | None:
    """The link with this token; what cannot be one is none."""
    return await find(tx, "token_hash", hashlib.sha256(token.encode()).hexdigest()) if TOKEN.fullmatch(token) else None


def wrong_token(now: int) -> str:
    """unknown, or often when many wrong tokens came within this minute."""
    minute = now // MINUTE_MS
    if minute not in _wrong:
        _wrong.clear()
    _wrong[minute] += 1
    return "often" if _wrong[minute] > WRONG_MAX else "unknown"


def secret_of(request: Request[Any, Any, Any]) -> str:
    """What this browser proves itself with; '' when it cannot."""
    known = request.cookies.get(COOKIE, "")
    return known if SECRET.fullmatch(known) else ""


def of_browser(link: Link, secret: str) -> str:
    """What proves a browser is hashed with the link, so that nobody sees in the table which links lie in one browser."""
    return hashlib.sha256(f"{link.id} {secret}".encode()).hexdigest()


async def note(tx: Tx, link: Link, now: int, action: str, result: str) -> None:
    """A line in the log, without content: nobody's name is known to it."""
    about = {"subject": f"household:{link.household}", "topic": "practical", "kind": "link", "object": link.id}
    await audit.note(tx, [{"at": now, "action": action, **about, "n": 1, "ground": "link", "source": "link", "result": result}])


changes.HOOKS["link"] = (said, follow)
