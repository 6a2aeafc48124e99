"""Themes: what came up a quarter, recounted from the change log; a planted theme stands out, and of few households a file says that they are few."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter

import pytest

from server import access
from tests import cast, desk
from tests.desk import NOW
from tests.test_tasks import street  # noqa: F401 - a nurse and her lead, a household, and volunteers

pytestmark = pytest.mark.usefixtures("clock")

FIELD = {"signal": "lens", "obstacle": "sort", "escalation": "reasons"}
LAST = "2026-Q4"


def shown(page):
    """{(theme, quarter): n}, as the links of the page say."""
    return Counter({(theme, one): int(n) for theme, one, n in re.findall(r'<td><a href="/themes/(\w+)\?quarter=([\w-]+)"[^>]*>(\d+)</a>', page.text)})


def recounted(log, hats, opened):
    """{(theme, quarter): n} from every stored change that made a record which says its day."""
    counts = Counter()
    for text, version in log:
        change = json.loads(text)
        said = change["fields"].get(FIELD.get(change["kind"], ""))
        if version == 1 and said and change["by"] in hats and (change["subject"], change["topic"]) in opened:
            year, month, _ = change["fields"]["day"].split("-")
            counts.update((theme, f"{year}-Q{-(-int(month) // 3)}") for theme in ([said] if isinstance(said, str) else said))
    return counts


async def of_neighbourhood(office, client):
    """The demo neighbourhood, as its leads see it, recounted (tests/test_figures.py has planted it)."""
    seen = set()
    for lead in (cast.LEAD, cast.WELFARE_LEAD):
        await desk.another_device(office, me := desk.Me(lead.id, lead.name, "lead", lead.hats[0].id, lead.team, "", ""))
        browser = await desk.signed_in(client, me)
        hats = {hat for (hat,) in await desk.rows(office, "SELECT id FROM membership WHERE team = $1", lead.team.id)}
        opened = set(await office.read(lambda tx, lead=lead: access.opened(tx, lead.id, NOW)))
        numbers = shown(await browser.get("/themes"))
        assert numbers == recounted(await desk.rows(office, "SELECT body, version FROM change WHERE is_ = 'stored'"), hats, opened)
        seen |= {theme for theme, _ in numbers}
        for (theme, quarter), n in numbers.items():
            page = (await browser.get(f"/themes/{theme}?quarter={quarter}")).text
            assert (f": {n}</h1>" in page, page.count('class="row"')) == (True, n), (theme, quarter)
    assert len(seen) > 4


async def test_a_planted_theme_stands_out_and_few_households_are_only_few_in_a_file(street, client):  # noqa: F811
    nurse, ilse = street.nurse, await desk.signed_in(client, street.lead)
    homes = [await desk.household(street.office, nurse.team) for _ in range(10)]

    def stuck(home, sort):
        return desk.change(nurse, "obstacle", home.subject, {"sort": sort, "text": "Het schiet niet op.", "day": "2026-11-02"})

    sent = [stuck(one, "waiting_list") for one in homes] + [stuck(homes[0], "money") for _ in range(12)]
    sent.append(desk.change(nurse, "obstacle", homes[0].subject, {"sort": "money", "text": "Lang geleden.", "day": "2025-11-02"}))
    assert {one.is_ for one in await desk.hand_in(street.office, nurse, *sent)} == {"stored"}
    assert shown(await ilse.get("/themes")) == Counter({("waiting_list", LAST): 10, ("money", LAST): 12})
    answer = await ilse.get("/themes.csv")
    told = {row[1]: row[2:] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")}
    assert told["Thema"] == ["4e kwartaal 2026", "3e kwartaal 2026", "2e kwartaal 2026", "1e kwartaal 2026"]
    assert (told["Een wachtlijst"], told["Geld"], told["Een regel"]) == (["10", *"000"], ["minder dan 10", *"000"], [*"0000"])
    assert (await ilse.get("/themes.xlsx")).content[:2] == b"PK"
    assert [(await ilse.get(f"/themes/{path}")).status_code for path in ("work", "money?quarter=2025-Q4", "money?quarter=2026-Q5")] == [404] * 3
    noted = await desk.log(street.office, "export", "subject", "n")
    assert sorted(noted) == sorted((one.subject, 13 if one is homes[0] else 1) for one in homes)
