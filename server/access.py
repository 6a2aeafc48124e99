"""Who may hold what: the one place that answers it, for push, pull, history, news and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server import db, errands, statements
from server.config import settings

if TYPE_CHECKING:
    from server.db import Tx
    from server.statements import Said

# A profession's topics; money and safety are opened by name only (a later consent), never by a role.
TOPICS_OF_ROLE: dict[str, tuple[str, ...]] = {
    "nurse": ("practical", "body", "mind", "society", "social"),
    "outreach": ("practical", "mind", "society", "social"),
    "volunteer": (),
}
# A lead reads what the members of their team read, so the team's kind of organisation decides.
TOPICS_OF_LEAD: dict[str, tuple[str, ...]] = {"care": TOPICS_OF_ROLE["nurse"], "welfare": TOPICS_OF_ROLE["outreach"], "volunteers": ()}
TEAM_TOPICS = ("practical", "social")
PROFESSIONALS = ("nurse", "outreach", "lead")
FOREVER = "9999-12-31"
HATS = (
    "SELECT m.person, m.id, m.role, m.team, t.name, o.id, o.name, o.kind, m.since, m.until FROM membership m"
    " JOIN team t ON t.id = m.team JOIN organisation o ON o.id = t.organisation JOIN person p ON p.id = m.person"
)

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
    """Why a pair is open: until which date (None: no end known), through which hat, on which ground (care, team, profession, consent, share, errand).

    `after` is the number of the statement that opened it for what was first written later only; 0 opens everything.
    """

    until: str | None
    hat: Hat
    ground: str
    after: int = 0


# The office's own hand (who-is-who, the demo's households): it writes without a membership, and its hat says so.
OFFICE_ID = "00000000-0000-7000-8000-000000000000"
OFFICE = Me(OFFICE_ID, OFFICE_ID, "", "nl", (Hat(OFFICE_ID, "office", OFFICE_ID, "", OFFICE_ID, "", "office", "0001-01-01", None),))


def day_of(at: int) -> str:
    """The office's calendar day of an instant in ms."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(settings.timezone)).date().isoformat()


async def hats(tx: Tx, person: str, at: int) -> tuple[Hat, ...]:
    """The hats in force on the day of `at`, in the order in which they were given; nobody who left has one."""
    sql = f"{HATS} WHERE m.person = $1 AND p.left_at IS NULL AND m.since <= $2 AND (m.until IS NULL OR m.until >= $2) ORDER BY m.id"
    return tuple(Hat(*row[1:]) for row in await tx.all(sql, person, day_of(at)))


async def ever_worn(tx: Tx, person: str) -> list[str]:
    """Every hat this person has or had: what was written under one of them is theirs."""
    return [str(hat) for (hat,) in await tx.all("SELECT id FROM membership WHERE person = $1 ORDER BY id", person)]


async def opened(tx: Tx, person: str, at: int) -> dict[Pair, Opened]:
    """Every pair that is open to this person on the day of `at`, and why; what they wrote themselves is not in it."""
    mine, day = await hats(tx, person, at), day_of(at)
    pairs: dict[Pair, Opened] = {}
    for hat in mine:
        for topic in TEAM_TOPICS:
            _open(pairs, (f"team:{hat.team}", topic), Opened(hat.until, hat, "team"))
    workers = tuple(hat for hat in mine if hat.role in PROFESSIONALS)
    if workers:
        await _by_profession(tx, workers, pairs)
        said = await statements.said(tx, {person, *(hat.team for hat in workers), *(hat.organisation for hat in workers)}, day)
        homes = await statements.homes(tx, said)
        for hat in workers:
            await _by_hat(tx, hat, person, said, day, pairs, homes)
    for hat in mine:
        if hat.role == "volunteer":
            await _by_errand(tx, hat, person, day, pairs)
    return pairs


async def entitled(tx: Tx, person: str, at: int) -> frozenset[tuple[str, str, str | None, int]]:
    """{(subject, topic, until or None, after)} that this person may hold at this instant, beside what they wrote themselves."""
    return frozenset([(subject, topic, why.until, why.after) for (subject, topic), why in (await opened(tx, person, at)).items()])


def opens(opened: dict[Pair, Opened], pair: Pair, first: int) -> bool:
    """Whether a record of this pair, first written under this number, is open."""
    why = opened.get(pair)
    return why is not None and first > why.after


async def was_opened(tx: Tx, me: Me, subject: str, topic: str, at: int) -> bool:
    """Whether a resident had opened this to me by name, my team or my organisation, and that ended or was withdrawn."""
    whom = [me.person, *(hat.team for hat in me.hats), *(hat.organisation for hat in me.hats)]
    row = await tx.one(
        f"SELECT 1 FROM statement WHERE {db.among('whom', 1)} AND resident = $2 AND topic = $3 AND says = 'yes'"  # noqa: S608  our own SQL
        " AND (withdrawn = 1 OR until < $4)",
        *(whom, subject.removeprefix("resident:"), topic, day_of(at)),
    )
    return row is not None


async def custody(tx: Tx, me: Me, at: int) -> dict[str, Hat]:
    """Team -> my hat: whose held work is mine to decide. A lead's own teams, and those of the same organisation that nobody leads today."""
    of = {hat.organisation: hat for hat in me.hats if hat.role == "lead"}
    lead = "SELECT 1 FROM membership m JOIN person p ON p.id = m.person WHERE m.team = t.id AND m.role = 'lead' AND p.left_at IS NULL"
    alone = f"{db.among('organisation', 1)} AND NOT EXISTS ({lead} AND m.since <= $2 AND (m.until IS NULL OR m.until >= $2))"
    rows = await tx.all(f"SELECT id, organisation FROM team t WHERE {alone}", list(of), day_of(at))  # noqa: S608  our own SQL
    return {team: of[organisation] for team, organisation in rows} | {hat.team: hat for hat in me.hats if hat.role == "lead"}


async def closed(tx: Tx, whom: set[str], at: int) -> set[Pair]:
    """What residents closed today, in so many words, to one of these people, teams and organisations."""
    return {(f"resident:{one.resident}", one.topic) for one in await statements.said(tx, whom, day_of(at)) if not one.yes}


async def led(tx: Tx, me: Me, at: int) -> dict[str, str]:
    """f'household:{id}' -> the team that I lead and that comes there today."""
    teams = [hat.team for hat in me.hats if hat.role == "lead"]
    return {f"household:{home}": team for team in teams for home, *_ in await _care(tx, team, day_of(at))}


async def came(tx: Tx, team: str, day: str) -> set[str]:
    """Every household and resident to whom this team came on this day or before."""
    sql = "SELECT c.household, r.id FROM care c LEFT JOIN resident r ON r.household = c.household WHERE c.team = $1 AND c.since <= $2"
    return {who for home, resident in await tx.all(sql, team, day) for who in (f"household:{home}", f"resident:{resident}")}


async def team_of(tx: Tx, household: str, at: int) -> list[tuple[str, Hat]]:
    """Everybody who comes to this household on the day of `at` by profession, with the hat under which they do."""
    there = f"{HATS} JOIN care c ON c.team = m.team WHERE c.household = $1 AND c.since <= $2 AND (c.until IS NULL OR c.until >= $2)"
    inside = "p.left_at IS NULL AND m.role <> 'volunteer' AND m.since <= $2 AND (m.until IS NULL OR m.until >= $2) ORDER BY m.id"
    return [(row[0], Hat(*row[1:])) for row in await tx.all(f"{there} AND {inside}", household, day_of(at))]


async def _by_profession(tx: Tx, workers: tuple[Hat, ...], pairs: dict[Pair, Opened]) -> None:
    """Who-is-who: every professional knows the colleagues of every organisation here."""
    organisations = await tx.all("SELECT id FROM organisation")
    for hat in workers:
        for (organisation,) in organisations:
            _open(pairs, (f"organisation:{organisation}", "practical"), Opened(hat.until, hat, "profession"))


async def _by_errand(tx: Tx, hat: Hat, person: str, day: str, pairs: dict[Pair, Opened]) -> None:
    """A volunteer holds what they offer, what they were asked to do, and the address around its days once they said yes; not where a resident wants
    them kept out.
    """
    _open(pairs, (f"person:{person}", "social"), Opened(hat.until, hat, "team"))
    mine = [one for one in await errands.in_hands(tx, person) if one.team == hat.team]
    shut = await statements.shut(tx, {person, hat.team, hat.organisation}, day) if mine else set()
    for one in mine:
        around = one.at_door(day)
        if (one.until or FOREVER) < day or (one.resident or one.household) in shut:
            continue
        _open(pairs, (f"errand:{one.id}", "practical"), Opened(_earlier(hat.until, one.until), hat, "errand"))
        if around:
            _open(pairs, (f"address:{one.id}", "practical"), Opened(_earlier(hat.until, around), hat, "errand"))


async def _by_hat(
    tx: Tx, hat: Hat, person: str, said: list[Said], day: str, pairs: dict[Pair, Opened], homes: dict[str, str],
) -> None:  # fmt: skip
    """By the care relation and by what residents said; a lead also holds what the members of the team hold."""
    care = await _care(tx, hat.team, day) if hat.topics else []
    whys = _by_care(hat, care)
    for household, until, _ in care:
        _open(pairs, (f"household:{household}", "practical"), whys[until])
    decided = _decided(hat, hat.topics, person, care, said)
    _open_all(pairs, decided)
    # Who was opened a resident's practical things by word also holds those of the household.
    for resident, household in homes.items():
        why = decided.get((resident, "practical"))
        if why and why.ground != "care":
            _open(pairs, (f"household:{household}", "practical"), why)
    if hat.role == "lead" and hat.topics:
        _open_all(pairs, await _of_members(tx, hat, person, care, said, day))


async def _care(tx: Tx, team: str, day: str) -> list[tuple[str, str | None, str | None]]:
    """(household, until, resident or None) of every front door this team comes to."""
    rows = await tx.all(
        "SELECT c.household, c.until, r.id FROM care c LEFT JOIN resident r ON r.household = c.household"
        " WHERE c.team = $1 AND c.since <= $2 AND (c.until IS NULL OR c.until >= $2)",
        *(team, day),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _decided(hat: Hat, topics: tuple[str, ...], person: str, care: list[tuple[str, str | None, str | None]], said: list[Said]) -> dict[Pair, Opened]:
    """What this hat opens to this person about residents: of what was said to it the most specific counts, and among those an objection."""
    to_me = {person, hat.team, hat.organisation}
    words: dict[Pair, list[Said]] = {}
    for one in said:
        if one.whom in to_me:
            words.setdefault((f"resident:{one.resident}", one.topic), []).append(one)
    cared_for: dict[Pair, Opened] = {}
    whys = _by_care(hat, care)
    for _, until, resident in care:
        if resident:
            _open(cared_for, (f"resident:{resident}", ""), whys[until])
    found = {(subject, topic): why for (subject, _), why in cared_for.items() for topic in topics}
    for key, mine in words.items():
        # Any objection closes what the care relation opened; a more specific yes then opens on its own terms.
        if any(not one.yes for one in mine):
            found.pop(key, None)
        strongest = max(one.rank for one in mine)
        most_specific = [one for one in mine if one.rank == strongest]
        for one in most_specific if all(one.yes for one in most_specific) else ():
            _open(found, key, Opened(_earlier(hat.until, one.until), hat, one.ground, one.after))
    return found


def _by_care(hat: Hat, care: list[tuple[str, str | None, str | None]]) -> dict[str | None, Opened]:
    """Until when care lasts -> why it opens: a few serve for hundreds of front doors."""
    return {until: Opened(_earlier(hat.until, until), hat, "care") for until in {until for _, until, _ in care}}


async def _of_members(
    tx: Tx, lead: Hat, person: str, care: list[tuple[str, str | None, str | None]], said: list[Said], day: str,
) -> dict[Pair, Opened]:  # fmt: skip
    """What the members of a lead's team hold through it, for review: not safety, and not what a resident closed to the lead in person."""
    rows = await tx.all(
        f"{HATS} WHERE m.team = $1 AND m.person <> $2 AND p.left_at IS NULL AND m.since <= $3 AND (m.until IS NULL OR m.until >= $3)",
        *(lead.team, person, day),
    )
    members = [(row[0], Hat(*row[1:])) for row in rows if row[2] in PROFESSIONALS]
    personal = await statements.said(tx, {member for member, _ in members}, day) if members else []
    named = {one.whom for one in personal}
    closed = {(f"resident:{one.resident}", one.topic) for one in said if one.whom == person and not one.yes}
    found: dict[Pair, Opened] = {}
    # Members of one role to whom nothing was said in person hold the same: one of them stands for all.
    each = {hat.id if member in named else (hat.role, hat.until): (member, hat) for member, hat in members}
    for member, hat in each.values():
        for key, why in _decided(hat, hat.topics, member, care, [*said, *personal]).items():
            if key[1] != "safety" and key not in closed:
                _open(found, key, Opened(_earlier(lead.until, why.until), lead, why.ground, why.after))
    return found


def _open(pairs: dict[Pair, Opened], pair: Pair, why: Opened) -> None:
    """Of two ways in, the one that opens most of the past counts, then the one that stays open longest, then its name; never its turn."""
    known = pairs.setdefault(pair, why)
    if known is why:
        return
    old, new = (-known.after, known.until or FOREVER), (-why.after, why.until or FOREVER)
    if new > old or (new == old and (why.ground, why.hat.id) < (known.ground, known.hat.id)):
        pairs[pair] = why


def _open_all(pairs: dict[Pair, Opened], more: dict[Pair, Opened]) -> None:
    for pair, why in more.items():
        _open(pairs, pair, why)


def _earlier(first: str | None, second: str | None) -> str | None:
    return min(first or FOREVER, second or FOREVER) if first or second else None
