"""Households and who lives there: the office's own tables follow their records, because the care relation opens by them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from server import access, addresses, changes
from server.changes import Problem, Result
from sync import clock, merge

if TYPE_CHECKING:
    from server.access import Hat
    from server.changes import Batch
    from server.db import Tx


async def begin(tx: Tx, batch: Batch, change: dict[str, Any], hat: Hat) -> Result | None:
    """A household first noted at its door comes into the care of its author's team at once."""
    household = _own_id(change)
    if household is None:
        return _other_id(change)
    if change["record"] in batch.records or await tx.one("SELECT id FROM household WHERE id = $1", household):
        return None
    if hat.role != "office" and not hat.topics:
        return Result(change["id"], "held", None, "role")
    if wrong := changes.incomplete(change):
        return wrong
    await tx.run("INSERT INTO household (id) VALUES ($1)", household)
    if hat.role != "office":
        await _care(tx, household, hat, batch.now)
    await _opens(tx, batch)
    return None


async def move_in(tx: Tx, batch: Batch, change: dict[str, Any], hat: Hat) -> Result | None:
    """Somebody lives, or comes to live, in a household that is open to the author; a new resident is open to them at once."""
    resident, household = _own_id(change), change["fields"].get("household")
    if resident is None:
        return _other_id(change)
    if household and hat.role != "office" and (f"household:{household}", "practical") not in batch.opened:
        return Result(change["id"], "held", None, "no_care_relation")
    known = change["record"] in batch.records or await tx.one("SELECT id FROM resident WHERE id = $1", resident)
    if household and not known:
        if wrong := changes.incomplete(change):
            return wrong
        await tx.run("INSERT INTO resident (id, household) VALUES ($1, $2)", resident, household)
        await _opens(tx, batch)
    return None


async def follow(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a move the table says where the record now shows this resident to live."""
    household = merge.shown(record)["fields"].get("household")
    before = await tx.one("SELECT household FROM resident WHERE id = $1", record["id"])
    if before and before[0] != household:
        await tx.run("UPDATE resident SET household = $1 WHERE id = $2", household, record["id"])
        await addresses.renew(tx, before[0], batch.now)
        await _reopen(tx, batch)
    await addresses.renew(tx, household, batch.now)


async def stay(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """Who comes for a household finds its door where it now is."""
    await addresses.renew(tx, record["id"], batch.now)


changes.HOOKS["household"] = (begin, stay)
changes.HOOKS["resident"] = (move_in, follow)


def _own_id(change: dict[str, Any]) -> str | None:
    """A household or resident has one record, and it carries their id."""
    own = change["record"]
    return str(own) if change["subject"] == f"{change['kind']}:{own}" else None


def _other_id(change: dict[str, Any]) -> Result:
    return Result(change["id"], "refused", None, "other_record", [Problem("record", "not_allowed")])


async def _care(tx: Tx, household: str, hat: Hat, now: int) -> None:
    care = clock.uuid7(now, secrets.token_hex(10))
    await tx.run(
        "INSERT INTO care (id, household, team, since, until) VALUES ($1, $2, $3, $4, NULL)", care, household, hat.team, access.day_of(now)
    )


async def _opens(tx: Tx, batch: Batch) -> None:
    """Who or what is new closes nothing: what a lead takes held work in by counts on, also where the new door opens to others only."""
    before = batch.opened
    await _reopen(tx, batch)
    batch.opened = before | batch.opened


async def _reopen(tx: Tx, batch: Batch) -> None:
    batch.opened = await access.opened(tx, batch.me.person, batch.now)
    batch.reopened = True
