"""Before a volunteer said that they keep to themselves what they hear and see, no name and no address reaches them."""

from __future__ import annotations

from tests import desk
from tests.mates import edit, found, neighbours, nouns, says
from tests.test_tasks import answer, asked, opened, street

__all__ = ["street"]


async def test_without_a_promise_there_is_no_address_also_after_a_yes(street, client):
    task, phone = await asked(street)
    await street.office.write(lambda tx: tx.run("UPDATE person SET confidential_at = NULL"))
    await phone.sync(answer(street, task, "accepted"))
    assert await opened(street, street.gerrit) == {"team", "errand"}
    browser = await desk.signed_in(client, street.gerrit)
    assert (await browser.put("/me", json={"confidential": True})).status_code == 200
    assert await opened(street, street.gerrit) == {"team", "errand", "address"}


async def test_who_was_found_for_somebody_is_not_named_to_them_without_a_promise(office, client, clock):
    there = await neighbours(office, client, clock)
    match = await found(there)
    await office.write(lambda tx: tx.run("UPDATE person SET confidential_at = NULL"))
    await edit(there, there.nurse, match["id"], resident_says="yes")
    assert await says(there, there.gerrit, "accepted") == [("stored", None)]
    assert await nouns(there, there.gerrit) == {"errand"}
