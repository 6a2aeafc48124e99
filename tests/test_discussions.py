"""Overleg at the office: it comes to the lead whole, and each part of it reaches whoever may read its own topic, and nobody else."""

from __future__ import annotations

import json

import pytest

from tests import desk
from tests.desk import NOW
from tests.test_review import lines

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def nurse(office):
    return await desk.somebody(office, "nurse", name="Samira")


@pytest.fixture
async def home(office, nurse):
    return await desk.household(office, nurse.team)


@pytest.fixture
async def told(office, nurse, home):
    """What a phone makes of a case discussion: {discussion, picture, task}."""
    said = {"question": "Kan zij thuis blijven?", "decision": "Een bel om de hals."}
    discussion = desk.change(nurse, "discussion", home.subject, {"way": "case", "with": "wijkagent", "nameless": True, **said, "at": NOW})
    of = {"discussion": discussion["record"]}
    picture = desk.change(nurse, "note", home.about, {"text": "Valt vaker.", "aspect": "seen", "at": NOW, **of}, topic="body")
    task = desk.change(nurse, "task", home.subject, {"what": "Bel aanvragen", "team": nurse.team.id, "owner": nurse.hat, **of})
    made = {"discussion": discussion, "picture": picture, "task": task}
    assert desk.said(await desk.hand_in(office, nurse, *made.values())) == [("stored", None)] * 3
    return {name: one["record"] for name, one in made.items()}


async def test_it_comes_to_the_lead_as_one_with_its_picture_and_its_task(office, client, nurse, told):
    lead = await desk.signed_in(client, await desk.somebody(office, "lead", nurse.team))
    page = await lead.get("/review?kind=discussion")
    assert lines(page) == [("Casuïstiekbespreking met wijkagent", True)]
    assert "Een bel om de hals." in page.text
    page = await lead.get(f"/review/{told['task']}")
    said = ("<b>De vraag</b> Kan zij thuis blijven?", "<b>Besluit</b> Een bel om de hals.", "<b>Lichaam</b> Valt vaker.")
    for fact in ("zonder naam besproken", *said, "Bel aanvragen"):
        assert fact in page.text


async def test_a_colleague_has_all_of_it_and_outreach_with_a_yes_what_is_practical(office, client, nurse, home, told):
    colleague = await desk.phone(client, await desk.somebody(office, "nurse", nurse.team))
    await colleague.pull()
    pairs = (home.subject, "practical"), (home.about, "body")
    assert {one["id"] for _, records in await colleague.history(*pairs) for one in records} >= set(told.values())
    fenna = await desk.somebody(office, "outreach", name="Fenna")
    given = desk.consent(nurse, home, fenna, "practical")
    assert desk.said(await desk.hand_in(office, nurse, given)) == [("stored", None)]
    phone = await desk.phone(client, fenna)
    await phone.pull()
    found = {one["id"] for _, records in await phone.history(*pairs) for one in records}
    assert found & set(told.values()) == {told["discussion"], told["task"]}


async def test_who_was_there_and_may_not_know_it_is_sent_nothing_of_it(office, client, told):
    outsider = await desk.phone(client, await desk.somebody(office, "outreach", name="wijkagent"))
    given = json.dumps(await outsider.pull())
    assert not any(word in given for word in (*told.values(), "Valt vaker", "bel om de hals"))
