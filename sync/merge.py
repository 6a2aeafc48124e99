"""How changes become a record: a pure function of the set of (change, version), whatever their order and however often they come.

A field keeps every entry that no other write of that field has replaced. What replaced entries had reached is remembered in `past` (only
where the entries still standing do not say it), so that a latecomer meets the same answer as one that was in time.
"""

# Both languages call these by position.
# ruff: noqa: FBT001

from collections.abc import Mapping
from typing import Any

import msgspec

from sync import clock

_ENCODE = msgspec.json.Encoder(order="deterministic").encode


def apply(record: dict[str, Any] | None, change: dict[str, Any], write: dict[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the record after this change; `write` = {by, role, stamp, version, seen, device, n}, `spec` = the kind's entry in kinds.json."""
    base = record or _blank(change)
    if not base["writes"]:  # nothing to settle yet
        fields = {name: {change["id"]: value} for name, value in change["fields"].items()}
        return {**base, "version": write["version"], "writes": {change["id"]: write}, "fields": fields}
    writes = {**base["writes"], change["id"]: write}
    fields, past = dict(base["fields"]), dict(base.get("past", {}))
    for name, value in change["fields"].items():
        wins = spec["fields"].get(name, {}).get("wins", [])
        entries = {**fields.get(name, {}), change["id"]: value}
        fields[name], past[name] = _settle(entries, past.get(name, {}), writes, wins)
    return _trim(base, max(base["version"], write["version"]), writes, fields, past)


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """Give what a page shows: one value a field (emptied ones left out), `also` the others written at the same time, and who wrote it first."""
    fields, also = {}, {}
    for name, entries in record["fields"].items():
        if len(entries) == 1:  # as nearly all of the thousands that one page asks for
            (value,) = entries.values()
            if value is not None:
                fields[name] = value
            continue
        first, *rest = _latest_first(record, name)
        if first["value"] is not None:
            fields[name] = first["value"]
        others = [entry for entry in rest if text(entry["value"]) != text(first["value"])]
        if others:
            also[name] = others
    write = origin(record)
    at = (clock.parse(write["stamp"]) or {"ms": 0})["ms"]
    return {
        "id": record["id"], "kind": record["kind"], "subject": record["subject"], "topic": record["topic"], "version": record["version"],
        "by": write["by"], "role": write["role"], "stamp": write["stamp"], "at": at, "fields": fields, "also": also,
    }


def origin(record: dict[str, Any]) -> dict[str, Any]:
    """Give the write that made the record: who it is by."""
    writes = record["writes"].values()
    return next(iter(writes)) if len(writes) == 1 else min(writes, key=lambda write: write["version"])


def text(value: object) -> str:
    """Give the canonical JSON text: keys by code point, no spaces, nothing escaped needlessly; for what `rules.check` let through (no floats)."""
    return _ENCODE(value).decode()


def keys(object: Mapping[str, Any]) -> list[str]:
    """List an object's keys by code point, the order of the canonical text."""
    return sorted(object)


def conflicts(record: dict[str, Any]) -> list[str]:
    """Name the fields that hold different values written at the same time."""
    return [name for name in keys(record["fields"]) if len({text(value) for value in record["fields"][name].values()}) > 1]


def _blank(change: dict[str, Any]) -> dict[str, Any]:
    head = {"id": change["record"], "kind": change["kind"], "subject": change["subject"], "topic": change["topic"]}
    return {**head, "version": 0, "writes": {}, "fields": {}}


def _settle(entries: dict[str, Any], past: dict[str, int], writes: dict[str, Any], wins: list[Any]) -> tuple[dict[str, Any], dict[str, int]]:
    reach = dict(past)
    for change, value in entries.items():
        _join(reach, _reach(writes[change], value in wins))
    kept = {change: value for change, value in entries.items() if _stands(writes[change], value in wins, reach)}
    said: dict[str, int] = {}
    for change, value in kept.items():
        _join(said, _reach(writes[change], value in wins))
    return kept, {key: most for key, most in reach.items() if most > said.get(key, 0)}


def _reach(write: dict[str, Any], wins: bool) -> dict[str, int]:
    reach = {"seen": min(write["seen"], write["version"] - 1), f"n:{write['device']}": write["n"]}
    return {**reach, f"won:{write['device']}": write["version"]} if wins else reach


def _join(reach: dict[str, int], more: dict[str, int]) -> None:
    for key, most in more.items():
        reach[key] = max(reach.get(key, 0), most)


def _stands(write: dict[str, Any], wins: bool, reach: dict[str, int]) -> bool:
    if write["version"] <= reach["seen"] or write["n"] < reach[f"n:{write['device']}"]:
        return False
    own = f"won:{write['device']}"
    return wins or all(most <= write["seen"] for key, most in reach.items() if key.startswith("won:") and key != own)


def _trim(base: dict[str, Any], version: int, writes: dict[str, Any], fields: dict[str, Any], past: dict[str, Any]) -> dict[str, Any]:
    used = {change for entries in fields.values() for change in entries}
    used.add(min(writes, key=lambda change: writes[change]["version"]))
    left = {name: reach for name, reach in past.items() if reach}
    record = {
        **{name: base[name] for name in ("id", "kind", "subject", "topic")},
        "version": version,
        "writes": {change: write for change, write in writes.items() if change in used},
        "fields": {name: entries for name, entries in fields.items() if entries},
    }
    return {**record, "past": left} if left else record


def _latest_first(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    writes = record["writes"]
    order = sorted(record["fields"][name], key=lambda change: (writes[change]["stamp"], change), reverse=True)
    return [{"value": record["fields"][name][change], "by": writes[change]["by"], "stamp": writes[change]["stamp"]} for change in order]
