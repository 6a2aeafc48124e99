"""Review: a lead reads what their team wrote, whose hand it was, and says so; nobody else gets any of it."""

from __future__ import annotations

import re

import pytest

from server import addresses, arrivals
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def team(office):
    return await desk.team(office)


@pytest.fixture
async def samira(office, team):
    return await known(office, await desk.somebody(office, "nurse", team, name="Samira Haddad"))


@pytest.fixture
async def house(office, team, samira):
    made = await desk.household(office, team)
    named = desk.change(samira, "household", made.subject, {"name": "Mevrouw De Wit", "street": "Kadestraat 12"}, record=made.id)
    lives = desk.change(samira, "resident", made.about, {"household": made.id, "name": "Annie de Wit", "given": "Annie"}, record=made.resident)
    assert desk.said(await desk.hand_in(office, samira, named, lives)) == [("stored", None)] * 2
    return made


@pytest.fixture
async def lead(office, client, team):
    return await desk.signed_in(client, await desk.somebody(office, "lead", team, name="Ilse"))


async def known(office, me):
    """With the record by which colleagues know this hat."""

    async def tell(tx):
        _, organisation = await tx.one("SELECT t.name, o.id FROM team t JOIN organisation o ON o.id = t.organisation WHERE t.id = $1", me.team.id)
        fields = {"person": me.person, "name": me.name, "role": me.role, "team": me.team.id, "team_name": "Oost", "organisation_name": "De Linde"}
        await addresses.by_office(tx, "colleague", f"organisation:{organisation}", me.hat, fields, NOW)

    await office.write(tell)
    return me


def lines(page):
    """(title, whether it is new) of the list."""
    found = re.findall(r'class="row arrival (\w+)( fresh)?".*?<strong>(.*?)</strong>', page.text, re.DOTALL)
    return [(re.sub(r"<svg.*?</svg>", "", title), bool(fresh)) for _, fresh, title in found]


def upto(page):
    return re.findall(r'name="upto" value="(\d+)"', page.text)[-1]


async def read(lead, record, number):
    return await lead.put(f"/review/{record}/reading", data={"upto": number})


async def test_a_lead_sees_who_wrote_it_in_which_role_where_and_when(office, lead, samira, house):
    await desk.hand_in(office, samira, desk.note(samira, house, "Loopt weer zelf naar de brievenbus. Met stok."))
    page = await lead.get("/review")
    assert page.status_code == 200
    assert lines(page) == [("Loopt weer zelf naar de brievenbus.", True)]
    for fact in ("vandaag 11:00", "Mevrouw De Wit", "wijkverpleegkundige", "Samira Haddad", "De Linde", "1 nieuw"):
        assert fact in page.text


async def test_a_visit_comes_whole_with_everything_that_was_written_at_it(office, lead, samira, house):
    visit = desk.change(samira, "visit", house.subject, {"day": TODAY, "at": NOW, "resident": house.resident, "present": ["resident", "family"]})
    of = {"visit": visit["record"], "at": NOW}
    strong = desk.change(samira, "note", house.about, {"text": "Zingt weer.", "aspect": "strength", **of}, topic="social")
    seen = desk.change(samira, "note", house.about, {"text": "Wond 2 cm.", "aspect": "seen", **of}, topic="body")
    value = desk.change(samira, "measurement", house.about, {"what": "blood_pressure", "value": 138, "second": 82, **of}, topic="body")
    task = desk.change(samira, "task", house.subject, {"what": "Verband bestellen", "visit": visit["record"], "due": TODAY})
    more = desk.change(samira, "note", house.about, {"text": "Geen roodheid.", "adds_to": seen["record"]}, topic="body")
    assert {one.is_ for one in await desk.hand_in(office, samira, visit, strong, seen, value, task, more)} == {"stored"}
    assert lines(await lead.get("/review")) == [("Zingt weer.", True)]
    page = await lead.get(f"/review/{value['record']}")
    for fact in ("Bezoek", "Zingt weer.", "<b>Lichaam</b> Wond 2 cm.", "Geen roodheid.", "<b>138/82</b>", "Verband bestellen"):
        assert fact in page.text
    for fact in ("Erbij:", "familie", "Annie de Wit"):
        assert fact in page.text


async def test_what_was_written_away_from_signal_says_when_it_came_in(office, lead, samira, house, clock):
    note = desk.note(samira, house)
    await desk.run(office, desk.UNLOCKED)
    clock.at = NOW + 3 * 60 * 60 * 1000
    await desk.hand_in(office, samira, note, at=clock.at)
    page = await lead.get("/review")
    assert "vandaag 11:00" in page.text
    assert "binnen vandaag 14:00" in page.text


async def test_reading_is_said_once_and_stays_said(office, lead, samira, house):
    note = desk.note(samira, house)
    await desk.hand_in(office, samira, note)
    number = upto(await lead.get(f"/review/{note['record']}"))
    for _ in range(2):
        page = await read(lead, note["record"], number)
        assert page.status_code == 200
        assert "Dit heb je gelezen." in page.text
    assert lines(await lead.get("/review")) == [("Het gaat goed.", False)]
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE kind = 'reading'") == [(1,)]
    assert await desk.rows(office, "SELECT DISTINCT is_ FROM change WHERE body LIKE '%reading%'") == [("stored",)]


async def test_two_readings_at_the_same_moment_are_one(office, lead, samira, house, monkeypatch):
    note = desk.note(samira, house)
    await desk.hand_in(office, samira, note)
    number = upto(await lead.get(f"/review/{note['record']}"))
    await read(lead, note["record"], number)
    whole = arrivals.come_in

    async def as_if_unread(*asked):
        found = await whole(*asked)
        for one in found:
            one.unread = True
        return found

    monkeypatch.setattr(arrivals, "come_in", as_if_unread)
    assert (await read(lead, note["record"], number)).status_code == 200
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE kind = 'reading'") == [(1,)]


async def test_one_leads_reading_is_not_the_others(office, client, lead, samira, house, team):
    note = desk.note(samira, house)
    await desk.hand_in(office, samira, note)
    await read(lead, note["record"], upto(await lead.get(f"/review/{note['record']}")))
    other = await desk.signed_in(client, await desk.somebody(office, "lead", team, name="Karin"))
    assert lines(await other.get("/review")) == [("Het gaat goed.", True)]


async def test_what_came_after_the_page_was_made_is_not_read_with_it(office, lead, samira, house):
    visit = desk.visit(samira, house)
    await desk.hand_in(office, samira, visit)
    number = upto(await lead.get(f"/review/{visit['record']}"))
    late = desk.change(samira, "note", house.about, {"text": "Toch nog iets.", "visit": visit["record"]}, topic="body")
    await desk.hand_in(office, samira, late)
    page = await read(lead, visit["record"], number)
    assert lines(page) == [("Toch nog iets.", True)]
    assert "Dit heb je gelezen." not in page.text


async def test_an_edit_makes_it_new_again(office, lead, samira, house):
    task = desk.task(samira, house)
    await desk.hand_in(office, samira, task)
    await read(lead, task["record"], upto(await lead.get(f"/review/{task['record']}")))
    await desk.hand_in(office, samira, desk.change(samira, "task", house.subject, {"due": TODAY}, record=task["record"], seen=1))
    assert lines(await lead.get("/review")) == [("Verband bestellen", True)]


async def test_a_page_at_once_is_read_in_one_request(office, lead, samira, house):
    written = [desk.contact(samira) for _ in range(3)]
    await desk.hand_in(office, samira, *written)
    number = upto(await lead.get("/review"))
    wanted = [*(one["record"] for one in written), desk.STRANGER, "no id"]
    page = await lead.post("/review/readings", data={"upto": number, "record": wanted})
    assert page.status_code == 200
    assert {new for _, new in lines(page)} == {False}
    assert "niets nieuws" in page.text


async def test_nobody_else_finds_it(office, client, samira, house):
    note = desk.note(samira, house)
    await desk.hand_in(office, samira, note)
    elsewhere = await desk.signed_in(client, await desk.somebody(office, "lead", name="Noor"))
    assert lines(await elsewhere.get("/review")) == []
    for record in (note["record"], desk.STRANGER, "nothing", house.id):
        assert (await elsewhere.get(f"/review/{record}")).status_code == 404
        assert (await read(elsewhere, record, "9")).status_code == 404
    nurse = await desk.signed_in(client, samira)
    assert (await nurse.get("/review")).status_code == 404
    assert (await nurse.post("/review/readings", data={"upto": "9", "record": note["record"]})).status_code == 404
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE kind = 'reading'") == [(0,)]


async def test_what_a_member_wrote_under_another_teams_hat_is_that_teams(office, client, lead, samira, house):
    other = await desk.team(office, "welfare")
    elsewhere = await desk.household(office, other)
    hat = await desk.hat(office, samira.person, other, "outreach")
    await desk.hand_in(office, samira, desk.change(samira, "note", elsewhere.about, {"text": "Van de andere pet."}, topic="social", by=hat))
    assert lines(await lead.get("/review")) == []


async def test_a_stranger_signs_in_first_and_comes_back(client):
    page = await client.get("/review")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?to=/review")
    part = await client.get(f"/review/{desk.STRANGER}", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (204, "/sign-in?to=/review")
    assert (await client.put(f"/review/{desk.STRANGER}/reading", data={"upto": "1"})).status_code == 401


async def test_a_revoked_device_reads_nothing(office, lead, samira, house):
    await desk.hand_in(office, samira, desk.note(samira, house))
    await desk.run(office, "UPDATE device SET revoked_at = $1", NOW)
    assert (await lead.get("/review")).status_code == 303


async def test_filters_stay_in_the_address_and_nonsense_filters_nothing(office, lead, samira, house):
    await desk.hand_in(office, samira, desk.note(samira, house), desk.contact(samira), desk.task(samira, house))
    assert "niets nieuws · 3 nieuw buiten deze keuze" in (await lead.get("/review?kind=signal")).text
    assert [title for title, _ in lines(await lead.get("/review?kind=task"))] == ["Verband bestellen"]
    page = await lead.get("/review?kind=contact&unread=1")
    assert lines(page) == [("Gesprek", True)]
    assert "?kind=contact&amp;unread=1" in page.text
    for nonsense in ("kind=nope", f"team={desk.STRANGER}", "unread=2", "shown=-1", "shown=9999999999999999999999", "shown=%FF"):
        assert len(lines(await lead.get(f"/review?{nonsense}"))) == 3


async def test_unread_comes_first_and_fifty_at_a_time(office, lead, samira):
    written = [desk.contact(samira) for _ in range(52)]
    await desk.hand_in(office, samira, *written)
    await read(lead, written[-1]["record"], upto(await lead.get("/review")))
    page = await lead.get("/review")
    assert len(lines(page)) == 50
    assert "Nog 2" in page.text
    rest = lines(await lead.get("/review?shown=100"))
    assert len(rest) == 52
    assert [new for _, new in rest] == [True] * 51 + [False]


async def test_a_signal_stands_out_and_is_found_with_its_contact(office, lead, samira):
    contact = desk.contact(samira)
    fields = {"text": "Jongeren hebben nergens om te zitten.", "lens": "community", "contact": contact["record"]}
    await desk.hand_in(office, samira, contact, desk.change(samira, "signal", f"team:{samira.team.id}", fields, topic="social"))
    page = await lead.get("/review?kind=signal")
    assert lines(page) == [("Gesprek", True)]
    assert "Signaal" in page.text
    assert "Jongeren hebben nergens om te zitten." in (await lead.get(f"/review/{contact['record']}")).text


async def test_an_addition_by_somebody_else_stands_by_itself_and_says_to_what(office, lead, samira, house, team):
    joost = await known(office, await desk.somebody(office, "nurse", team, name="Joost"))
    note = desk.note(samira, house, "Wond 2 cm.")
    added = desk.change(joost, "note", house.about, {"text": "Nu 1 cm.", "adds_to": note["record"]}, topic="body")
    await desk.hand_in(office, samira, note)
    await desk.hand_in(office, joost, added)
    assert {title for title, _ in lines(await lead.get("/review"))} == {"Wond 2 cm.", "Nu 1 cm."}
    assert "Aanvulling op: Wond 2 cm." in (await lead.get(f"/review/{added['record']}")).text


async def test_notes_that_add_to_each_other_in_a_circle_are_still_shown(office, lead, samira, house):
    one, other = desk.note(samira, house, "De een."), desk.note(samira, house, "De ander.")
    one["fields"]["adds_to"], other["fields"]["adds_to"] = other["record"], one["record"]
    own = desk.note(samira, house, "Zichzelf.")
    own["fields"]["adds_to"] = own["record"]
    await desk.hand_in(office, samira, one, other, own)
    assert {title for title, _ in lines(await lead.get("/review"))} == {"De een.", "De ander.", "Zichzelf."}


async def test_what_somebody_typed_is_text_and_never_a_page(office, lead, samira, house):
    note = desk.note(samira, house, "<script>alert(1)</script> <b>dik</b> & meer")
    await desk.hand_in(office, samira, note)
    page = await lead.get(f"/review/{note['record']}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;dik&lt;/b&gt; &amp; meer" in page.text


async def test_after_thirty_days_it_is_no_news(office, lead, samira, house, clock):
    await desk.hand_in(office, samira, desk.note(samira, house))
    await desk.run(office, desk.UNLOCKED)
    clock.at = NOW + 6 * DAY_MS
    assert len(lines(await lead.get("/review"))) == 1
    await desk.run(office, "UPDATE session SET expires_at = $1", NOW + 99 * DAY_MS)
    clock.at = NOW + 32 * DAY_MS
    assert lines(await lead.get("/review")) == []


async def test_the_log_says_what_a_lead_was_shown_once_an_hour(office, lead, samira, house, clock):
    note = desk.note(samira, house)
    await desk.hand_in(office, samira, note)
    for _ in range(3):
        await lead.get("/review")
    shown = await desk.log(office, "read", "subject", "topic", "object", "n", "ground", "source", "role")
    assert shown == [(house.about, "body", None, 1, "care", "page", "lead")]
    for _ in range(2):
        await lead.get(f"/review/{note['record']}")
    assert (house.about, "body", note["record"]) in await desk.log(office, "read", "subject", "topic", "object")
    assert len(await desk.log(office, "read", "id")) == 2
    await desk.run(office, desk.UNLOCKED)
    clock.at = NOW + 60 * 60 * 1000
    await lead.get("/review")
    assert len(await desk.log(office, "read", "id")) == 3


async def test_a_reading_needs_the_number_of_the_page(lead):
    for sent in ({}, {"upto": "x"}, {"upto": ""}):
        answer = await lead.post("/review/readings", data=sent)
        assert answer.status_code == 400
        assert answer.json()["error"]["fields"][0]["field"] == "upto"
    many = await lead.post("/review/readings", data={"upto": "1", "record": [desk.STRANGER] * 501})
    assert many.status_code == 413
