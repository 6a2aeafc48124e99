"""Phones without a screen, for load: each sends ten notes a request and takes what its colleague wrote meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.bench import neighbourhood
from tests.bench.neighbourhood import TOPICS, Phone, Team

EACH = 10


class Sender:
    """One phone: what its next request says, and what it learnt from the last answer."""

    def __init__(self, team: Team, phone: Phone, numbers: Iterator[int], at: int) -> None:
        self.team, self.phone, self._numbers, self._at, self._n = team, phone, numbers, at, itertools.count(1)
        self.epoch: str | None = None
        self.cursor: str | None = None
        self.entitled: str | None = None
        self.sent = self.received = 0

    def asks(self, changes: int = EACH) -> bytes:
        """The body of the next request."""
        asks = {"format": 1, "device": self.phone.me.device, "epoch": self.epoch, "cursor": self.cursor, "entitled": self.entitled}
        self.sent += changes
        return msgspec.json.encode({**asks, "changes": [self._note() for _ in range(changes)], "reads": []})

    def hears(self, body: bytes, *, counted: bool = True) -> None:
        """Takes an answer in; raises when a change was not stored."""
        answer: dict[str, Any] = msgspec.json.decode(body)
        bad = next((result for result in answer["results"] if result["is"] != "stored"), None)
        if bad:
            raise RuntimeError(f"not stored: {bad}")
        self.epoch, self.cursor = answer["epoch"], answer["cursor"]
        if answer["entitled"]:
            self.entitled = answer["entitled"]["digest"]
        self.received += len(answer["records"]) if counted else 0

    def _note(self) -> dict[str, Any]:
        number, n = next(self._numbers), next(self._n)
        resident = self.team.residents[number % len(self.team.residents)]
        return neighbourhood.note(self.phone, resident, TOPICS[number % len(TOPICS)], number, self._at, n=n)


def senders(teams: list[Team], at: int, first: int) -> list[Sender]:
    """One for each phone; their notes are numbered from `first` on, so that no two runs send the same."""
    numbers = itertools.count(first)
    return [Sender(team, phone, numbers, at) for team in teams for phone in team.phones]
