"""Batches: the changes of one request while they pass the door, and the answer that each of them gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair


class Problem(msgspec.Struct, frozen=True):
    """One field and why it cannot be so (codes of sync/rules)."""

    field: str
    why: str


class Result(msgspec.Struct, omit_defaults=True, rename={"is_": "is"}):
    """What became of a change: `is` stored, known, held or refused; reason `clock` on a stored one: its stamp became five minutes from now.

    What a lead decided later comes the same way: stored with its version; refused as `returned`, or held as `kept`, with the lead's `text`;
    the version of a kept one is the number of that decision.
    """

    id: str
    is_: str
    version: int | None = None
    reason: str | None = None
    fields: list[Problem] = []
    text: str | None = None


@dataclass(slots=True)
class Kept:
    """A record during a batch: as merged so far, by whom it was begun; version and number before it; what its first change had seen."""

    record: dict[str, Any]
    author: str
    first: int
    before: int
    seen: int
    number: int = 0
    bounded: bool = False
    dirty: bool = False


@dataclass(slots=True)
class Batch:
    """Everything one request's changes are judged by, read beforehand in a few statements, and what came of them.

    `author` is set when `me` takes held work of somebody else into the file: me is who decides, and what they wrote stays theirs.
    """

    me: Me
    now: int
    source: str
    numbers: int
    opened: dict[Pair, Opened]
    known: dict[str, tuple[Any, ...]]
    records: dict[str, Kept]
    custody: str | None = None
    author: Me | None = None
    reopened: bool = False
    results: list[Result] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    settled: list[tuple[Any, ...]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def writer(self) -> Me:
        """Whose work it is."""
        return self.author or self.me

    @property
    def touched(self) -> dict[str, Kept]:
        """The records that this batch changed."""
        return {key: kept for key, kept in self.records.items() if kept.dirty}
