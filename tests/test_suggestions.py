"""Suggestions: they reach the lead of the writer's team and nobody else's; what is answered comes back to the writer's phone."""

from __future__ import annotations

import pytest

from tests import desk
from tests.desk import NOW
from tests.test_review import known

pytestmark = pytest.mark.usefixtures("clock")

WORDS = "Graag de metingen <b>bovenaan</b>."


def idea(me, text=WORDS, screen="/households/{id}/visits/new"):
    return desk.change(me, "suggestion", f"team:{me.team.id}", {"text": text, "screen": screen, "at": NOW})


def respond(browser, key, **more):
    return browser.post(f"/suggestions/{key}/responses", data={"op": desk.new(), "text": "Komt eraan.", **more})


@pytest.fixture
async def written(office, nurse):
    """What the nurse would change."""
    await known(office, nurse)
    made = idea(nurse)
    assert desk.said(await desk.hand_in(office, nurse, made)) == [("stored", None)]
    return made["record"]


async def test_the_lead_reads_what_it_is_about_which_screen_and_by_whom(lead, written):
    page = (await lead.get("/suggestions")).text
    assert written in page
    assert "Graag de metingen &lt;b&gt;bovenaan&lt;/b&gt;." in page
    for fact in ("Samira, wijkverpleegkundige bij De Linde · Bezoek", "1 zonder antwoord", "vandaag 11:00"):
        assert fact in page


async def test_a_screen_that_the_office_has_no_words_for_is_naober(office, nurse, lead):
    await known(office, nurse)
    await desk.hand_in(office, nurse, idea(nurse, screen="/elsewhere/{id}"))
    assert "Samira, wijkverpleegkundige bij De Linde · Naober" in (await lead.get("/suggestions")).text


async def test_an_answer_comes_back_to_who_wrote_it_once(office, client, nurse, lead, written):
    op = desk.new()
    for _ in range(2):
        page = await respond(lead, written, op=op)
        assert (page.status_code, "Komt eraan." in page.text, "zonder antwoord" in page.text) == (200, True, False)
    phone = await desk.phone(client, nurse)
    await phone.pull()
    answers = [one for one in phone.records.values() if one["kind"] == "response"]
    assert [list(one["fields"]["to"].values()) for one in answers] == [[written]]
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE kind = 'response'") == [(1,)]


async def test_what_has_no_answer_yet_stands_first(office, nurse, lead, written):
    await desk.hand_in(office, nurse, idea(nurse, "Groter graag."))
    await respond(lead, written)
    page = (await lead.get("/suggestions")).text
    assert page.index("Groter graag.") < page.index("Graag de metingen")


async def test_an_answer_needs_words_and_a_form_of_ours(office, lead, written):
    empty = await respond(lead, written, text=" ")
    assert (empty.status_code, "Schrijf wat je wilt antwoorden." in empty.text) == (422, True)
    long = await respond(lead, written, text="x" * 2001)
    assert (long.status_code, "x" * 2001 in long.text) == (422, True)
    assert (await respond(lead, written, op="x")).status_code == 400
    assert (await respond(lead, desk.STRANGER)).status_code == 404
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE kind = 'response'") == [(0,)]


async def test_volunteers_have_ideas_too_and_their_lead_answers(office, client):
    team = await desk.team(office, "volunteers")
    gerrit, noor = await desk.somebody(office, "volunteer", team), await desk.somebody(office, "lead", team)
    made = idea(gerrit, "Een kaartje graag.", "/errands")
    assert desk.said(await desk.hand_in(office, gerrit, made)) == [("stored", None)]
    browser = await desk.signed_in(client, noor)
    assert "Mijn taken" in (await browser.get("/suggestions")).text
    assert (await respond(browser, made["record"])).status_code == 200
    phone = await desk.phone(client, gerrit)
    await phone.pull()
    assert [one["kind"] for one in phone.records.values() if one["subject"] == f"team:{team.id}"] == ["response"]


async def test_nobody_elsewhere_reads_or_answers_it(office, client, nurse, written):
    chief = await desk.signed_in(client, await desk.somebody(office, "lead"))
    assert WORDS[:10] not in (await chief.get("/suggestions")).text
    assert (await respond(chief, written)).status_code == 404
    colleague = await desk.signed_in(client, await desk.somebody(office, "nurse", nurse.team))
    assert (await colleague.get("/suggestions")).status_code == 404
    assert (await respond(colleague, written)).status_code == 404


async def test_that_the_lead_read_them_is_logged_once_an_hour(office, lead, nurse, written):
    for _ in range(2):
        await lead.get("/suggestions")
    logged = [row for row in await desk.log(office, "read", "subject", "source", "ground", "n") if row[0] == f"team:{nurse.team.id}"]
    assert logged == [(f"team:{nurse.team.id}", "page", "team", 1)]
    assert written
