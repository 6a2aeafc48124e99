"""Push: messages on their way to phones, handed over to the push services; all that they say is that there is something, and a number.

A message is written with what it is about, in one unit, and taken by one process for a while; what a killed process had in hand is taken up again.
The second of two that are the same takes the place of the first: by its topic at the service, by its number on the phone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from server import db, encryption, errands, sessions, subscriptions
from server.config import settings
from server.couriers import Courier

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from server.couriers import Answer
    from server.db import Tx

MINUTE_MS = 60_000
LIFE_MS = 12 * 60 * MINUTE_MS
IN_HAND_MS = 90_000
AT_ONCE, TOGETHER = 200, 32
ROUND_MS_MAX = 50_000
RETRY_MS_MAX = 6 * 60 * MINUTE_MS
TOPIC_BYTES = 24
GONE, BUSY, ERRORS_FROM, ERRORS_OF_SERVER = {404, 410}, 429, 400, 500
WORKER = secrets.token_hex(8)
# Of rows that another process is about to take, the next ones are taken instead.
SKIPPING = " FOR UPDATE SKIP LOCKED" if db.engine == "postgres" else ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message in hand, with where it goes."""

    id: str
    device: str
    n: int
    ends_at: int
    tries: int
    endpoint: str
    point: str
    auth: str
    language: str


async def tell(tx: Tx, person: str, of: str, due: int, at: int) -> None:
    """One message to each device of somebody who wants to be reminded there, of the thing `of` that fell due."""
    for device in await subscriptions.devices(tx, person):
        await tx.run(
            "INSERT INTO push (id, device, n, due_at, ends_at, tries) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (id) DO NOTHING",
            *(errands.derived(of, f"push {of} {device}"), device, due // MINUTE_MS, at, at + LIFE_MS),
        )


async def hand_over(worker: str = WORKER) -> None:
    """Hands over what is due; what is left after most of a minute waits for the next round."""
    until = sessions.now() + ROUND_MS_MAX
    own = await db.write(subscriptions.own_key)
    words: dict[str, str] = {}
    async with Courier() as courier:
        while sessions.now() < until and (taken := await db.write(lambda tx: take(tx, worker, sessions.now()))):
            gate = asyncio.Semaphore(TOGETHER)
            answers = await asyncio.gather(*(_posted(one, own, words, courier, gate) for one in taken))
            said = list(zip(taken, answers, strict=True))
            await db.write(partial(settle, said=said, at=sessions.now()))


async def take(tx: Tx, worker: str, at: int) -> list[Message]:
    """Messages that are due, in this process's hands for a while; those that came too late, or lead nowhere, are gone."""
    await tx.run("DELETE FROM push WHERE ends_at <= $1", at)
    free = "due_at <= $1 AND (claimed_at IS NULL OR claimed_at <= $2)"
    rows = await tx.all(
        f"UPDATE push SET claimed_at = $1, by = $3 WHERE {free} AND id IN"  # noqa: S608  our own SQL
        f" (SELECT id FROM push WHERE {free} ORDER BY due_at, id LIMIT $4{SKIPPING}) RETURNING id, device, n, ends_at, tries",
        *(at, at - IN_HAND_MS, worker, AT_ONCE),
    )
    sql = "SELECT s.device, s.endpoint, s.point, s.auth, p.language FROM subscription s JOIN person p ON p.id = s.person"
    known = {device: where for device, *where in await tx.all(f"{sql} WHERE {db.among('s.device', 1)}", [row[1] for row in rows])}
    return [Message(*row, *known[row[1]]) for row in rows if row[1] in known]


async def settle(tx: Tx, said: list[tuple[Message, Answer | None]], at: int) -> None:
    """What became of each: handed over, nobody there any more, or to be tried again."""
    for one, answer in said:
        status = answer.status if answer else ERRORS_OF_SERVER
        if status in GONE:
            await subscriptions.drop(tx, one.device, one.endpoint)
        if status == BUSY or status >= ERRORS_OF_SERVER:
            wait = max(MINUTE_MS << min(one.tries, 9), ((answer and answer.retry_s) or 0) * 1000)
            sql = "UPDATE push SET claimed_at = NULL, tries = tries + 1, due_at = $1 WHERE id = $2"
            await tx.run(sql, at + min(wait, RETRY_MS_MAX), one.id)
    # What a service refuses for good is not brought again either.
    over = [one.id for one, answer in said if answer and answer.status != BUSY and answer.status < ERRORS_OF_SERVER]
    await tx.run(f"DELETE FROM push WHERE {db.among('id', 1)}", over)  # noqa: S608  our own SQL


async def _posted(one: Message, own: EllipticCurvePrivateKey, words: dict[str, str], courier: Courier, gate: asyncio.Semaphore) -> Answer | None:
    parts = urlsplit(one.endpoint)
    service = f"{parts.scheme}://{parts.netloc}"
    if service not in words:
        words[service] = encryption.authorization(own, service, settings.origin, sessions.now())
    async with gate:
        return await courier.post(one.endpoint, headers(one, words[service], sessions.now()), body(one))


def headers(one: Message, word: str, at: int) -> dict[str, str]:
    """What a push service reads of a message."""
    topic = bytes_to_base64url(hashlib.sha256(one.id.encode()).digest()[:TOPIC_BYTES])
    life = max(0, (one.ends_at - at) // 1000)
    return {"Authorization": word, "Content-Encoding": "aes128gcm", "TTL": str(life), "Urgency": "normal", "Topic": topic}


def body(one: Message) -> bytes:
    """What the phone reads of it: in which language to say that there is something, and the number of this message."""
    said: dict[str, Any] = {"language": one.language, "n": one.n}
    return encryption.sealed(json.dumps(said).encode(), base64url_to_bytes(one.point), base64url_to_bytes(one.auth))
