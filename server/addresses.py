"""Addresses: what a volunteer needs to find a door, a first name and a street, kept beside each errand and as true as the household's own records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from server import access, changes, db, errands
from sync import clock, merge

if TYPE_CHECKING:
    from server.db import Tx
    from server.errands import Errand


GIVEN_MAX = changes.KINDS["kinds"]["address"]["fields"]["given"]["max"]


async def renew(tx: Tx, household: str, now: int) -> None:
    """After a household or somebody in it changed: every errand there has the address as it is now."""
    for errand in await errands.at(tx, household):
        await write(tx, errand, now)


async def write(tx: Tx, errand: Errand, now: int) -> None:
    """The address of an errand, written by the office; nothing when it stands there already, or nothing is known of the household yet."""
    if fields := await find(tx, errand):
        await by_office(tx, "address", f"address:{errand.id}", errands.derived(errand.id, f"address {errand.id}"), fields, now)


async def find(tx: Tx, errand: Errand) -> dict[str, Any] | None:
    """{given, street, city} of the door where an errand is; None while nothing is known of the household."""
    here = [key for (key,) in await tx.all("SELECT id FROM resident WHERE household = $1 ORDER BY id", errand.household)]
    # Who it is for may have moved: then the door is that of who lives here now, and the family's name is still nobody's to know.
    live = [key for key in here if key == errand.resident] or here
    found = await shown(tx, [errand.household, *live])
    house = found.get(errand.household)
    if not house:
        return None
    given = " / ".join(name for key in live if (name := _called(found.get(key, {})))) or house["name"]
    return {"given": given[:GIVEN_MAX], "street": house.get("street"), "city": house.get("city")}


async def by_office(tx: Tx, kind: str, subject: str, record: str, fields: dict[str, Any], now: int) -> None:
    """Writes a record with the office's own hand, so that it says this: only what differs from what it says already."""
    kept = await tx.one("SELECT version, body FROM record WHERE id = $1", record)
    said = merge.shown(msgspec.json.decode(kept[1]))["fields"] if kept else {}
    spec, version = changes.KINDS["kinds"][kind]["fields"], kept[0] if kept else 0
    # What is signed stands: a second answer of the same kind changes nothing of the first.
    differs = {name: value for name, value in fields.items() if said.get(name) != value and not (kept and spec[name].get("how") == "once")}
    if not differs:
        return
    hat, device = access.OFFICE.hats[0], access.OFFICE.device
    ids = (errands.derived(record, f"change {record} {version}"), record)
    what = {"kind": kind, "subject": subject, "topic": changes.KINDS["kinds"][kind]["topics"][0]}
    change = changes.make(hat, what, differs, ids=ids, stamp=clock.tick(None, now, device), n=1, seen=version)
    (result,) = await changes.apply(tx, [change], access.OFFICE, now=now, source="office")
    # Who took the very id that this record would have keeps what they wrote; the log says that this could not be written.
    if result.is_ != "stored" and result.reason != "other_record":
        raise ValueError(f"the office's own {kind} was {result.is_}: {result.reason} {result.fields}")


async def shown(tx: Tx, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Id -> what a record says now, of those of these ids that there are; for the office's own hand."""
    rows = await tx.all(f"SELECT id, body FROM record WHERE {db.among('id', 1)}", ids)  # noqa: S608  our own SQL
    return {key: merge.shown(msgspec.json.decode(body))["fields"] for key, body in rows}


def _called(fields: dict[str, Any]) -> str:
    """The first name of a resident; of whom none is known, the first word of what they are called, so that no surname goes along."""
    name = str(fields.get("name", ""))
    return str(fields.get("given") or name.partition(" ")[0])
