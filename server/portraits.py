"""Portraits: what a phone hears of who is signed in on it, in the shape in which GET /me and every way in give it."""

from __future__ import annotations

from typing import TypedDict

from server import access


class Worn(TypedDict):
    """A hat of mine; `kind`: of the organisation."""

    id: str
    role: str
    team: str
    team_name: str
    organisation: str
    organisation_name: str
    kind: str


class Lock(TypedDict):
    """Seconds until a phone locks, untouched and out of sight, where that is sooner than usual."""

    idle: int | None
    hidden: int | None


class Lost(TypedDict):
    """What a browser threw away, as losses.of says it; `last`: when its last change came in, ms."""

    name: str
    sure: bool
    last: int | None
    missing: int
    numbers: str


class Seal(TypedDict):
    """With what a device seals: the pair, its public point, and the device's proof, base64url."""

    id: str
    key: str
    proof: str


class Opened(TypedDict, total=False):
    """What only an open phone hears: to what it seals."""

    seal: Seal | None


class Portrait(Opened):
    """Me, as the phone keeps it; lock: how soon it locks, lost: what a browser threw away, salt: what opens a vault.

    confidential: whether I said that I keep to myself what I hear and see; vog: the day of my certificate of conduct.
    """

    person: str
    device: str
    hats: list[Worn]
    name: str
    language: str
    word: str
    lock: Lock
    lost: Lost | None
    demo: bool
    origin: str
    version: str
    salt: str
    confidential: bool
    vog: str | None


def worn(hat: access.Hat) -> Worn:
    """One of my hats, in words."""
    return {
        "id": hat.id,
        "role": hat.role,
        "team": hat.team,
        "team_name": hat.team_name,
        "organisation": hat.organisation,
        "organisation_name": hat.organisation_name,
        "kind": hat.organisation_kind,
    }
