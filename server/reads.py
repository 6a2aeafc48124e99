"""Reads: what somebody looked at on their phone, also without signal; each goes into the log once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server import audit, changes
from sync import rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx

# A phone's clock may be wrong, but not by more than this.
AHEAD_MS_MAX = 24 * 60 * 60 * 1000


async def note(tx: Tx, reads: list[Any], me: Me, at: int, opened: dict[Pair, Opened]) -> None:
    """Logs each {id, at, subject, what}, in the role by which it is open to me now; an entry that is none is left out."""
    whys = {subject: why for (subject, _), why in opened.items()}
    await audit.note(tx, [_row(one, me, whys.get(one["subject"])) for one in reads if _is_one(one, at)])


def _row(one: dict[str, Any], me: Me, why: Opened | None) -> dict[str, Any]:
    more = {"subject": one["subject"], "kind": one["what"], "n": 1, "ground": why.ground if why else None, "source": "offline", "result": "ok"}
    return {**audit.row(me, why.hat if why else None, one["at"], "read", **more), "id": one["id"]}


def _is_one(one: Any, at: int) -> bool:
    if not isinstance(one, dict) or set(one) != {"id", "at", "subject", "what"}:
        return False
    if type(one["at"]) is not int or not 0 <= one["at"] <= at + AHEAD_MS_MAX:
        return False
    forms = (("id", rules.ID), ("subject", changes.SUBJECT), ("what", changes.NAME))
    return all(isinstance(one[name], str) and form.fullmatch(one[name]) for name, form in forms)
