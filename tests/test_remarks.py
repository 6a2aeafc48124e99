"""Remarks: a lead asks, praises or wants something mended; it reaches who wrote it, inside the household, and what they answer comes back."""

from __future__ import annotations

import re

import pytest

from tests import desk
from tests.desk import DAY_MS, NOW
from tests.test_review import house, known, lines, samira, team, upto  # noqa: F401 - a nurse, her household and her lead in a browser

pytestmark = [pytest.mark.usefixtures("clock")]
PEOPLE_SQL = "UPDATE person SET left_at = $1 WHERE id = $2"


@pytest.fixture
async def lead(office, client, team):  # noqa: F811
    """Ilse, who leads the team, in a browser; colleagues know her."""
    return await desk.signed_in(client, await known(office, await desk.somebody(office, "lead", team, name="Ilse")))


@pytest.fixture
async def wound(office, samira, house):  # noqa: F811
    """What Samira noted about a wound."""
    note = desk.note(samira, house, "Wond 2 cm.")
    await desk.hand_in(office, samira, note)
    return note


async def say(lead, record, what="question", text="Hoe groot was hij vorige week?", **more):
    number = upto(await lead.get(f"/review/{record}"))
    return await lead.post(f"/review/{record}/remarks", data={"op": desk.new(), "what": what, "text": text, "upto": number, **more})


def response(me, remark, text="Toen 3 cm.", **more):
    return desk.change(me, "response", remark["subject"], {"to": remark["id"], "text": text}, topic=remark["topic"], **more)


async def remarks_of(office):
    keys = await desk.rows(office, "SELECT id FROM record WHERE kind = 'remark' ORDER BY seq")
    return [await desk.record(office, key) for (key,) in keys]


def fields(record):
    return {name: next(iter(value.values())) for name, value in record["fields"].items()}


async def test_a_question_reaches_who_wrote_it_in_the_same_place_and_marks_it_read(office, client, lead, samira, wound):  # noqa: F811
    page = await say(lead, wound["record"])
    assert page.status_code == 200
    for fact in ("Verstuurd.", "Vraag", "Hoe groot was hij vorige week?", "Ilse", "Dit heb je gelezen."):
        assert fact in page.text
    (asked,) = await remarks_of(office)
    assert (asked["subject"], asked["topic"]) == (wound["subject"], "body")
    assert fields(asked)["asked"] == samira.person
    phone = await desk.phone(client, samira)
    await phone.pull()
    assert phone.records[asked["id"]]["kind"] == "remark"
    assert lines(await lead.get("/review")) == [("Wond 2 cm.", False)]


async def test_the_answer_comes_back_high_in_the_list_and_can_be_settled(office, lead, samira, house, wound):  # noqa: F811
    await say(lead, wound["record"])
    (asked,) = await remarks_of(office)
    answered = response(samira, asked)
    await desk.hand_in(office, samira, answered, desk.note(samira, house, "Nog iets."))
    page = await lead.get("/review")
    assert lines(page)[0] == ("Antwoord op je vraag", True)
    assert lines(await lead.get("/review?kind=answer")) == [("Antwoord op je vraag", True)]
    page = await lead.get(f"/review/{answered['record']}")
    for fact in ("Wond 2 cm.", "Hoe groot was hij vorige week?", "Toen 3 cm.", "Samira Haddad", "Afgerond"):
        assert fact in page.text
    for _ in range(2):
        page = await lead.post(f"/review/{answered['record']}/closure", data={"remark": asked["id"]})
        assert page.status_code == 200, page.text
        assert "Afgerond" not in page.text
    assert fields((await remarks_of(office))[0])["closed"] is True
    await lead.put(f"/review/{answered['record']}/reading", data={"upto": upto(page)})
    assert ("Antwoord op je vraag", False) in lines(await lead.get("/review"))


async def test_a_compliment_may_go_without_words_and_its_answer_is_no_news(office, lead, samira, wound):  # noqa: F811
    assert "Schrijf wat je wilt vragen." in (await say(lead, wound["record"], "correction", " ")).text
    assert (await say(lead, wound["record"], "compliment", "")).status_code == 200
    (given,) = await remarks_of(office)
    assert "text" not in given["fields"]
    await desk.hand_in(office, samira, response(samira, given, "Dank je."))
    assert lines(await lead.get("/review")) == [("Wond 2 cm.", False)]
    assert "Dank je." in (await lead.get(f"/review/{wound['record']}")).text


async def test_the_original_stays_as_it_was(office, lead, samira, wound):  # noqa: F811
    before = await desk.record(office, wound["record"])
    await say(lead, wound["record"], "correction", "Links of rechts?")
    added = desk.change(samira, "note", wound["subject"], {"text": "Links.", "adds_to": wound["record"]}, topic="body")
    await desk.hand_in(office, samira, added)
    assert await desk.record(office, wound["record"]) == before
    assert "Links." in (await lead.get(f"/review/{wound['record']}")).text


async def test_sent_twice_is_once(office, lead, wound):
    sent = {"op": desk.new(), "what": "question", "text": "Hoezo?", "upto": "99"}
    for _ in range(2):
        assert (await lead.post(f"/review/{wound['record']}/remarks", data=sent)).status_code == 200
    assert len(await remarks_of(office)) == 1


async def test_two_leads_at_once_both_stand_and_see_each_other(office, client, lead, team, samira, wound):  # noqa: F811
    karin = await desk.signed_in(client, await known(office, await desk.somebody(office, "lead", team, name="Karin")))
    await say(lead, wound["record"], text="Hoe groot?")
    await say(karin, wound["record"], text="Wat voor verband?")
    for one in (lead, karin):
        page = (await one.get(f"/review/{wound['record']}")).text
        assert "Hoe groot?" in page
        assert "Wat voor verband?" in page
    first, _ = await remarks_of(office)
    await desk.hand_in(office, samira, response(samira, first))
    assert lines(await lead.get("/review?kind=answer")) == [("Antwoord op je vraag", True)]
    assert lines(await karin.get("/review?kind=answer")) == []


async def test_a_lead_is_asked_by_another_lead_like_anybody(office, client, lead, team, house):  # noqa: F811
    karin = await known(office, await desk.somebody(office, "lead", team, name="Karin"))
    note = desk.note(karin, house, "Zelf langs geweest.")
    await desk.hand_in(office, karin, note)
    await say(lead, note["record"])
    (asked,) = await remarks_of(office)
    await desk.hand_in(office, karin, response(karin, asked))
    assert lines(await lead.get("/review?kind=answer")) == [("Antwoord op je vraag", True)]
    assert lines(await (await desk.signed_in(client, karin)).get("/review?kind=answer")) == []


async def test_the_answer_to_who_leads_here_no_more_comes_to_who_does(office, client, lead, team, samira, wound):  # noqa: F811
    gone = await known(office, await desk.somebody(office, "lead", team, name="Karin"))
    await say(await desk.signed_in(client, gone), wound["record"])
    (asked,) = await remarks_of(office)
    await desk.hand_in(office, samira, response(samira, asked))
    assert lines(await lead.get("/review?kind=answer")) == []
    await desk.run(office, PEOPLE_SQL, NOW, gone.person)
    assert lines(await lead.get("/review?kind=answer")) == [("Antwoord op je vraag", True)]


async def test_of_a_visit_the_most_private_part_is_meant_unless_the_lead_says_otherwise(office, lead, samira, house):  # noqa: F811
    visit = desk.visit(samira, house)
    seen = desk.change(samira, "note", house.about, {"text": "Wond 2 cm.", "visit": visit["record"]}, topic="body")
    strong = desk.change(samira, "note", house.about, {"text": "Zingt weer.", "aspect": "strength", "visit": visit["record"]}, topic="social")
    await desk.hand_in(office, samira, visit, strong, seen)
    page = await lead.get(f"/review/{visit['record']}")
    assert f'<option value="{seen["record"]}" selected>Lichaam · Wond 2 cm.' in page.text
    await say(lead, visit["record"])
    await say(lead, visit["record"], "compliment", "", of=strong["record"])
    assert [(one["topic"], fields(one)["of"]) for one in await remarks_of(office)] == [("body", seen["record"]), ("social", strong["record"])]
    assert (await say(lead, visit["record"], of=desk.STRANGER)).status_code == 404


async def test_a_contact_of_the_team_is_asked_about_within_the_team(office, client, lead, samira):  # noqa: F811
    contact = desk.contact(samira)
    await desk.hand_in(office, samira, contact)
    await say(lead, contact["record"], text="Waar was dit?")
    (asked,) = await remarks_of(office)
    assert asked["subject"] == f"team:{samira.team.id}"
    phone = await desk.phone(client, samira)
    await phone.pull()
    assert asked["id"] in phone.records
    await desk.hand_in(office, samira, response(samira, asked, "Bij de kerk."))
    assert lines(await lead.get("/review?kind=answer")) == [("Antwoord op je vraag", True)]


async def test_who_cannot_read_it_any_more_is_not_asked_and_a_colleague_is_offered(office, lead, samira, house, team, wound):  # noqa: F811
    joost = await known(office, await desk.somebody(office, "nurse", team, name="Joost"))
    await desk.hand_in(office, joost, desk.consent(joost, house, samira, "body", answer="no"))
    page = await lead.get(f"/review/{wound['record']}")
    assert "Samira Haddad kan dit niet meer lezen." in page.text
    assert f'<option value="{joost.person}" selected>Joost</option>' in page.text
    assert f'<option value="{samira.person}"' not in page.text
    refused = await say(lead, wound["record"], asked=samira.person)
    assert refused.status_code == 422
    assert "Deze collega kan dit onderdeel niet lezen." in refused.text
    assert (await say(lead, wound["record"], asked=joost.person)).status_code == 200
    (asked,) = await remarks_of(office)
    assert fields(asked)["asked"] == joost.person


async def test_of_who_left_the_lead_is_told_before_sending(office, lead, samira, wound):  # noqa: F811
    await desk.run(office, PEOPLE_SQL, NOW, samira.person)
    page = await lead.get(f"/review/{wound['record']}")
    assert "Samira Haddad kan dit niet meer lezen." in page.text
    assert 'name="what"' not in page.text
    assert (await say(lead, wound["record"])).status_code == 422
    assert await remarks_of(office) == []


async def test_an_answer_after_the_household_was_taken_away_is_held_and_the_lead_sees_it(office, lead, samira, house, team, wound):  # noqa: F811
    await say(lead, wound["record"])
    (asked,) = await remarks_of(office)
    joost = await known(office, await desk.somebody(office, "nurse", team, name="Joost"))
    await desk.hand_in(office, joost, desk.consent(joost, house, samira, "body", answer="no"))
    assert [one.is_ for one in await desk.hand_in(office, samira, response(samira, asked))] == ["held"]
    assert lines(await lead.get("/review?kind=answer")) == []
    page = (await lead.get("/held")).text
    for fact in ("Antwoord op een opmerking", "Toen 3 cm.", "Hoe groot was hij vorige week?"):
        assert fact in page


async def test_what_is_about_safety_stays_with_who_may_read_safety(office, client, lead, samira, house, team):  # noqa: F811
    joost = await known(office, await desk.somebody(office, "nurse", team, name="Joost"))
    await desk.hand_in(office, joost, desk.consent(joost, house, samira, "safety"))
    secret = desk.note(samira, house, "Blauwe plek.", topic="safety")
    await desk.hand_in(office, samira, secret)
    assert lines(await lead.get("/review")) == []
    assert (await lead.post(f"/review/{secret['record']}/remarks", data={"op": desk.new(), "what": "compliment", "upto": "9"})).status_code == 404
    ilse = await desk.rows(office, "SELECT person FROM membership WHERE role = 'lead'")
    named = desk.Me(ilse[0][0], "Ilse", "lead", "", team, "", "")
    await desk.hand_in(office, joost, desk.consent(joost, house, named, "safety"))
    assert (await say(lead, secret["record"], text="Wie weet dit nog meer?")).status_code == 200
    (asked,) = await remarks_of(office)
    assert asked["topic"] == "safety"
    phones = [await desk.phone(client, one) for one in (samira, joost)]
    for phone in phones:
        await phone.pull()
    assert [asked["id"] in phone.records for phone in phones] == [True, False]


async def test_nobody_else_says_or_settles_anything(office, client, lead, samira, wound):  # noqa: F811
    await say(lead, wound["record"])
    (asked,) = await remarks_of(office)
    elsewhere = await desk.signed_in(client, await desk.somebody(office, "lead", name="Noor"))
    nurse = await desk.signed_in(client, samira)
    for one in (elsewhere, nurse):
        sent = {"op": desk.new(), "what": "compliment", "upto": "9"}
        assert (await one.post(f"/review/{wound['record']}/remarks", data=sent)).status_code == 404
        assert (await one.post(f"/review/{wound['record']}/closure", data={"remark": asked["id"]})).status_code == 404
    assert len(await remarks_of(office)) == 1
    assert "closed" not in (await remarks_of(office))[0]["fields"]


async def test_what_hangs_on_it_is_logged_as_shown(office, lead, samira, wound):  # noqa: F811
    await say(lead, wound["record"])
    (asked,) = await remarks_of(office)
    await desk.hand_in(office, samira, response(samira, asked))
    await lead.get(f"/review/{wound['record']}")
    shown = [row[0] for row in await desk.log(office, "read", "object") if row[0]]
    assert {wound["record"], asked["id"]} <= set(shown)


async def test_what_is_no_remark_is_refused(lead, wound):
    whole = {"op": desk.new(), "what": "compliment", "upto": "1"}
    for sent in ({}, *(whole | wrong for wrong in ({"what": "shout"}, {"op": "x"}, {"upto": ""}, {"of": "x"}, {"asked": ""}))):
        assert (await lead.post(f"/review/{wound['record']}/remarks", data=sent)).status_code == 400
    page = await say(lead, wound["record"], text="x" * 2001)
    assert page.status_code == 422
    assert re.search(r'aria-invalid="true"', page.text)


async def test_after_three_months_a_question_is_over(office, lead, samira, wound, clock):  # noqa: F811
    await say(lead, wound["record"])
    (asked,) = await remarks_of(office)
    await desk.run(office, "UPDATE session SET expires_at = 9999999999999, open_until = 9999999999999")
    clock.at = NOW + 40 * DAY_MS
    answered = response(samira, asked, record=desk.clock.uuid7(clock.at, "0" * 20))
    await desk.hand_in(office, samira, answered, at=clock.at)
    page = await lead.get(f"/review/{answered['record']}")
    assert lines(await lead.get("/review")) == [("Antwoord op je vraag", True)]
    assert "Hoe groot was hij vorige week?" in page.text
    clock.at = NOW + 91 * DAY_MS
    assert lines(await lead.get("/review")) == []
