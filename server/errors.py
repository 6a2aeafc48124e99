"""Errors: whatever goes wrong is answered in one shape and in the reader's words, saying what to do; never with a 500."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from litestar import Response
from litestar.exceptions import HTTPException

from server import db, i18n, render, sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from litestar import Request

LOG = logging.getLogger("naober.errors")
CODE = re.compile(r"[a-z][a-z_]{1,40}")
FIELDS_MAX = 50
FIELD_MAX = 120
SERVER_ERROR = 500
UNAVAILABLE = 503
SOON_S, LATER_S = "2", "60"
# What an answer of the framework's own means here; of the others the first digit decides.
CODE_OF = {
    400: "invalid", 401: "signed_out", 403: "forbidden", 404: "not_found", 405: "method", 409: "device", 410: "gone",
    413: "too_large", 415: "content_type", 429: "busy",
}  # fmt: skip


def refuse(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The answer to bodies.refused and to what the framework itself refuses."""
    if error.status_code >= SERVER_ERROR and error.status_code != UNAVAILABLE:
        return fail(request, error)
    speaker, detail = _speaker(request), str(error.detail)
    known = CODE.fullmatch(detail) and f"error.{detail}" in speaker.messages
    code = detail if known else CODE_OF.get(error.status_code, "invalid")
    wait = {"Retry-After": LATER_S if code == "busy" else SOON_S} if error.status_code == UNAVAILABLE else {}
    return _answer(request, speaker, error.status_code, code, _fields(error.extra), {**_kept(error), **wait})


def unavailable(request: Request[Any, Any, Any], _error: db.UnavailableError) -> Response[Any]:
    """The database did not answer: nothing was written, and trying again later is right."""
    return _answer(request, _speaker(request), UNAVAILABLE, "unavailable", [], {"Retry-After": SOON_S})


def fail(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours: told to the log by its type and place, without anything that anybody wrote."""
    LOG.error("unexpected %s at %s", type(error).__name__, _place(error.__traceback__))
    return _answer(request, _speaker(request), UNAVAILABLE, "failed", [], {"Retry-After": SOON_S})


def words(code: str, accepted: str) -> str:
    """What a code says to somebody of whom only the Accept-Language is known."""
    return i18n.speaker(sessions.preferred(accepted)).say(f"error.{code}")


handlers: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    HTTPException: refuse,
    db.UnavailableError: unavailable,
    Exception: fail,
}


def _answer(
    request: Request[Any, Any, Any], speaker: i18n.Speaker, status: int, code: str, fields: list[dict[str, str]], headers: dict[str, str]
) -> Response[Any]:
    """In HTML to whoever shows pages, as a line above what they were doing when only a part of the page was asked for; to others in JSON."""
    message, headers = speaker.say(f"error.{code}"), {"Cache-Control": "no-store", **headers}
    said = [{**each, "message": _why(speaker, each["why"])} for each in fields]
    if "text/html" not in request.headers.get("accept", "") and "hx-request" not in request.headers:
        return Response({"error": {"code": code, "message": message, "fields": said}}, status_code=status, headers=headers)
    shown = {"message": message, "fields": [each["message"] for each in said], "code": code}
    part = "hx-request" in request.headers and request.headers.get("hx-request-type") != "full"
    if part or request.method != "GET":
        headers |= {"HX-Retarget": "#trouble", "HX-Reswap": "outerHTML", "HX-Reselect": "#trouble", "HX-Push-Url": "false"}
    made = render.page("error.html", speaker, status=status, path="", **shown)
    made.headers.update(headers)
    return made


def _why(speaker: i18n.Speaker, why: str) -> str:
    return speaker.say(f"why.{why}" if f"why.{why}" in speaker.messages else "why.type")


def _fields(extra: Any) -> list[dict[str, str]]:
    """[{field, why}] out of what bodies.refused gave, or out of the framework's own list of what it could not read."""
    found = [each for each in extra if isinstance(each, dict)] if isinstance(extra, list) else []
    named = [(str(each.get("field") or each.get("key") or "body"), str(each.get("why") or "type")) for each in found[:FIELDS_MAX]]
    return [{"field": _plain(field), "why": why if CODE.fullmatch(why) else "type"} for field, why in named]


def _plain(text: str) -> str:
    """A name that somebody else may have chosen, short, and such that it can be written as UTF-8."""
    return text[:FIELD_MAX].encode("utf-8", "replace").decode()


def _kept(error: HTTPException) -> dict[str, str]:
    return {str(name): str(value) for name, value in (error.headers or {}).items() if str(name).lower() in {"allow", "www-authenticate"}}


def _speaker(request: Request[Any, Any, Any]) -> i18n.Speaker:
    """The language of the session when somebody has looked it up already: this is no moment to ask the database."""
    found = request.scope.get("state", {}).get("session")
    return found.speaker if isinstance(found, sessions.Session) else sessions.stranger(request)


def _place(trace: TracebackType | None) -> str:
    """'exchange:86': the innermost line of ours."""
    place = "an unknown place"
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(("server.", "sync.")):
            place = f"{module.partition('.')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
