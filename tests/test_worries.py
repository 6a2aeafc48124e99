"""Worries at the desk: first of all that came in, whoever wrote them; a lead takes them up, answers and settles them, and who worried hears of it."""

from __future__ import annotations

import re

import pytest

from tests import desk
from tests.desk import DAY_MS, NOW
from tests.test_review import known, lines, read, upto
from tests.test_tasks import answer, asked, held, street  # noqa: F401 - a nurse and her lead, a household, and volunteers with a phone

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def ilse(street, client):  # noqa: F811
    """The lead, in a browser; everybody is known by name."""
    for one in (street.nurse, street.lead, street.gerrit):
        await known(street.office, one)
    return await desk.signed_in(client, street.lead)


@pytest.fixture
async def worry(street, ilse):  # noqa: F811
    """What Gerrit saw: the household's record of it, and his phone."""
    task, phone = await asked(street)
    await phone.sync(answer(street, task, "worried", text="Hij at niets. De koelkast was leeg.", at=NOW))
    ((key,),) = await desk.rows(street.office, "SELECT id FROM record WHERE kind = 'worry'")
    return key, phone


def step(ilse, key, step, **more):
    return ilse.post(f"/review/{key}/acknowledgements", data={"op": desk.new(), "step": step, **more})


async def test_a_volunteers_worry_comes_before_everything_unread(street, ilse, worry):  # noqa: F811
    key, _ = worry
    await read(ilse, key, upto(await ilse.get("/review")))
    await desk.hand_in(street.office, street.nurse, desk.note(street.nurse, street.home, "Het gaat goed."))
    page = await ilse.get("/review")
    assert lines(page)[:2] == [("Hij at niets.", False), ("Het gaat goed.", True)]
    line = re.search(r'<li id="line-1">.*?</li>', page.text, re.DOTALL)[0]
    for fact in ("vandaag 11:00", "Fam. De Wit-Zorgvuldig", "vrijwilliger", "Gerrit", "Oogdruppels", "nieuw"):
        assert fact in line
    assert "De koelkast was leeg." in (await ilse.get(f"/review/{key}")).text
    assert [title for title, _ in lines(await ilse.get("/review?kind=worry"))] == ["Hij at niets."]


async def test_an_answer_reaches_who_worried_only_when_the_resident_agreed(ilse, worry):
    key, phone = worry
    taken = await step(ilse, key, "taken_up", text="Suiker is laag.")
    assert taken.status_code == 200
    for fact in ("Opgepakt", "Suiker is laag.", "Dit blijft binnen het team.", "Ilse", "Bewaard."):
        assert fact in taken.text
    assert "Wie zich zorgen maakte leest dit." in (await step(ilse, key, "advice", text="Bel ons gerust.", agreed="yes")).text
    await phone.pull()
    assert {one["step"]: one.get("text") for one in held(phone)["reply"]} == {"received": None, "taken_up": None, "advice": "Bel ons gerust."}


async def test_what_is_settled_comes_first_no_more_and_goes_after_a_month(street, ilse, worry, clock):  # noqa: F811
    key, _ = worry
    clock.at = NOW + 40 * DAY_MS
    await desk.run(street.office, "UPDATE session SET expires_at = 9999999999999, open_until = 9999999999999")
    assert [title for title, _ in lines(await ilse.get("/review"))] == ["Hij at niets."]
    page = await step(ilse, key, "closed")
    assert page.status_code == 404
    assert lines(await ilse.get("/review")) == []


async def test_a_settled_worry_stands_among_the_others(street, ilse, worry):  # noqa: F811
    key, _ = worry
    page = await step(ilse, key, "closed")
    assert "Afgerond" in page.text
    assert "Wat doe je ermee?" not in page.text
    await read(ilse, key, upto(page))
    await desk.hand_in(street.office, street.nurse, desk.note(street.nurse, street.home, "Het gaat goed."))
    titles = [title for title, _ in lines(await ilse.get("/review"))]
    assert titles.index("Het gaat goed.") < titles.index("Hij at niets.")


async def test_an_answer_needs_words_and_twice_is_once(street, ilse, worry):  # noqa: F811
    key, _ = worry
    empty = await step(ilse, key, "advice")
    assert (empty.status_code, "Schrijf wat je wilt antwoorden." in empty.text) == (422, True)
    long = await step(ilse, key, "taken_up", text="x" * 2001)
    assert (long.status_code, "x" * 2001 in long.text) == (422, True)
    for broken in ({"op": "x", "step": "closed"}, {"op": desk.new(), "step": "open"}):
        assert (await ilse.post(f"/review/{key}/acknowledgements", data=broken)).status_code == 400
    once = {"op": desk.new(), "step": "taken_up"}
    for _ in range(2):
        assert (await ilse.post(f"/review/{key}/acknowledgements", data=once)).status_code == 200
    assert await desk.rows(street.office, "SELECT count(*) FROM record WHERE kind = 'acknowledgement'") == [(1,)]


async def test_what_a_helper_said_shows_the_helper_and_who_wrote_it_down(street, ilse):  # noqa: F811
    helper = desk.change(street.nurse, "helper", street.home.subject, {"name": "Riet van 12", "relation": "neighbour"})
    said = desk.change(street.nurse, "worry", street.home.subject, {"text": "Zij lag nog in bed.", "helper": helper["record"]})
    assert desk.said(await desk.hand_in(street.office, street.nurse, helper, said)) == [("stored", None)] * 2
    page = await ilse.get("/review")
    assert lines(page)[0] == ("Zij lag nog in bed.", True)
    assert '<span class="hand">Buur</span> Riet van 12, genoteerd door Samira' in page.text
    opened = await ilse.get(f"/review/{said['record']}")
    assert "vindt goed dat de vrijwilliger dit leest" not in opened.text


async def test_a_colleagues_step_is_new_to_the_lead_and_their_own_is_not(street, ilse, worry):  # noqa: F811
    key, _ = worry
    await read(ilse, key, upto(await ilse.get("/review")))
    await step(ilse, key, "advice", text="Ik bel de dochter.")
    assert lines(await ilse.get("/review"))[0] == ("Hij at niets.", False)
    theirs = {"worry": key, "step": "taken_up", "at": NOW}
    await desk.hand_in(street.office, street.nurse, desk.change(street.nurse, "acknowledgement", street.home.subject, theirs))
    assert lines(await ilse.get("/review"))[0] == ("Hij at niets.", True)


async def test_nobody_elsewhere_sees_or_answers_it(street, client, worry):  # noqa: F811
    key, _ = worry
    chief = await desk.signed_in(client, await desk.somebody(street.office, "lead", street.gerrit.team, name="Noor"))
    assert lines(await chief.get("/review")) == []
    assert (await step(chief, key, "closed")).status_code == 404
    gerrit = await desk.signed_in(client, street.gerrit)
    assert (await step(gerrit, key, "closed")).status_code == 404
    assert await desk.rows(street.office, "SELECT count(*) FROM record WHERE kind = 'acknowledgement'") == [(0,)]
