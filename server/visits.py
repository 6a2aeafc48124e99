"""Visits: which browser asked for a challenge, known by a cookie while it stays open; a passkey's answer counts only where it was asked for."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litestar.datastructures import Cookie

from server.config import settings

if TYPE_CHECKING:
    from litestar import Request

COOKIE = "__Host-naober-visit" if settings.secure else "naober-visit"
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Visit:
    """The visit's hash, and what to send along so that the browser is known by it: nothing when it is already."""

    key: str
    cookies: list[Cookie]


def of(request: Request[Any, Any, Any]) -> Visit:
    """The visit that this request belongs to, or a new one."""
    known = request.cookies.get(COOKIE, "")
    if TOKEN.fullmatch(known):
        return Visit(_hash(known), [])
    token = secrets.token_urlsafe(16)
    return Visit(_hash(token), [Cookie(key=COOKIE, value=token, path="/", httponly=True, secure=settings.secure, samesite="strict")])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
