"""Who may hold what: the one place that answers it, for push, pull, history, news and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.config import settings

if TYPE_CHECKING:
    from server.db import Tx

# A profession's topics; money and safety are opened by name only (a later consent), never by a role.
TOPICS_OF_ROLE: dict[str, tuple[str, ...]] = {
    "nurse": ("practical", "body", "mind", "society", "social"),
    "outreach": ("practical", "mind", "society", "social"),
    "volunteer": (),
}
# A lead reads what the members of their team read, so the team's kind of organisation decides.
TOPICS_OF_LEAD: dict[str, tuple[str, ...]] = {
    "care": TOPICS_OF_ROLE["nurse"],
    "welfare": TOPICS_OF_ROLE["outreach"],
    "volunteers": (),
}
TEAM_TOPICS = ("practical", "social")
PROFESSIONALS = ("nurse", "outreach", "lead")
FOREVER = "9999-12-31"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Hat:
    """A membership: one person in one team in one role, between two dates (the last one included)."""

    id: str
    role: str
    team: str
    team_name: str
    organisation: str
    organisation_name: str
    organisation_kind: str
    since: str
    until: str | None

    @property
    def topics(self) -> tuple[str, ...]:
        """What this hat reads about a resident whom its team cares for."""
        return TOPICS_OF_LEAD.get(self.organisation_kind, ()) if self.role == "lead" else TOPICS_OF_ROLE.get(self.role, ())


@dataclass(frozen=True, slots=True)
class Me:
    """Who is asking: a person on a device in a session, with the hats in force and the language they read."""

    person: str
    device: str
    session: str
    language: str
    hats: tuple[Hat, ...]

    def hat(self, hat_id: str) -> Hat | None:
        """My hat of this id, when it is in force."""
        return next((hat for hat in self.hats if hat.id == hat_id), None)


@dataclass(frozen=True, slots=True)
class Opened:
    """Why a pair is open: until which date (None: no end known), through which hat, on which ground (care, team, profession)."""

    until: str | None
    hat: Hat
    ground: str


# The office's own hand (who-is-who, the demo's households): it writes without a membership, and its hat says so.
OFFICE_ID = "00000000-0000-7000-8000-000000000000"
OFFICE = Me(OFFICE_ID, OFFICE_ID, "", "nl", (Hat(OFFICE_ID, "office", OFFICE_ID, "", OFFICE_ID, "", "office", "0001-01-01", None),))


def day_of(at: int) -> str:
    """The office's calendar day of an instant in ms."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(settings.timezone)).date().isoformat()


async def hats(tx: Tx, person: str, at: int) -> tuple[Hat, ...]:
    """The hats in force on the day of `at`, in the order in which they were given; nobody who left has one."""
    rows = await tx.all(
        "SELECT m.id, m.role, m.team, t.name, o.id, o.name, o.kind, m.since, m.until FROM membership m"
        " JOIN team t ON t.id = m.team JOIN organisation o ON o.id = t.organisation JOIN person p ON p.id = m.person"
        " WHERE m.person = $1 AND p.left_at IS NULL AND m.since <= $2 AND (m.until IS NULL OR m.until >= $2) ORDER BY m.id",
        *(person, day_of(at)),
    )
    return tuple(Hat(*row) for row in rows)


async def opened(tx: Tx, person: str, at: int) -> dict[Pair, Opened]:
    """Every pair that is open to this person on the day of `at`, and why; what they wrote themselves is not in it."""
    mine = await hats(tx, person, at)
    pairs: dict[Pair, Opened] = {}
    await _by_care(tx, mine, at, pairs)
    for hat in mine:
        for topic in TEAM_TOPICS:
            _open(pairs, (f"team:{hat.team}", topic), Opened(hat.until, hat, "team"))
    await _by_profession(tx, mine, pairs)
    return pairs


async def entitled(tx: Tx, person: str, at: int) -> frozenset[tuple[str, str, str | None]]:
    """{(subject, topic, until or None)} that this person may hold at this instant, beside what they wrote themselves."""
    return frozenset((subject, topic, why.until) for (subject, topic), why in (await opened(tx, person, at)).items())


async def may(tx: Tx, person: str, subject: str, topic: str, author: str | None, at: int) -> bool:
    """Whether this person may hold a record of this pair by this author (a person); not yours looks like not there."""
    return author == person or (subject, topic) in await opened(tx, person, at)


async def _by_care(tx: Tx, mine: tuple[Hat, ...], at: int, pairs: dict[Pair, Opened]) -> None:
    day = day_of(at)
    for hat in mine:
        if not hat.topics:
            continue
        rows = await tx.all(
            "SELECT c.household, c.until, r.id FROM care c LEFT JOIN resident r ON r.household = c.household"
            " WHERE c.team = $1 AND c.since <= $2 AND (c.until IS NULL OR c.until >= $2)",
            *(hat.team, day),
        )
        for household, until, resident in rows:
            why = Opened(_earlier(hat.until, until), hat, "care")
            _open(pairs, (f"household:{household}", "practical"), why)
            for topic in hat.topics if resident else ():
                _open(pairs, (f"resident:{resident}", topic), why)


async def _by_profession(tx: Tx, mine: tuple[Hat, ...], pairs: dict[Pair, Opened]) -> None:
    """Who-is-who: every professional knows the colleagues of every organisation here."""
    for hat in mine:
        if hat.role in PROFESSIONALS:
            for (organisation,) in await tx.all("SELECT id FROM organisation"):
                _open(pairs, (f"organisation:{organisation}", "practical"), Opened(hat.until, hat, "profession"))


def _open(pairs: dict[Pair, Opened], pair: Pair, why: Opened) -> None:
    """Of two ways in, the one that stays open longest counts."""
    known = pairs.get(pair)
    if known is None or (known.until or FOREVER) < (why.until or FOREVER):
        pairs[pair] = why


def _earlier(first: str | None, second: str | None) -> str | None:
    return min(first or FOREVER, second or FOREVER) if first or second else None
