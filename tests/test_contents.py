"""A device that is lost: what was on it, behind which lock, and what became of it; for its owner and their lead, and in what names they may read."""

from __future__ import annotations

import re
import time

import pytest

from server import contents, entries
from tests import desk
from tests.desk import DAY_MS, NOW

pytestmark = pytest.mark.usefixtures("clock")

MINUTE_MS = 60_000


@pytest.fixture
async def samira(office):
    return await desk.somebody(office, "nurse", name="Samira")


@pytest.fixture
async def ilse(office, samira):
    return await desk.somebody(office, "lead", samira.team, name="Ilse")


async def named(office, me, house, name, resident):
    """The records that give a household and who lives there their names."""
    home = desk.change(me, "household", house.subject, {"name": name}, record=house.id)
    lives = desk.change(me, "resident", house.about, {"name": resident, "household": house.id}, record=house.resident)
    await desk.hand_in(office, me, home, lives)


@pytest.fixture
async def phone(office, client, samira):
    """Samira's phone with two households on it, of the second of which she reads more than her lead may."""
    bos, prins = await desk.household(office, samira.team), await desk.household(office, samira.team)
    await named(office, samira, bos, "Familie Bos", "Mina Bos")
    await named(office, samira, prins, "Prins", "Jo Prins")
    colleague = await desk.somebody(office, "nurse", samira.team, name="Joost")
    await desk.hand_in(office, colleague, desk.note(colleague, bos, "Knie", topic="body"), desk.note(colleague, prins, "Zus", topic="social"))
    made = await desk.phone(client, samira)
    await made.pull()
    await made.history([bos.about, "body"])
    return made


async def page_of(client, me, device):
    return await (await desk.signed_in(client, me)).get(f"/devices/{device}")


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


async def test_a_lead_reads_whose_data_was_on_it_and_about_what(client, samira, ilse, phone):
    said = words(await page_of(client, ilse, samira.device))
    assert "Toestel van Samira" in said
    assert "Familie Bos Mina Bos Praktisch, Lichaam" in said
    assert "Prins Jo Prins Praktisch" in said
    assert "Van 2 huishoudens en 2 cliënten." in said
    assert "Ja. Alles op het toestel is verzegeld" in said


async def test_what_was_gone_before_is_not_on_the_list(office, client, samira, ilse, phone):
    await desk.run(office, "UPDATE holding SET gone_at = $1 WHERE topic = 'body'", NOW)
    assert "Lichaam" not in words(await page_of(client, ilse, samira.device))


async def test_a_household_that_the_lead_may_not_name_is_counted_without_its_name(office, client, samira, ilse, phone):
    other = await desk.somebody(office, "nurse")
    away = await desk.household(office, other.team)
    await named(office, other, away, "Elders", "Van Elders")
    sql = "INSERT INTO holding (id, device, subject, topic, since, gone_at) VALUES ($1, $2, $3, 'safety', $4, NULL)"
    await desk.run(office, sql, "x", samira.device, away.about, NOW)
    said = words(await page_of(client, ilse, samira.device))
    assert "Elders" not in said
    assert "Van 1 huishouden mag jij de naam niet zien." in said
    assert "Van 3 huishoudens en 3 cliënten." in said


async def test_what_the_page_names_is_logged_and_nothing_else(office, client, samira, ilse, phone):
    await page_of(client, ilse, samira.device)
    rows = await desk.log(office, "given", "source", "person", "role", "object", "subject")
    named = [row for row in rows if row[0] == "page"]
    assert {row[1:4] for row in named} == {(ilse.person, "lead", samira.device)}
    assert len({row[4] for row in named}) == len(named) == 4


async def test_it_says_that_it_was_locked_until_it_is_opened_again(office, client, samira, ilse, phone, clock):
    assert "Open bij het laatste contact, vandaag 11:00" in words(await page_of(client, ilse, samira.device))
    await desk.run(office, desk.UNLOCKED)
    clock.at += 5 * MINUTE_MS
    assert (await phone.client.delete("/sessions/current/opening")).status_code == 204
    assert "Op slot sinds vandaag 11:05" in words(await page_of(client, ilse, samira.device))
    clock.at += 5 * MINUTE_MS
    await phone.sync()
    assert "Open bij het laatste contact, vandaag 11:10" in words(await page_of(client, ilse, samira.device))


async def test_a_lost_phone_closes_itself_a_week_after_the_last_contact(client, samira, ilse, phone):
    assert "Sluit zichzelf af 29 november 11:00" in words(await page_of(client, ilse, samira.device))


async def test_once_revoked_the_list_says_whether_it_has_erased_itself_and_until_when_to_report(office, client, samira, ilse, phone, clock):
    lead = await desk.signed_in(client, ilse)
    await desk.run(office, desk.UNLOCKED)
    await lead.delete(f"/devices/{samira.device}")
    said = words(await lead.get(f"/devices/{samira.device}"))
    assert "uiterlijk" in said
    assert "72 uur" in said
    assert "Nog niet gewist: het had sindsdien geen contact." in words(await lead.get("/devices"))
    clock.at += 5 * MINUTE_MS
    for _ in range(2):
        answer = await phone.client.post("/erasures", json={"device": samira.device, "alone": True})
        assert (answer.status_code, answer.headers["clear-site-data"]) == (204, '"cache", "storage"')
        clock.at += MINUTE_MS
    clock.at += DAY_MS
    assert "ingetrokken gisteren 11:00 gewist gisteren 11:05" in words(await lead.get("/devices"))
    said = words(await lead.get("/devices"))
    assert "Nog niet gewist" not in said
    assert "11:05" in words(await lead.get(f"/devices/{samira.device}"))


async def test_on_a_shared_phone_the_browser_keeps_what_is_anothers(client, samira, phone):
    answer = await phone.client.post("/erasures", json={"device": samira.device, "alone": False})
    assert (answer.status_code, answer.headers.get("clear-site-data")) == (204, None)


async def test_nobody_says_for_another_that_it_was_erased(office, client, samira, ilse, phone):
    await phone.client.post("/erasures", json={"device": ilse.device, "alone": False})
    await client.post("/erasures", json={"device": ilse.device, "alone": True})
    assert await desk.rows(office, "SELECT count(*) FROM device WHERE emptied_at IS NOT NULL") == [(0,)]


async def test_the_list_for_a_report_takes_less_than_five_seconds_with_everything_a_phone_can_hold(office, samira, ilse):
    """The figure is the plan's own: a phone with 2,000 households, eight pairs each."""
    made = [desk.House(desk.new(), desk.new()) for _ in range(2000)]
    pairs = [(house.subject, "practical") for house in made] + [(house.about, topic) for house in made for topic in entries.TOPICS]
    insert = "INSERT INTO holding (id, device, subject, topic, since, gone_at) VALUES ($1, $2, $3, $4, $5, NULL)"
    await office.write(lambda tx: tx.many(insert, [(f"{i}", samira.device, *pair, NOW) for i, pair in enumerate(pairs)]))
    await office.write(lambda tx: tx.many("INSERT INTO resident (id, household) VALUES ($1, $2)", [(house.resident, house.id) for house in made]))
    me = await desk.worn(office, ilse)
    began = time.monotonic()
    found = await office.write(lambda tx: contents.find(tx, me, samira.device, NOW))
    assert len(found.pairs) == 16_000
    assert time.monotonic() - began < 5
