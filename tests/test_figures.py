"""Figures: each number is recounted from the change log in another way, and opens the records that it counts, as far as the lead may see them."""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from server import access, demo, figures, i18n, sheets, weeks
from sync import clock as clocks
from tests import cast, desk, test_caseload, test_outcomes, test_themes
from tests.desk import DAY_MS, NOW, TODAY

pytestmark = pytest.mark.usefixtures("clock")

THIS, LAST = "2026-W47", "2026-W46"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# What the page calls what, by the kind of record, told once more.
NAMES = {
    "visit": "visits", "contact": "contacts", "liaison": "tuned", "discussion": "discussed", "instruction": "explained", "response": "answered",
    "acknowledgement": "told", "escalation": "asked", "step_down": "handed", "completion": "carried",
}  # fmt: skip
PEOPLE = ("visits", "contacts")


def recounted(log, teams, led, opened, week):
    """{(name, day): n} of a week, from every stored change in the order of the log: one dict of fields for each record, the last word counts."""
    fields, first = {}, {}
    for body, version in sorted(log, key=lambda row: row[1]):
        change = json.loads(body)
        first.setdefault(change["record"], (change, version))
        fields.setdefault(change["record"], {}).update(change["fields"])
    counts = Counter()
    for record, (made, _) in first.items():
        said, kind = fields[record], made["kind"]
        if kind not in NAMES or (made["subject"], made["topic"]) not in opened:
            continue
        if kind == "completion":
            task = fields.get(said["task"], {})
            near = said.get("helper") or said.get("volunteer") or task.get("helper") or task.get("volunteer")
            counts_ = near and not said.get("undone") and made["subject"] in led
        else:
            counts_ = made["by"] in teams
        ms = said.get("at") or int(made["stamp"][:13])
        day = said.get("day") or datetime.fromtimestamp(ms / 1000, UTC).astimezone(AMSTERDAM).date().isoformat()
        if counts_ and said.get("outcome") in {None, "done"} and date.fromisoformat(day).strftime("%G-W%V") == week:
            name = NAMES[kind]
            for one in (name, "people" if name in PEOPLE else "together", "all"):
                counts.update([(one, day), (one, "")])
    return counts


async def of_log(office, me, week, at=NOW):
    """The same for somebody who leads here."""
    log = await desk.rows(office, "SELECT body, version FROM change WHERE is_ = 'stored'")
    mine = await office.read(lambda tx: access.hats(tx, me, at))
    (led_team,) = [hat.team for hat in mine if hat.role == "lead"]
    hats = {hat for (hat,) in await desk.rows(office, "SELECT id FROM membership WHERE team = $1", led_team)}
    homes = await desk.rows(office, "SELECT household FROM care WHERE team = $1 AND since <= $2 AND (until IS NULL OR until >= $2)", led_team, TODAY)
    opened = set(await office.read(lambda tx: access.opened(tx, me, at)))
    pairs = {(subject, topic) for subject, topic in opened if not subject.startswith("team:") or subject == f"team:{led_team}"}
    return recounted(log, hats, {f"household:{home}" for (home,) in homes}, pairs, week)


def shown(page):
    """{(name, day or ''): n} of a page: its links say what and when."""
    found = re.findall(r'<td><a href="/figures/(\w+)\?([^"]*)"[^>]*>(\d+)</a>', page.text)
    return Counter({(what, (re.search(r"day=([\d-]+)", asked) or ["", ""])[1]): int(n) for what, asked, n in found})


@pytest.fixture
async def ilse(office, client):
    """The lead of the demo neighbourhood."""
    await demo.plant(NOW)
    ilse = cast.LEAD
    await desk.another_device(office, me := desk.Me(ilse.id, ilse.name, "lead", ilse.hats[0].id, ilse.team, "", ""))
    return SimpleNamespace(browser=await desk.signed_in(client, me), person=ilse.id)


async def test_every_number_of_the_neighbourhood_is_what_the_change_log_gives_and_opens_as_many_records(office, client, ilse):
    await of_weeks(office, ilse)
    await test_caseload.of_neighbourhood(office, ilse.browser)
    await test_outcomes.of_neighbourhood(office, ilse.browser)
    await test_themes.of_neighbourhood(office, client)


async def of_weeks(office, ilse):
    """The weeks, recounted; the other pages of figures have the same beside their own tests, and are looked at in the same neighbourhood."""
    for week in (THIS, LAST, "2026-W40"):
        numbers = shown(await ilse.browser.get(f"/figures?week={week}"))
        assert numbers == await of_log(office, ilse.person, week)
    numbers = shown(await ilse.browser.get(f"/figures?week={THIS}"))
    assert {name for name, _ in numbers} >= {"visits", "tuned", "carried", "answered", "people", "together", "all"}
    for (what, day), n in numbers.items():
        page = (await ilse.browser.get(f"/figures/{what}?week={THIS}&day={day}&shown=1000")).text
        assert (f": {n}</h1>" in page, page.count('class="row"')) == (True, n), (what, day)


def written(me, kind, subject, fields, at, topic="practical", **more):
    """What somebody wrote at this moment."""
    key = clocks.uuid7(at, f"{me.n:020x}")
    return desk.change(me, kind, subject, fields, topic=topic, stamp=clocks.tick(None, at, me.device), **{"record": key, **more})


def random_deed(chance, me, house, task, at):
    """(kind, subject, fields, topic) of something that one of them did, or that does not count."""
    day = access.day_of(at)
    dated = {"day": day} if chance.random() < 0.6 else {}
    who = {chance.choice(["helper", "volunteer", "text"]): desk.STRANGER}
    deeds = [
        ("visit", house.subject, {"day": day, "outcome": chance.choice(["done", "not_home", "cancelled"])}, "practical"),
        ("contact", chance.choice([house.about, f"team:{me.team.id}"]), {"day": day, "at": at}, "social"),
        ("liaison", chance.choice([house.subject, house.about]), {"with": "Els", "way": "call", "day": day}, "practical"),
        ("discussion", chance.choice([house.subject, house.about]), {"with": "Els", "decision": "Bellen", "day": day}, "practical"),
        ("instruction", house.subject, {"helper": desk.STRANGER, "what": "Steunkous", "day": day}, "practical"),
        ("completion", house.subject, {"task": task, "outcome": chance.choice(["done", "could_not"]), "at": at, **dated, **who}, "practical"),
        ("acknowledgement", house.subject, {"worry": desk.STRANGER, "step": "taken_up", "at": at}, "practical"),
        ("step_down", house.subject, {"how": "stop", "why": "Dicht.", "takes_over": "nothing_needed", **dated}, "practical"),
        ("escalation", house.about, {"recipient": "gp", "question": "Kan u komen?", **dated}, chance.choice(["body", "mind"])),
        ("note", house.about, {"text": "Het gaat goed."}, "body"),
    ]  # fmt: skip
    return chance.choice(deeds)


async def something(office, chance, writers, houses):
    """Three weeks in which these people did something in these houses, at any hour."""
    for me in writers:
        tasks = {house.id: desk.task(me, house) for house in houses}
        sent = [*tasks.values()]
        for _ in range(60):
            house, at = chance.choice(houses), NOW - chance.randrange(21 * DAY_MS)
            kind, subject, fields, topic = random_deed(chance, me, house, tasks[house.id]["record"], at)
            sent.append(written(me, kind, subject, fields, at, topic))
            if kind == "completion" and chance.random() < 0.3:
                sent.append(written(me, kind, subject, {"undone": True}, at, topic, record=sent[-1]["record"], seen=1))
        await desk.hand_in(office, me, *sent)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_was_done_by_whomever_the_numbers_are_those_of_the_change_log(office, client, seed):
    chance = random.Random(seed)
    nurse, other = await desk.somebody(office, "nurse"), await desk.somebody(office, "nurse")
    lead = await desk.somebody(office, "lead", nurse.team)
    gone = await desk.somebody(office, "nurse", nurse.team)
    shared, theirs = await desk.household(office, nurse.team, other.team), await desk.household(office, other.team)
    await something(office, chance, [nurse, gone], [shared, await desk.household(office, nurse.team)])
    await something(office, chance, [other], [shared, theirs])
    # What a resident opened by word may be seen; it is no household of the team's.
    await desk.hand_in(office, other, desk.consent(other, theirs, nurse.team, "practical"))
    await desk.run(office, "UPDATE membership SET until = '2026-11-21' WHERE person = $1", gone.person)
    ilse, counted = await desk.signed_in(client, lead), 0
    for week in (THIS, LAST, "2026-W45"):
        numbers = shown(await ilse.get(f"/figures?week={week}"))
        assert numbers == await of_log(office, lead.person, week)
        counted += numbers["all", ""]
    assert counted > 60


async def test_a_week_that_there_is_not_is_refused_in_ones_own_language(lead):
    for query in ("week=2026-W54", "week=2025-W53", "week=2026-W00", "week=1999-W01", "week=nu", "week=20٢٦-W47", f"week={THIS}&day=2026-11-09"):
        answer = await lead.get(f"/figures/visits?{query}", headers={"accept": "text/html"})
        assert (answer.status_code, "Schrijf een week zo: 2026-W48." in answer.text) == (400, True), query
    assert (await lead.get("/figures?week=2026-W53")).status_code == 200
    assert (await lead.get("/figures/nothing")).status_code == 404


async def test_a_week_leads_to_the_one_before_and_never_to_one_that_is_still_to_come(lead):
    this, last = [(await lead.get(f"/figures?week={week}")).text for week in (THIS, LAST)]
    assert ("Week 47 van 2026" in this, "week=2026-W46" in this, "week=2026-W48" in this) == (True, True, False)
    assert "week=2026-W47" in last
    assert "Over deze week is nog niets opgeschreven." in this
    assert "week=2025-W52" in (await lead.get("/figures?week=2026-W01")).text


async def test_a_long_list_is_read_a_page_at_a_time(office, nurse, house, lead, monkeypatch):
    await desk.hand_in(office, nurse, *[desk.visit(nurse, house) for _ in range(130)])
    read, rows = weeks._read, []

    async def counting(*args):
        rows.append(await read(*args))
        return rows[-1]

    monkeypatch.setattr(weeks, "_read", counting)
    page = (await lead.get(f"/figures/visits?week={THIS}")).text
    assert (page.count('class="row"'), "Nog 30" in page) == (100, True)
    assert len(rows[-1]) <= 10 * 100
    assert (await lead.get(f"/figures/visits?week={THIS}&shown=200")).text.count('class="row"') == 130


async def test_who_looked_at_the_figures_of_whom_stands_in_the_log(office, nurse, house, lead):
    await desk.hand_in(office, nurse, desk.visit(nurse, house), desk.visit(nurse, house))
    for _ in range(2):
        await lead.get(f"/figures?week={THIS}")
    assert await desk.log(office, "read", "subject", "topic", "n") == [(house.subject, "practical", 2)]


async def table(browser, week=THIS):
    """{(name, heading): what stands in the file}."""
    answer = await browser.get(f"/figures/week.csv?week={week}")
    assert answer.headers["content-disposition"] == f'attachment; filename="cijfers-{week}.csv"'
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    return {(row[1], heading): cell for row in rows for heading, cell in zip(head[2:], row[2:], strict=True)}


async def test_what_leaves_the_team_says_of_few_only_that_they_are_few(office, nurse, house, lead):
    days = {"2026-11-16": 12, "2026-11-17": 3, "2026-11-18": 7}
    await desk.hand_in(office, nurse, *[desk.visit(nurse, house, day) for day, n in days.items() for _ in range(n)], desk.contact(nurse))
    told = await table(lead)
    headings = ("Hele week", "ma 16 nov", "di 17 nov", "wo 18 nov", "do 19 nov")
    assert [told["Bezoeken", one] for one in headings] == ["22", "12", "minder dan 10", "minder dan 10", "0"]
    assert [told["Buurtcontacten", one] for one in ("Hele week", "zo 22 nov")] == ["minder dan 10"] * 2
    await desk.hand_in(office, nurse, *[desk.visit(nurse, house, "2026-11-18") for _ in range(3)])
    told = await table(lead)
    assert [told["Bezoeken", one] for one in headings[:4]] == ["10 of meer", "12", "minder dan 10", "10"]
    noted = await desk.log(office, "export", "subject", "n")
    assert sorted(noted) == sorted([(house.subject, 22), (f"team:{nurse.team.id}", 1), (house.subject, 25)])


@pytest.mark.parametrize("numbers", [random.Random(seed).choices([0, 0, 1, 2, 5, 9, 10, 14], k=7) for seed in range(40)])
def test_no_few_can_be_reckoned_from_what_leaves_the_team(numbers):
    whole, *days = figures._hushed(i18n.speaker("nl"), [sum(numbers), *numbers])
    assert [one for one in (whole, *days) if isinstance(one, int) and 0 < one < 10] == []
    hidden = sum(numbers) - sum(one for one in days if isinstance(one, int))
    assert isinstance(whole, str) == (0 < hidden < 10)


def test_whatever_somebody_wrote_is_no_sum_to_a_spreadsheet():
    body = sheets.as_csv("x", [["=1+1", "+31", "-1", "@A1", "\tx", "\r=1", "a=1", -1, 12]]).content.decode("utf-8-sig")
    (row,) = csv.reader(io.StringIO(body, newline=""), delimiter=";")
    assert row == ["'=1+1", "'+31", "'-1", "'@A1", "'\tx", "'\r=1", "a=1", "-1", "12"]


def cells(body):
    """The rows of a sheet, as a spreadsheet reads them, and whether any cell is reckoned."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        texts = [html.unescape(one) for one in re.findall(r"<si><t[^>]*>(.*?)</t></si>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL)]
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    rows = [re.findall(r'<c r="\w+"( t="s")?[^>]*><v>(.*?)</v></c>', row) for row in re.findall(r"<row.*?</row>", sheet)]
    return [[texts[int(value)] if text else int(value) for text, value in row] for row in rows], "<f>" in sheet


async def test_a_spreadsheet_has_the_same_numbers_and_reckons_nothing(office, nurse, house, lead):
    await desk.hand_in(office, nurse, *[desk.visit(nurse, house) for _ in range(11)])
    answer = await lead.get(f"/figures/week.xlsx?week={THIS}")
    assert answer.headers["content-disposition"] == f'attachment; filename="cijfers-{THIS}.xlsx"'
    (head, visits, *_), reckoned = cells(answer.content)
    assert (head[:3], visits, reckoned) == (["Soort", "Wat", "Hele week"], ["Bij mensen", "Bezoeken", 11, *[0] * 6, 11], False)
    body = sheets.as_xlsx("x", [["=1+1", "https://x.nl", 3]]).content
    assert cells(body) == ([["=1+1", "https://x.nl", 3]], False)
    with zipfile.ZipFile(io.BytesIO(body)) as book:  # made at the office's own hour, and so the same for everybody who may know the same
        assert f"{TODAY}T10:00:00Z" in book.read("docProps/core.xml").decode()


async def test_what_points_at_something_else_than_a_task_is_told_all_the_same(office, nurse, house, lead):
    home = desk.change(nurse, "household", house.subject, {"name": "De Wit"}, record=house.id)
    done = {"task": house.id, "outcome": "done", "helper": desk.STRANGER, "at": NOW}
    await desk.hand_in(office, nurse, home, written(nurse, "completion", house.subject, done, NOW))
    page = await lead.get(f"/figures/carried?week={THIS}")
    assert (page.status_code, page.text.count('class="row"'), "Antwoord op een taak" in page.text) == (200, 1, True)
