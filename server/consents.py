"""What residents said, and shares on another ground: the table of statements follows their records, because access opens and closes by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server import access, changes
from sync import merge

if TYPE_CHECKING:
    from server.access import Hat
    from server.changes import Batch, Result
    from server.db import Tx

# Agreement with help itself and consent as a legal ground are kept, and open nothing.
OPENING = "secrecy"
KINDS = ("consent", "share")


async def said(_tx: Tx, _batch: Batch, _change: dict[str, Any], _hat: Hat) -> Result | None:
    """Whoever may write about the resident's practical things may write down what the resident said."""
    return None


async def follow(tx: Tx, batch: Batch, record: dict[str, Any]) -> None:
    """After a consent, an objection, a share or its withdrawal the statements say the same, and hold from this request on."""
    fields = merge.shown(record)["fields"]
    kind = "share" if record["kind"] == "share" else fields["about"]
    if kind not in {OPENING, "share"}:
        return
    row = await tx.one("SELECT first FROM record WHERE id = $1", record["id"])
    resident = record["subject"].removeprefix("resident:")
    says, withdrawn = fields.get("answer", "yes"), int(fields.get("withdrawn") is True)
    await tx.many(
        "INSERT INTO statement (id, record, n, resident, topic, kind, says, noun, whom, since, until, before, withdrawn)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (id) DO UPDATE SET withdrawn = excluded.withdrawn",
        [
            (
                *(f"{record['id']}:{topic}", record["id"], row[0] if row else 0, resident, topic, kind, says, fields["to_kind"], fields["to"]),
                *(fields["since"], fields.get("until"), int(fields.get("before") is True), withdrawn),
            )
            for topic in fields["topics"]
        ],
    )
    batch.opened = await access.opened(tx, batch.me.person, batch.now)
    batch.reopened = True


for _kind in KINDS:
    changes.HOOKS[_kind] = (said, follow)
