"""Steps of the reporting code at the office: kept, and read by nobody, until somebody is let in by name."""

from __future__ import annotations

import pytest

from tests import desk
from tests.drawer import decide, state

pytestmark = pytest.mark.usefixtures("clock")

SEEN = "Een blauwe plek op haar arm."
SHARED = {
    "question": "Is zij veilig thuis?", "necessity": "Anders weet niemand het.", "proportionality": "Haar veiligheid weegt zwaarder.",
    "subsidiarity": "Met minder lukt het niet.", "ground": "vital_interest", "told": "unsafe", "told_why": "Hij leest mee.", "since": desk.TODAY,
}  # fmt: skip


def step(nurse, house, step="signals", **fields):
    return desk.change(nurse, "safety_step", house.about, {"step": step, "text": SEEN, "day": desk.TODAY} | fields, topic="safety")


def share(nurse, house, noun, whom):
    return desk.change(nurse, "share", house.about, SHARED | {"to_kind": noun, "to": whom, "topics": ["safety"]})


async def test_the_lead_sees_that_it_is_there_and_neither_reads_nor_takes_it(office, lead, nurse, house):
    written = step(nurse, house)
    assert desk.said(await desk.hand_in(office, nurse, written)) == [("held", "no_care_relation")]
    page = (await lead.get("/held")).text
    assert "Stap van de meldcode · Samira" in page
    assert "Je ziet alleen dat het er is." in page
    assert "Opnemen kan niet" in page
    assert SEEN not in page
    await decide(lead, written, "acceptance")
    assert (await state(office, written))[0] == "held"


async def test_shared_with_the_team_by_name_it_is_taken_in_and_the_next_step_is_stored(office, client, lead, nurse, house):
    written = step(nurse, house)
    await desk.hand_in(office, nurse, written, share(nurse, house, "team", nurse.team.id))
    assert desk.said(await desk.hand_in(office, nurse, step(nurse, house, "consult", **{"with": "Veilig Thuis"}))) == [("stored", None)]
    assert SEEN in (await lead.get("/held")).text
    await decide(lead, written, "acceptance")
    assert (await state(office, written))[0] == "stored"
    colleague = await desk.phone(client, await desk.somebody(office, "nurse", nurse.team))
    await colleague.sync()
    given = [records for _, records in await colleague.history((house.about, "safety"))]
    assert sorted(record["kind"] for records in given for record in records) == ["safety_step", "safety_step"]


async def test_shared_with_its_author_alone_the_next_step_is_theirs_and_what_was_kept_before_stays_kept(office, lead, nurse, house):
    written = step(nurse, house)
    await desk.hand_in(office, nurse, written, share(nurse, house, "person", nurse.person))
    assert desk.said(await desk.hand_in(office, nurse, step(nurse, house, "talk"))) == [("stored", None)]
    page = (await lead.get("/held")).text
    assert SEEN not in page
    await decide(lead, written, "acceptance")
    assert (await state(office, written))[0] == "held"


async def test_nobody_else_holds_any_of_it(office, client, nurse, house):
    await desk.hand_in(office, nurse, share(nurse, house, "person", nurse.person), step(nurse, house))
    for one in (await desk.somebody(office, "nurse", nurse.team), await desk.somebody(office, "lead", nurse.team)):
        phone = await desk.phone(client, one)
        await phone.pull()
        assert (house.about, "safety") not in {(subject, topic) for subject, topic, *_ in phone.pairs}
        browser = await desk.signed_in(client, one)
        assert SEEN not in (await browser.get("/review")).text
