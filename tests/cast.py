"""The few people whom the tests know by name: those of the demo neighbourhood, with the hats they have in the database."""

from __future__ import annotations

from server import access, db
from server.demo_people import BY_KEY, Person

NURSE = BY_KEY["samira"]
COLLEAGUE = BY_KEY["joost"]
OUTREACH = BY_KEY["femke"]
VOLUNTEER = BY_KEY["gerrit"]
LEAD = BY_KEY["ilse"]
WELFARE_LEAD = BY_KEY["karin"]
TWO_HATS = BY_KEY["noor"]
ELSEWHERE = BY_KEY["bram"]


async def me(person: Person, now: int) -> access.Me:
    """Who this person is at this instant (ms), on the device on which they wrote the demo's history."""
    return access.Me(person.id, person.device, "", "nl", await db.read(lambda tx: access.hats(tx, person.id, now)))
