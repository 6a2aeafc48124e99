"""A lead's inbox for tests: what it says, a decision in one line, and what the office kept of it."""

from __future__ import annotations

import re

from tests import desk


def upto(page, change=None):
    """The number of the page as it was shown, in the form of this change."""
    numbers = re.findall(r'name="upto" value="(\d+)"', page.text.partition(f"/held/{change['id']}/")[2] if change else page.text)
    return numbers[0] if numbers else "0"


async def decide(lead, change, noun, text=None, number=None):
    number = number or upto(await lead.get("/held"), change)
    return await lead.post(f"/held/{change['id']}/{noun}", data={"upto": number, **({"text": text} if text is not None else {})})


async def state(office, change):
    """(is, reason, version) of a change."""
    return (await desk.rows(office, "SELECT is_, reason, version FROM change WHERE id = $1", change["id"]))[0]


async def decisions(office):
    """(what, text) of each, oldest first."""
    return await desk.rows(office, "SELECT what, text FROM decision ORDER BY seq")
