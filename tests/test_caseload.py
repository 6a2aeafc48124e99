"""Caseload: households by the visits that are planned there and what is overdue, recounted from the change log; a number opens its households."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from datetime import date, timedelta

import pytest

from tests import cast, desk
from tests.desk import TODAY
from tests.test_tasks import street  # noqa: F401 - a nurse and her lead, a household, and volunteers

pytestmark = pytest.mark.usefixtures("clock")

DAYS = [date.fromisoformat(TODAY) + timedelta(days=n) for n in range(7)]


def shown(page):
    """{(weight, column): n}, as the links of the page say."""
    found = re.findall(r'<td><a href="/caseload/(\w+)\?only=(\w+)"[^>]*>(\d+)</a>', page.text)
    return Counter({(weight, column): int(n) for weight, column, n in found})


def planned(said, team):
    """How many visits a plan says for the coming days, day by day."""
    if said.get("team") not in {None, team} or (said.get("carrier") or "formal") != "formal":
        return 0
    start, n = date.fromisoformat(said["start"]), 0
    for day in DAYS:
        text, every = day.isoformat(), said.get("every_days")
        often = day.weekday() in said["weekdays"] if said.get("weekdays") else (day - start).days % every == 0 if every else day == start
        n += bool(often and day >= start and text <= (said.get("until") or "9") and text not in (said.get("skipped") or []))
    return n


def late(kind, said):
    """Whether the day that it waited for is over."""
    if kind == "evaluation":
        return not said.get("closed") and said["day"] < TODAY
    if kind == "step_down":
        return not said.get("checked_on") and said.get("check_on", "9") < TODAY
    return not (said.get("closed") or said.get("answered_on")) and said.get("respond_by", "9") < TODAY


def recounted(log, homes, team):
    """{(weight, column): n} from every stored change; `homes`: subject -> household, of the households that the team comes to."""
    said, about = {}, {}
    for text, _ in sorted(log, key=lambda row: row[1]):
        change = json.loads(text)
        about.setdefault(change["record"], (change["kind"], change["subject"]))
        said.setdefault(change["record"], {}).update(change["fields"])
    visits, has = Counter(), {home: {"homes"} for home in homes.values()}
    settled = {said[key]["worry"] for key, (kind, _) in about.items() if kind == "acknowledgement" and said[key]["step"] == "closed"}
    for key, (kind, subject) in about.items():
        home, fields = homes.get(subject), said[key]
        if home and kind == "schedule":
            visits[home] += planned(fields, team)
        elif home and kind == "worry" and key not in settled:
            has[home].add("worried")
        elif home and kind == "escalation" and not (fields.get("closed") or fields.get("answered_on")):
            has[home].add("escalated")
        if home and kind in {"evaluation", "step_down", "escalation"} and late(kind, fields):
            has[home].add("overdue")
    weight = {home: "daily" if visits[home] > 6 else "weekly" if visits[home] else "rare" for home in has}
    return Counter((name, column) for home, columns in has.items() for column in columns for name in (weight[home], "all"))


async def of_neighbourhood(office, browser):
    """The demo neighbourhood, as its lead sees it, recounted (tests/test_figures.py has planted it)."""
    team = cast.LEAD.team
    sql = "SELECT c.household, r.id FROM care c LEFT JOIN resident r ON r.household = c.household WHERE c.team = $1"
    rows = await desk.rows(office, sql, team.id)
    homes = {f"household:{home}": home for home, _ in rows} | {f"resident:{resident}": home for home, resident in rows}
    numbers = shown(await browser.get("/caseload"))
    log = await desk.rows(office, "SELECT body, version FROM change WHERE is_ = 'stored'")
    assert numbers == recounted(log, homes, team.id)
    assert {("daily", "homes"), ("weekly", "homes")} <= {*numbers}
    assert {("all", "worried"), ("all", "escalated"), ("all", "overdue")} <= {*numbers}
    for (weight, column), n in numbers.items():
        page = (await browser.get(f"/caseload/{weight}?only={column}")).text
        assert (f": {n}</h1>" in page, page.count('class="row"')) == (True, n), (weight, column)


async def test_visits_by_others_do_not_weigh_and_what_is_late_longest_stands_first(street, client):  # noqa: F811
    nurse, home = street.nurse, street.home
    daily = {"what": "Wassen", "start": "2026-11-01", "every_days": 1}
    plans = [{"team": nurse.team.id}, {"team": desk.STRANGER}, {"carrier": "network"}, {"until": "2026-11-23"}]
    sent = [desk.change(nurse, "schedule", home.subject, {**daily, **more}) for more in plans]
    other = await desk.household(street.office, nurse.team)
    sent += [desk.change(nurse, "evaluation", one.about, {"day": day}) for one, day in ((home, "2026-11-20"), (other, "2026-11-02"), (other, TODAY))]
    assert {one.is_ for one in await desk.hand_in(street.office, nurse, *sent)} == {"stored"}
    ilse = await desk.signed_in(client, street.lead)
    wanted = {("daily", "homes"): 1, ("daily", "overdue"): 1, ("rare", "homes"): 1, ("rare", "overdue"): 1}
    assert shown(await ilse.get("/caseload")) == Counter({**wanted, ("all", "homes"): 2, ("all", "overdue"): 2})
    page = html.unescape((await ilse.get("/caseload/all?only=overdue")).text)
    lines = re.findall(r"<strong>(.*?)</strong><small>(.*?)</small>", page)
    assert [meta for _, meta in lines] == [
        "0 bezoeken gepland in zeven dagen · evaluatie afgesproken ma 2 nov", "9 bezoeken gepland in zeven dagen · evaluatie afgesproken vr 20 nov",
    ]  # fmt: skip
    assert [(await ilse.get(f"/caseload/{path}")).status_code for path in ("heavy", "all?only=people")] == [404, 404]
    assert await desk.log(street.office, "read", "subject") != []
