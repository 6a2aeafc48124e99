"""Before and after: somebody's first word of themselves beside the last, recounted from the change log; a number opens who said what."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from tests import cast, desk
from tests.test_tasks import street  # noqa: F401 - a nurse and her lead, a household, and volunteers

pytestmark = pytest.mark.usefixtures("clock")


def shown(page):
    """{(what, column): n}, as the links of the page say."""
    return Counter({(what, column): int(n) for what, column, n in re.findall(r'<td><a href="/outcomes/(\w+)\?only=(\w+)"[^>]*>(\d+)</a>', page.text)})


def recounted(log, homes):
    """{(what, column): n} from every stored change: of each person the word of the first day against that of the last."""
    said = {}
    for text in log:
        change = json.loads(text)
        if change["kind"] == "load" and change["subject"] in homes and "day" in change["fields"]:
            said.setdefault(change["fields"]["whose"], {})[change["fields"]["day"]] = change["fields"]
    counts = Counter()
    for days in said.values():
        if len(days) > 1:
            first, last = days[min(days)], days[max(days)]
            more, less = last["strength"] - first["strength"], last["burden"] - first["burden"]
            counts["strength", "better" if more > 0 else "same" if more == 0 else "worse"] += 1
            counts["burden", "better" if less < 0 else "same" if less == 0 else "worse"] += 1
    return counts


async def of_neighbourhood(office, browser):
    """The demo neighbourhood, as its lead sees it, recounted (tests/test_figures.py has planted it)."""
    team = cast.LEAD.team
    homes = {f"household:{home}" for (home,) in await desk.rows(office, "SELECT household FROM care WHERE team = $1", team.id)}
    log = [body for (body,) in await desk.rows(office, "SELECT body FROM change WHERE is_ = 'stored'")]
    numbers = shown(await browser.get("/outcomes"))
    assert numbers == recounted(log, homes)
    assert {column for _, column in numbers} == {"better", "same", "worse"}
    for (what, column), n in numbers.items():
        page = (await browser.get(f"/outcomes/{what}?only={column}")).text
        assert (f": {n}</h1>" in page, page.count('class="row"')) == (True, n), (what, column)


async def test_one_word_is_no_course_and_two_are_told_with_their_days(street, client):  # noqa: F811
    nurse, home, ilse = street.nurse, street.home, await desk.signed_in(client, street.lead)

    async def says(day, strength, burden):
        fields = {"whose": home.resident, "strength": strength, "burden": burden, "day": day}
        await desk.hand_in(street.office, nurse, desk.change(nurse, "load", home.subject, fields))

    await says("2026-11-20", 5, 4)
    assert "Nog niemand gaf twee keer een cijfer." in (await ilse.get("/outcomes")).text
    await says("2026-11-02", 3, 4)
    assert shown(await ilse.get("/outcomes")) == Counter({("strength", "better"): 1, ("burden", "same"): 1})
    page = (await ilse.get("/outcomes/strength?only=better")).text
    assert "<strong>Jan de Wit-Zorgvuldig</strong><small>Fam. De Wit-Zorgvuldig · 3 op ma 2 nov, 5 op vr 20 nov</small>" in page
    assert [(await ilse.get(f"/outcomes/{path}")).status_code for path in ("health", "burden?only=best")] == [404, 404]
    assert {*await desk.log(street.office, "read", "subject", "n")} == {(home.subject, 1), (home.subject, 2)}
