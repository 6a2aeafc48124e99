"""What came in stands in the order in which it is urgent, is found under each of its filters, and a morning's sixty are read one after another."""

from __future__ import annotations

import re

import pytest

from tests import desk
from tests.desk import NOW
from tests.test_review import house, known, lead, lines, samira, team, upto  # noqa: F401 - a nurse, her household and her lead in a browser

pytestmark = pytest.mark.usefixtures("clock")
TOMORROW, LATER = "2026-11-23", "2026-11-24"


@pytest.fixture
async def joost(office, team):  # noqa: F811
    return await known(office, await desk.somebody(office, "nurse", team, name="Joost"))


async def twice(office, samira, joost, house):  # noqa: F811
    """A task of which two people changed the day without having seen each other."""
    task = desk.task(samira, house)
    await desk.hand_in(office, samira, task)
    for me, due in ((samira, TOMORROW), (joost, LATER)):
        await desk.hand_in(office, me, desk.change(me, "task", house.subject, {"due": due}, record=task["record"], seen=1))
    return task


def opened(page):
    """The record that is open on a page."""
    found = re.search(r'id="record-([0-9a-f-]{36})"', page.text)
    return found[1] if found else ""


async def test_what_is_new_stands_in_the_order_in_which_it_is_urgent(office, lead, samira, joost, house, clock):  # noqa: F811
    signal = desk.change(samira, "signal", f"team:{samira.team.id}", {"text": "Nergens om te zitten.", "at": NOW}, topic="social")
    await desk.hand_in(office, samira, signal)
    await twice(office, samira, joost, house)
    late, plain = desk.note(samira, house, "Van vanmorgen."), desk.note(samira, house, "Van nu.")
    await desk.run(office, desk.UNLOCKED)
    clock.at = NOW + 60 * 60 * 1000
    await desk.hand_in(office, samira, late, at=clock.at)
    plain["stamp"] = f"{clock.at:013d}{plain['stamp'][13:]}"
    await desk.hand_in(office, samira, plain, at=clock.at)
    titles = [title for title, _ in lines(await lead.get("/review"))]
    assert titles == ["Signaal", "Verband bestellen", "Van vanmorgen.", "Van nu."]
    for kind, wanted in (("signal", "Signaal"), ("conflict", "Verband bestellen"), ("late", "Van vanmorgen.")):
        assert lines(await lead.get(f"/review?kind={kind}")) == [(wanted, True)]
    for title in titles:
        page = await lead.get("/review")
        record = re.search(r'href="/review/([0-9a-f-]{36})"[^>]*data-key="j"', page.text)[1]
        assert lines(page)[0] == (title, True)
        await lead.put(f"/review/{record}/reading", data={"upto": upto(await lead.get(f"/review/{record}"))})


async def test_what_two_wrote_at_the_same_time_is_told_with_who_wrote_the_other(office, lead, samira, joost, house):  # noqa: F811
    task = await twice(office, samira, joost, house)
    page = await lead.get(f"/review/{task['record']}")
    assert re.search(r"Ook geschreven door (Joost|Samira Haddad): 2[34]", page.text)


async def test_two_phone_numbers_of_a_household_come_to_its_lead_until_somebody_chose(office, client, lead, samira, joost, house):  # noqa: F811
    for me, phone in ((samira, "030-1111111"), (joost, "030-2222222")):
        await desk.hand_in(office, me, desk.change(me, "household", house.subject, {"phone": phone}, record=house.id, seen=1))
    assert lines(await lead.get("/review?kind=conflict")) == [("Huishouden", True)]
    page = (await lead.get(f"/review/{house.id}")).text
    assert re.search(r"030-\d{7}\. Ook geschreven door (Joost|Samira Haddad): 030-\d{7}", page)
    elsewhere = await desk.signed_in(client, await desk.somebody(office, "lead", name="Noor"))
    assert lines(await elsewhere.get("/review?kind=conflict")) == []
    version = (await desk.record(office, house.id))["version"]
    await desk.hand_in(office, samira, desk.change(samira, "household", house.subject, {"phone": "030-1111111"}, record=house.id, seen=version))
    assert lines(await lead.get("/review?kind=conflict")) == []


async def test_a_filter_somebody_else_pastes_shows_what_is_theirs(office, client, lead, samira, joost, house, team):  # noqa: F811
    await twice(office, samira, joost, house)
    address = f"/review?team={team.id}&kind=conflict&unread=1"
    assert len(lines(await lead.get(address))) == 1
    elsewhere = await desk.signed_in(client, await desk.somebody(office, "lead", name="Noor"))
    assert lines(await elsewhere.get(address)) == []


async def test_sixty_are_read_one_after_another_each_in_one_request(office, lead, samira, clock):  # noqa: F811
    written = [desk.contact(samira) for _ in range(60)]
    await desk.hand_in(office, samira, *written)
    page = await lead.get("/review")
    page = await lead.get(re.search(r'href="(/review/[0-9a-f-]{36})"[^>]*data-key="j"', page.text)[1])
    seen = []
    for _ in range(60):
        seen.append(opened(page))
        then = re.search(r'name="then" value="([0-9a-f-]{36})"', page.text)
        sent = {"upto": upto(page)} | ({"then": then[1]} if then else {})
        page = await lead.put(f"/review/{seen[-1]}/reading?kind=contact", data=sent)
        assert page.status_code == 200
        assert page.headers["hx-replace-url"] == f"/review/{then[1] if then else seen[-1]}?kind=contact"
    assert len(set(seen)) == 60
    assert await desk.rows(office, "SELECT count(*) FROM record WHERE kind = 'reading'") == [(60,)]
    assert "niets nieuws" in page.text
    assert (await lead.put(f"/review/{seen[0]}/reading", data={"upto": "9", "then": "x"})).status_code == 400


async def test_the_page_says_which_key_does_what(office, lead, samira):  # noqa: F811
    written = [desk.contact(samira) for _ in range(3)]
    await desk.hand_in(office, samira, *written)
    page = (await lead.get(f"/review/{written[1]['record']}")).text
    for key, of in (("j", written[0]), ("k", written[2])):
        assert re.search(rf'href="/review/{of["record"]}"[^>]*data-key="{key}"', page)
    for key in ("r", "v", "?"):
        assert f'data-key="{key}"' in page
