"""Holdings: which device was given what, and since when it is gone from it; a withdrawal's receipt is read from here."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, bodies, consents, db, operations, records, render, sessions
from server.sessions import LEASE_MS
from sync import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Me, Opened, Pair
    from server.db import Tx

RECIPIENTS = {
    "person": "SELECT person FROM membership WHERE person = $1",
    "team": "SELECT person FROM membership WHERE team = $1",
    "organisation": "SELECT m.person FROM membership m JOIN team t ON t.id = m.team WHERE t.organisation = $1",
}


async def given(tx: Tx, device: str, pairs: Iterable[Pair], at: int, *, knows: bool) -> None:
    """From now on this device holds something of these pairs. Unless it `knows` what is open to it now, it has to confirm that anew, also when the
    same is open again by then that it had confirmed before these were given.
    """
    if not knows:
        await tx.run("UPDATE device SET digest = '' WHERE id = $1", device)
    await tx.many(
        "INSERT INTO holding (id, device, subject, topic, since, gone_at) VALUES ($1, $2, $3, $4, $5, NULL)"
        " ON CONFLICT (id) DO UPDATE SET since = excluded.since, gone_at = NULL WHERE holding.gone_at IS NOT NULL",
        [(f"{device} {subject} {topic}", device, subject, topic, at) for subject, topic in pairs],
    )


async def unconfirmed(tx: Tx, device: str, digest: str) -> bool:
    """Whether this device had not said yet that it holds exactly what this digest stands for."""
    row = await tx.one("SELECT digest FROM device WHERE id = $1", device)
    return row is not None and row[0] != digest


async def confirmed(tx: Tx, device: str, digest: str, opened: dict[Pair, Opened], at: int) -> None:
    """The device has erased what is not open any more: it says so by asking with the digest of what is."""
    await tx.run("UPDATE device SET digest = $1 WHERE id = $2", digest, device)
    held = await tx.all("SELECT id, subject, topic FROM holding WHERE device = $1 AND gone_at IS NULL", device)
    gone = [(at, key) for key, subject, topic in held if (subject, topic) not in opened]
    await tx.many("UPDATE holding SET gone_at = $1 WHERE id = $2", gone)


async def receipt(tx: Tx, me: Me, record: str, at: int) -> dict[str, Any] | None:
    """{devices, gone, kept, last, away: [{seen, closes}]} of what a consent or share had opened; None when it is not there or not mine to see.

    Kept: phones where it stays, because it is open to their owner in another way; they are not among `devices`.
    """
    found = (await records.find(tx, me, await access.opened(tx, me.person, at), [record])).get(record)
    if found is None or found["kind"] not in consents.KINDS:
        return None
    phones = await _phones(tx, found)
    holders = sorted({person for rows in phones for _, person, _, gone_at, *_ in rows if gone_at is None})
    still = {person: set(await access.opened(tx, person, at)) for person in holders}
    away, gone, kept = [], [], 0
    for rows in phones:
        there = {(found["subject"], topic) for _, _, topic, gone_at, *_ in rows if gone_at is None}
        if not there:
            gone.append(max(int(gone_at) for _, _, _, gone_at, *_ in rows))
        elif there <= still[rows[0][1]]:
            kept += 1
        else:
            # A phone that only asks is noted down once an hour: what it was given last is contact too.
            away.append(max(max(int(seen or 0), int(since)) for *_, since, seen in rows))
    waiting = [{"seen": seen, "closes": seen + LEASE_MS} for seen in sorted(away)]
    return {"devices": len(gone) + len(away), "gone": len(gone), "kept": kept, "last": max(gone, default=0), "away": waiting}


async def _phones(tx: Tx, found: dict[str, Any]) -> list[list[tuple[Any, ...]]]:
    """Of each phone of a recipient that ever held something of it: rows of (device, person, topic, gone_at, since, last_seen_at)."""
    fields = found["fields"]
    people = [person for (person,) in await tx.all(RECIPIENTS[fields["to_kind"]], fields["to"])]
    rows = await tx.all(
        "SELECT h.device, d.person, h.topic, h.gone_at, h.since, d.last_seen_at FROM holding h JOIN device d ON d.id = h.device"  # noqa: S608  our own SQL
        f" WHERE h.subject = $1 AND {db.among('h.topic', 2)} AND {db.among('d.person', 3)} ORDER BY h.device",
        *(found["subject"], list(fields["topics"]), people),
    )
    return [list(of_one) for _, of_one in groupby(rows, lambda row: row[0])]


@get("/receipts/{record:str}", operation_class=operations.page(401, 404, ok=(200,)))
async def receipt_page(request: Request[Any, Any, Any], record: FromPath[str]) -> Response[Any]:
    """From how many phones it is gone, in a sentence; which are out of contact, and when their lease closes them."""
    me, at = await sessions.need(request), sessions.now()
    found = await db.read(lambda tx: receipt(tx, me, record, at)) if rules.ID.fullmatch(record) else None
    if found is None:
        raise bodies.refused(404, "not_found")
    speaker = await sessions.speaker_of(request)
    away = [{"seen": speaker.when(one["seen"], at), "closes": speaker.when(one["closes"], at)} for one in found["away"]]
    last = speaker.when(found["last"], at) if found["last"] else ""
    return render.page("receipt.html", speaker, devices=found["devices"], gone=found["gone"], kept=found["kept"], last=last, away=away)


routes = [receipt_page]
