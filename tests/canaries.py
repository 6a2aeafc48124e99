"""A household of which everything is written that can be, with a word in every text that stands nowhere else."""

from __future__ import annotations

from typing import Any

from server.changes import KINDS, WRITERS
from tests import desk

CANARY = "Kanarie"
VALUES: dict[str, Any] = {
    "date": "2026-12-01", "time": "09:00", "instant": desk.NOW, "int": 7, "weekdays": [0], "dates": ["2026-12-07"], "flag": False,
    "id": desk.STRANGER, "ids": [desk.STRANGER], "strokes": "M12,34l3,-1 5,2",
}  # fmt: skip


def everything(me: desk.Me, house: desk.House) -> list[dict[str, Any]]:
    """A change of every kind that somebody in the field writes, in every topic it has, with all its fields."""
    about = {"household": house.subject, "resident": house.about, "team": f"team:{me.team.id}"}
    made = []
    for kind, spec in KINDS["kinds"].items():
        if me.role not in WRITERS[kind]:
            continue
        own = {"record": about[kind].partition(":")[2]} if kind in {"household", "resident"} else {}
        for topic in spec["topics"]:
            # Of a household itself only its practical things are known.
            of = spec["subjects"][0] if topic == "practical" or "resident" not in spec["subjects"] else "resident"
            subject = about[of]
            fields = {name: _value(house, me, kind, name, one) for name, one in spec["fields"].items()}
            made.append(desk.change(me, kind, subject, fields, topic=topic, **own))
    return made


def _value(house: desk.House, me: desk.Me, kind: str, name: str, spec: dict[str, Any]) -> Any:
    if spec["type"] in {"line", "text"}:
        return f"{CANARY} {kind}"[: spec["max"]]
    if spec["type"] in {"choice", "choices"}:
        return spec["of"][0] if spec["type"] == "choice" else spec["of"][:2]
    told = {"household": house.id, "resident": house.resident, "to": me.person, "to_kind": "person", "day": desk.TODAY, "since": desk.TODAY}
    return told.get(name, VALUES[spec["type"]])
