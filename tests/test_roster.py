"""Roster: what nobody does yet, who does what, how the network is doing; and a lead of volunteers sees nothing of what it is or for whom."""

from __future__ import annotations

import re

import pytest

from tests import desk
from tests.desk import NOW, TODAY
from tests.test_review import known
from tests.test_tasks import answer, asked, drops, street  # noqa: F401 - a nurse and her lead, a household, and volunteers with a phone

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def ilse(street, client):  # noqa: F811
    for one in (street.nurse, street.lead, street.gerrit, street.ayse):
        await known(street.office, one)
    return await desk.signed_in(client, street.lead)


@pytest.fixture
async def noor(street, client):  # noqa: F811
    """Who leads the volunteers."""
    return await desk.signed_in(client, await desk.somebody(street.office, "lead", street.gerrit.team, kind="volunteers", name="Noor"))


def group(page, name):
    """What stands behind a number: [(text, meta)]."""
    (part,) = re.findall(rf'<section class="section" aria-labelledby="{name}">.*?</section>', page.text, re.DOTALL)
    return re.findall(r"<strong>(.*?)</strong><small>(.*?)</small>", part)


async def test_what_nobody_does_is_told_from_what_somebody_was_asked_and_said(street, ilse):  # noqa: F811
    task, phone = await asked(street)
    await desk.hand_in(street.office, street.nurse, drops(street, None, what="Boodschappen", due=TODAY))
    assert group(await ilse.get("/roster"), "uncovered") == [
        ("Boodschappen · Fam. De Wit-Zorgvuldig", "zo 22 nov · nog niemand gevraagd"),
        ("Oogdruppels · Fam. De Wit-Zorgvuldig", "ma 23 nov · gevraagd, nog geen antwoord"),
    ]
    await phone.sync(answer(street, task, "accepted"))
    page = await ilse.get("/roster")
    assert [text for text, _ in group(page, "uncovered")] == ["Boodschappen · Fam. De Wit-Zorgvuldig"]
    assert '<th scope="row">Gerrit</th>' in page.text
    assert "maandag 23 november: 1, waarvan 0 nog open." in page.text


async def test_who_said_no_leaves_it_open(street, ilse):  # noqa: F811
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "declined"))
    assert group(await ilse.get("/roster"), "uncovered") == [("Oogdruppels · Fam. De Wit-Zorgvuldig", "ma 23 nov · zei nee")]


async def test_a_task_that_repeats_is_open_on_each_day_that_was_not_answered(street, ilse):  # noqa: F811
    task, phone = await asked(street, due=TODAY, weekdays=[0, 2, 6])
    assert len(group(await ilse.get("/roster"), "uncovered")) == 3
    await phone.sync(answer(street, task, "done"))
    assert [meta[:9] for _, meta in group(await ilse.get("/roster"), "uncovered")] == ["zo 22 nov", "wo 25 nov"]


async def test_worries_burdens_and_who_was_never_asked_are_told_with_what_is_behind(street, ilse):  # noqa: F811
    home, nurse = street.home, street.nurse
    riet = desk.change(nurse, "helper", home.subject, {"name": "Riet", "relation": "neighbour"})
    load = desk.change(nurse, "load", home.subject, {"whose": riet["record"], "strength": 3, "burden": 8, "day": TODAY})
    worry = desk.change(nurse, "worry", home.subject, {"text": "Zij lag nog in bed.", "helper": riet["record"]})
    assert {one.is_ for one in await desk.hand_in(street.office, nurse, riet, load, worry)} == {"stored"}
    page = await ilse.get("/roster")
    assert group(page, "worries") == [("Zij lag nog in bed.", "Fam. De Wit-Zorgvuldig · 0 dagen open")]
    assert group(page, "much") == [("Riet", "draaglast 8 van 10")]
    assert group(page, "unasked") == [("Riet", "Buur · Fam. De Wit-Zorgvuldig")]
    assert f'href="/review/{worry["record"]}"' in page.text
    assert f'href="/helpers/{riet["record"]}"' in page.text


async def test_what_the_network_did_is_counted_and_what_a_nurse_did_is_not(street, ilse):  # noqa: F811
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "accepted"), answer(street, task, "done", at=NOW))
    own = drops(street, None, what="Verband")
    done = desk.change(street.nurse, "completion", street.home.subject, {"task": own["record"], "outcome": "done"})
    await desk.hand_in(street.office, street.nurse, own, done)
    page = await ilse.get("/roster")
    assert group(page, "carried") == [("Oogdruppels", "Gerrit · vandaag 11:00")]
    assert "1 taak in 30 dagen door het netwerk gedaan" in page.text


async def test_a_lead_of_volunteers_sees_that_there_is_a_task_and_nothing_of_it(street, noor):  # noqa: F811
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "worried", text="Hij at niets."))
    page = await noor.get("/roster")
    assert group(page, "uncovered") == [("Een taak · Gerrit", "ma 23 nov · gevraagd, nog geen antwoord")]
    assert group(page, "unasked") == [("Ayşe", "vrijwilliger")]
    for word in ("Oogdruppels", "Wit-Zorgvuldig", "Rietgors", "Hij at niets", "Eén druppel", street.home.id, task["record"]):
        assert word not in page.text, word


async def test_a_lead_elsewhere_sees_nothing_and_what_is_seen_is_logged(street, client, ilse):  # noqa: F811
    await asked(street)
    elsewhere = await desk.signed_in(client, await desk.somebody(street.office, "lead", name="Bram"))
    page = await elsewhere.get("/roster")
    assert group(page, "uncovered") == []
    assert "Oogdruppels" not in page.text
    await ilse.get("/roster")
    await ilse.get("/roster")
    seen = await desk.log(street.office, "read", "person", "subject", "source")
    assert seen == [(street.lead.person, street.home.subject, "page")]
