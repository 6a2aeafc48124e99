"""The one door for writes: whoever writes, from phone or page, hands in changes; each is stored, known, held or refused, and said so."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from server import access, audit, db
from server.batches import Batch, Kept, Problem, Result
from sync import clock, merge, rules

if TYPE_CHECKING:
    from server.access import Hat, Me, Opened, Pair
    from server.db import Tx

__all__ = ["HOOKS", "KINDS", "WRITERS", "Batch", "Problem", "Result", "apply", "incomplete", "make", "take", "take_in"]

KINDS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "sync" / "kinds.json").read_bytes())

# Who may write which kind; the office itself may write every kind. What is not in here nobody writes from a phone.
FIELD_WORKERS = frozenset({"nurse", "outreach", "lead"})
WRITERS: dict[str, frozenset[str]] = {
    "colleague": frozenset(),
    **dict.fromkeys(("household", "resident", "schedule", "visit", "note", "measurement"), FIELD_WORKERS),
    **dict.fromkeys(("task", "completion", "contact", "signal", "consent", "share"), FIELD_WORKERS),
    **dict.fromkeys(("asking", "worry", "acknowledgement", "helper", "load", "instruction", "pause", "link"), FIELD_WORKERS),
    **dict.fromkeys(("interest", "involved", "liaison", "safety_step", "escalation", "step_down"), FIELD_WORKERS),
    **dict.fromkeys(("match", "evaluation", "opinion", "deviation", "agenda", "discussion", "obstacle", "response"), FIELD_WORKERS),
    "offer": frozenset({"volunteer"}),
    "suggestion": FIELD_WORKERS | {"volunteer"},
    "remark": frozenset({"lead"}),
    **dict.fromkeys(("errand", "address", "reply"), frozenset[str]()),
    "answer": frozenset({"volunteer"}),
    "reading": frozenset({"lead"}),
}
SUBJECT = re.compile(r"[a-z]{1,20}:[0-9a-f-]{36}")
NAME = re.compile(r"[a-z_0-9-]{1,40}")
PROBLEMS_MAX, FIELD_MAX = 20, 80


# A noun's own say: `check` may open pairs (a new household) or give a verdict; `after` follows a stored record. Registered in HOOKS by the nouns.
Check = Callable[["Tx", Batch, dict[str, Any], "Hat"], Awaitable["Result | None"]]
After = Callable[["Tx", Batch, dict[str, Any]], Awaitable[None]]
HOOKS: dict[str, tuple[Check, After]] = {}


async def apply(tx: Tx, sent: list[Any], me: Me, *, now: int, source: str = "phone") -> list[Result]:
    """One result for each change, in their order; all of it in this unit of work, and twice is the same as once. `now` in ms."""
    return (await take(tx, sent, me, now=now, source=source)).results


async def take(tx: Tx, sent: list[Any], me: Me, *, now: int, source: str = "phone", custody: str | None = None) -> Batch:
    """As `apply`, giving the whole batch: which records it touched, what is open to its author afterwards; `custody`: a reason to hold all of it."""
    numbers = await db.number(tx, len(sent)) if sent else 0
    return await _judged(tx, sent, Batch(me, now, source, numbers, await access.opened(tx, me.person, now), {}, {}, custody))


async def take_in(tx: Tx, held: list[dict[str, Any]], me: Me, author: Me, opened: dict[Pair, Opened], *, now: int, numbers: int) -> list[Result]:
    """Held changes through the same door, by a lead's word (under my one hat) and by what is `opened` to me; author, role, device and stamp stay as
    they were written. What is not held any more is known, and nothing happens. `numbers`: the first of as many numbers as there are changes.
    """
    return (await _judged(tx, held, Batch(me, now, "page", numbers, opened, {}, {}, None, author))).results


async def _judged(tx: Tx, sent: list[Any], batch: Batch) -> Batch:
    faults = [rules.check(one, KINDS) for one in sent]
    await _read(tx, [one for one, wrong in zip(sent, faults, strict=True) if not wrong], batch)
    for one, wrong in zip(sent, faults, strict=True):
        batch.results.append(_misshapen(batch, one, wrong) if wrong else await _one(tx, batch, one))
    await _save(tx, batch)
    return batch


def incomplete(change: dict[str, Any]) -> Result | None:
    """The refusal of a change that begins a record without what that would be nothing without; hooks ask before they leave anything behind."""
    if all(change["fields"].get(name) is not None for name in KINDS["kinds"][change["kind"]]["required"]):
        return None
    return Result(change["id"], "refused", None, "shape", _problems(rules.check(change, KINDS, new=True)))


def make(hat: Hat, what: dict[str, str], fields: dict[str, Any], *, ids: tuple[str, str], stamp: str, n: int, seen: int = 0) -> dict[str, Any]:
    """A change as a phone would have made it, for pages of the office: `what` = {kind, subject, topic}, `ids` = (change, record)."""
    return {"id": ids[0], "record": ids[1], **what, "stamp": stamp, "seen": seen, "n": n, "by": hat.id, "fields": fields}


async def _read(tx: Tx, sound: list[dict[str, Any]], batch: Batch) -> None:
    if not sound:
        return
    ids, records = [one["id"] for one in sound], list({one["record"] for one in sound})
    for row in await tx.all(f"SELECT id, person, body_hash, is_, version, reason FROM change WHERE {db.among('id', 1)}", ids):  # noqa: S608
        batch.known[row[0]] = row
    for key, author, first, number, version, body in await tx.all(
        # In one order on both engines: in it records that change together get their numbers.
        f"SELECT id, author, first, seq, version, body FROM record WHERE {db.among('id', 1)} ORDER BY id", records,  # noqa: S608  our own SQL
    ):  # fmt: skip
        batch.records[key] = Kept(msgspec.json.decode(body), author, first, version, version, number)


def _misshapen(batch: Batch, one: Any, wrong: list[dict[str, str]]) -> Result:
    said = one.get("id") if isinstance(one, dict) else None
    result = Result(said if isinstance(said, str) and NAME.fullmatch(said) else "", "refused", None, "shape", _problems(wrong))
    _log(batch, one if isinstance(one, dict) else {}, None, result)
    return result


def _problems(wrong: list[dict[str, str]]) -> list[Problem]:
    """Some of what is wrong is enough; a field's name may be anybody's, half a character too."""
    return [Problem(one["field"][:FIELD_MAX].encode("utf-8", "replace").decode(), one["why"]) for one in wrong[:PROBLEMS_MAX]]


async def _one(tx: Tx, batch: Batch, change: dict[str, Any]) -> Result:
    """The checks in their order, cheap ones first; whatever they say is logged, and what is not refused is kept."""
    body = merge.text(change)
    digest = hashlib.sha256(body.encode()).hexdigest()
    hat = batch.writer.hat(change["by"])
    decides = batch.me.hats[0] if batch.author else hat
    if change["id"] in batch.known and not (batch.author and batch.known[change["id"]][3] == "held"):
        result = _again(batch, change["id"], digest)
        if result.is_ == "refused":
            _log(batch, change, decides, result)
        return result
    result = await _verdict(tx, batch, change, decides) or _merge(batch, change, hat)
    if batch.author:
        _settle(batch, change, result)
    elif result.is_ != "refused":
        _keep(batch, change, (body, digest), hat, result)
    _log(batch, change, decides, result)
    return result


def _again(batch: Batch, change_id: str, digest: str) -> Result:
    """The same delivery once more has the answer of the first; another body under the same id is none of it."""
    _, person, known_digest, is_, version, reason = batch.known[change_id]
    if digest != known_digest or person != batch.writer.person:
        return Result(change_id, "refused", None, "other_body", [Problem("id", "not_allowed")])
    return Result(change_id, "known" if is_ == "stored" else is_, version, reason)


async def _verdict(tx: Tx, batch: Batch, change: dict[str, Any], hat: Hat | None) -> Result | None:
    """Held or refused, or None when nothing stands against it."""
    if hat is None:
        return await _without_hat(tx, batch, change)
    if batch.custody:
        return Result(change["id"], "held", None, batch.custody)
    if hat.role != "office" and hat.role not in WRITERS[change["kind"]]:
        return Result(change["id"], "held", None, "role")
    hook = HOOKS.get(change["kind"])
    said = await hook[0](tx, batch, change, hat) if hook else None
    if said is not None:
        return said
    if hat.role != "office" and not _open(batch, change):
        return Result(change["id"], "held", None, await _why_closed(tx, batch, change))
    return _against_record(batch, change)


def _open(batch: Batch, change: dict[str, Any]) -> bool:
    """Whether its author may write this now: the pair is open to them, and a record that is there already too."""
    kept, pair = batch.records.get(change["record"]), (change["subject"], change["topic"])
    if kept and kept.author != batch.me.person:
        return access.opens(batch.opened, pair, kept.first)
    return pair in batch.opened


async def _why_closed(tx: Tx, batch: Batch, change: dict[str, Any]) -> str:
    """A consent that ended while the phone was away is told from a relation that never was."""
    ended = await access.was_opened(tx, batch.me, change["subject"], change["topic"], batch.now)
    return "consent_ended" if ended else "no_care_relation"


async def _without_hat(tx: Tx, batch: Batch, change: dict[str, Any]) -> Result:
    """A hat that ended while the phone was away keeps its work for the lead; somebody else's hat is no valid change."""
    if await tx.one("SELECT id FROM membership WHERE id = $1 AND person = $2", change["by"], batch.me.person):
        return Result(change["id"], "held", None, "hat_ended")
    return Result(change["id"], "refused", None, "hat", [Problem("by", "not_allowed")])


def _against_record(batch: Batch, change: dict[str, Any]) -> Result | None:
    kept = batch.records.get(change["record"])
    if kept is None:
        return incomplete(change)
    other = [Problem(name, "not_allowed") for name in ("kind", "subject", "topic") if kept.record[name] != change[name]]
    if other:
        # Of a record that is closed to its author only that its id is taken: not what it is, nor of whom or about what.
        there = kept.author == batch.writer.person or access.opens(batch.opened, (kept.record["subject"], kept.record["topic"]), kept.first)
        return Result(change["id"], "refused", None, "other_record", other if there else [Problem("record", "not_allowed")])
    signed = [Problem(name, "signed") for name in rules.signed(change, kept.record, KINDS)]
    return Result(change["id"], "refused", None, "signed", signed) if signed else None


def _merge(batch: Batch, change: dict[str, Any], hat: Hat | None) -> Result:
    kept = batch.records.get(change["record"])
    bounded = not clock.acceptable(change["stamp"], batch.now)
    version = kept.record["version"] + 1 if kept else 1
    write = {
        "by": change["by"], "role": hat.role if hat else "", "version": version, "device": batch.writer.device,
        "seen": change["seen"], "n": change["n"], "stamp": _bound(batch, change["stamp"]) if bounded else change["stamp"],
    }
    merged = merge.apply(kept.record if kept else None, change, write, KINDS["kinds"][change["kind"]])
    if kept is None:
        kept = batch.records[change["record"]] = Kept(merged, batch.writer.person, batch.numbers, 0, change["seen"])
    elif not kept.dirty:
        kept.seen = change["seen"]
    kept.record, kept.dirty, kept.bounded = merged, True, kept.bounded or bounded
    return Result(change["id"], "stored", version, "clock" if bounded else None)


def _bound(batch: Batch, stamp: str) -> str:
    """A clock too far ahead counts as five minutes ahead, in the order of arrival."""
    return f"{batch.now + clock.AHEAD_MS_MAX:013d}-{len(batch.results):04x}-{stamp[-8:]}"


def _keep(batch: Batch, change: dict[str, Any], body: tuple[str, str], hat: Hat | None, result: Result) -> None:
    me, text, digest = batch.me, *body
    batch.known[change["id"]] = (change["id"], me.person, digest, result.is_, result.version, result.reason)
    batch.rows.append((
        *(change["id"], change["record"], me.person, change["by"], hat.role if hat else "", hat.organisation if hat else "", me.device),
        *(change["n"], change["stamp"], digest, text, result.is_, result.reason, result.version, batch.now),
        batch.numbers + len(batch.results) if result.is_ == "held" else None,
    ))  # fmt: skip


def _settle(batch: Batch, change: dict[str, Any], result: Result) -> None:
    """What became of held work; what the file does not take for its own sake goes back to its author."""
    if result.is_ != "held":
        batch.known[change["id"]] = (*batch.known[change["id"]][:3], result.is_, result.version, result.reason)
        batch.settled.append((result.is_, result.reason, result.version, change["id"]))


def _log(batch: Batch, change: dict[str, Any], hat: Hat | None, result: Result) -> None:
    """One row a change; of a misshapen one only what can be a name goes into the log."""
    subject, topic, kind = (_plain(change.get(name), form) for name, form in (("subject", SUBJECT), ("topic", NAME), ("kind", NAME)))
    why = batch.opened.get((subject or "", topic or ""))
    action = "write" if result.is_ == "stored" else result.is_
    about = {"subject": subject, "topic": topic, "kind": kind, "object": _plain(change.get("record"), NAME), "n": 1}
    more = {"responsible": batch.writer.person, "ground": why.ground if why else None, "source": batch.source, "result": result.reason or "ok"}
    batch.log.append(audit.row(batch.me, hat, batch.now, action, **about, **more))


def _plain(value: Any, form: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None


async def _save(tx: Tx, batch: Batch) -> None:
    touched = batch.touched
    if batch.rows:
        await tx.many(f"INSERT INTO change VALUES ({', '.join(f'${i}' for i in range(1, 17))})", batch.rows)  # noqa: S608
    await tx.many("UPDATE change SET is_ = $1, reason = $2, version = $3, seq = NULL WHERE id = $4", batch.settled)
    if touched:
        await tx.many(
            "INSERT INTO record (id, kind, subject, topic, version, first, seq, author, day, body) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)"
            " ON CONFLICT (id) DO UPDATE SET version = excluded.version, seq = excluded.seq, day = excluded.day, body = excluded.body",
            [_row(kept, batch.numbers + i) for i, kept in enumerate(touched.values())],
        )
    for kept in touched.values():
        if hook := HOOKS.get(kept.record["kind"]):
            await hook[1](tx, batch, kept.record)
    if batch.log:
        await audit.note(tx, batch.log)


def _row(kept: Kept, number: int) -> tuple[Any, ...]:
    record = kept.record
    day = merge.shown(record)["fields"].get("day") if "day" in record["fields"] else None
    about = (record["id"], record["kind"], record["subject"], record["topic"], record["version"])
    return (*about, number, kept.author, day, merge.text(record))
