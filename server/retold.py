"""Retold: what a record said after each of its changes, as the office keeps them; the record itself knows only what stands now."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from server import changes, db
from sync import clock, merge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.db import Tx

Row = tuple[dict[str, Any], str, str, int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a record: when it was written (ms), under which hat in which role, and all that the record said from then on."""

    at: int
    by: str
    role: str
    fields: dict[str, Any]


async def find(tx: Tx, ids: Iterable[str]) -> dict[str, list[Step]]:
    """Record -> its steps, oldest first, of those of these ids that there are; whether they are open is for the caller to know."""
    rows = await tx.all(
        "SELECT body, role, device, version, received_at FROM change"  # noqa: S608  our own SQL
        f" WHERE {db.among('record', 1)} AND is_ = 'stored' ORDER BY record, version",
        sorted(set(ids)),
    )
    return tell([(msgspec.json.decode(body), *rest) for body, *rest in rows])


def tell(rows: Iterable[Row]) -> dict[str, list[Step]]:
    """The same of (change, role, device, version, received_at) of stored changes, those of a record together in the order of their versions."""
    return {record: list(_steps(list(all_))) for record, all_ in groupby(rows, lambda row: str(row[0]["record"]))}


def _steps(rows: list[Row]) -> Iterable[Step]:
    record: dict[str, Any] | None = None
    for change, role, device, version, received_at in rows:
        write = {name: change[name] for name in ("by", "stamp", "seen", "n")} | {"role": role, "device": device, "version": version}
        record = merge.apply(record, change, write, changes.KINDS["kinds"][change["kind"]])
        written = clock.parse(change["stamp"])
        # No clock writes later than the office hears of it.
        at = min(int(written["ms"]), received_at) if written else received_at
        yield Step(at, change["by"], role, merge.shown(record)["fields"])
