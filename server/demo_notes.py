"""The pen of the demo neighbourhood: for each visit what its author noted, from the household's own story first, and nothing twice."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from server.demo_houses import House, Resident

STRENGTH_CHANCE = 0.66
SEEN_CHANCES = ((0.26, 2), (0.90, 1))
LIMBS_ONLY = "~"
CARE = "wijk"

Told = tuple[Resident, str, str]


@dataclass(slots=True)
class Pen:
    """Writes for one household and one team, from first visit to last; `used` counts for the whole neighbourhood, `here` for the household."""

    house: House
    team: str
    words: dict[str, Any]
    chance: random.Random
    used: Counter[str]
    here: set[str]
    good: list[Told] = field(default_factory=list)
    seen: list[Told] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=lambda: {"good": 0, "seen": 0})

    def __post_init__(self) -> None:
        self.good = [one for i, one in enumerate(self.house.good) if self._mine(one, i)]
        self.seen = [one for i, one in enumerate(self.house.seen) if self._mine(one, i)]

    def notes(self, part: float) -> list[tuple[Resident, str, str, str]]:
        """(resident, topic, aspect, text) of a visit at this part (0 to 1) of the ninety days, strength first."""
        written = []
        if self.chance.random() < STRENGTH_CHANCE and (good := self._own("good", part) or self._shared_strength()):
            written.append((good[0], good[1], "strength", good[2]))
        roll = self.chance.random()
        seen = [self._own("seen", part) or self._from_thread(part) for _ in range(next((n for below, n in SEEN_CHANCES if roll < below), 0))]
        written += [(one[0], one[1], "seen", one[2]) for one in seen if one]
        return written or self._something(part)

    def away(self) -> tuple[Resident, str, str, str]:
        """What was noted when nobody opened the door."""
        resident = self.house.residents[0]
        told = self._rarest([(resident, "practical", text) for text in self.words["away"]])
        return (resident, "practical", "seen", told[2] if told else resident.filled(self.words["away"][0]))

    def _something(self, part: float) -> list[tuple[Resident, str, str, str]]:
        seen = self._from_thread(part)
        return [(seen[0], seen[1], "seen", seen[2])] if seen else []

    def _mine(self, told: Told, i: int) -> bool:
        """Of two teams in one household the nurses write about the body, outreach workers about society, and they share the rest."""
        if len(self.house.teams) == 1:
            return True
        resident, topic, _ = told
        both = bool(resident.threads and resident.welfare)
        care = topic == "body" or (topic != "society" and (i % 2 == 0 if both else bool(resident.threads)))
        return care == (self.team == CARE)

    def _own(self, what: str, part: float) -> Told | None:
        """The next page of the household's own story, when its time has come."""
        story = self.good if what == "good" else self.seen
        at = self.done[what]
        if at >= len(story) or part < (at + 0.3) / (len(story) + 0.3):
            return None
        self.done[what] += 1
        self.here.add(story[at][2])
        return story[at]

    def _shared_strength(self) -> Told | None:
        key = "strengths" if self.team == CARE else "welfare_strengths"
        options = [
            (resident, *text.partition("|")[::2])
            for text in self.words[key]
            for resident in self._about()
            if text.partition("|")[0] not in resident.no and self._fits(resident, text)
        ]
        return self._rarest(options)

    def _from_thread(self, part: float) -> Told | None:
        options = []
        for resident in self._about():
            for name in resident.threads if self.team == CARE else resident.welfare:
                thread = self.words["threads"][name]
                texts = thread.get("any") or thread[("early", "mid", "late")[min(int(part * 3), 2)]]
                options += [(resident, thread["topic"], text) for text in texts if self._fits(resident, text)]
        told = self._rarest(options)
        return (told[0], told[1], self._ended(told)) if told else None

    def _about(self) -> list[Resident]:
        lane = [one for one in self.house.residents if (one.threads if self.team == CARE else one.welfare)]
        return lane or list(self.house.residents)

    def _fits(self, resident: Resident, text: str) -> bool:
        """Nobody telephones with whom they live, and a leg's wound is no belly's."""
        calls = resident.home and "elper}" in text and "bel" in text.lower()
        return not calls and (resident.limb or not text.startswith(LIMBS_ONLY))

    def _rarest(self, options: list[Told]) -> Told | None:
        """What the neighbourhood heard least so far, and this household never."""
        fresh = [one for one in options if resident_text(one) not in self.here]
        if not fresh:
            return None
        least = min(self.used[one[2]] for one in fresh)
        resident, topic, text = self.chance.choice([one for one in fresh if self.used[one[2]] == least])
        self.used[text] += 1
        self.here.add(resident_text((resident, topic, text)))
        return resident, topic, resident.filled(text.removeprefix(LIMBS_ONLY))

    def _ended(self, told: Told) -> str:
        """Now and then a second sentence, each at most once in a household."""
        resident, topic, text = told
        tails = [tail for tail in self.words["tails"][topic] if not tail or resident_text((resident, topic, tail)) not in self.here]
        tail = self.chance.choice([*tails, "", "", ""])
        if not tail or tail[:12] in text:
            return text
        self.here.add(resident_text((resident, topic, tail)))
        return f"{text} {resident.filled(tail)}"


def resident_text(told: Told) -> str:
    """The text as this household knows it, whoever it was about."""
    return told[0].filled(told[2])
