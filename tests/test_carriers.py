"""Who carried the lines of the plans per quarter: counted from the changes, and recounted day by day in another way."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date, timedelta

import pytest

from server import carriers, quarters, retold
from server.carriers import Line
from tests import desk
from tests.desk import DAY_MS, NOW
from tests.test_review import known
from tests.test_tasks import drops, street  # noqa: F401 - a nurse and her lead, a household, and volunteers with a phone

QUARTERS = ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
HAT = "0199c0de-0000-7000-8000-000000000001"


def ms(day: str) -> int:
    """Noon on that day."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * DAY_MS + DAY_MS // 2


def line(kind: str, *said: tuple[str, dict], done: str | None = None) -> Line:
    """A line of what was written on which day, one after the other."""
    rows = []
    for n, (day, fields) in enumerate(said, 1):
        change = {"id": f"c{n}", "record": "r", "kind": kind, "subject": "household:x", "topic": "practical", "by": HAT}
        change |= {"stamp": f"{ms(day):013d}-0000-0000beef", "seen": n - 1, "n": n, "fields": fields}
        rows.append((change, "nurse", "device", n, ms(day)))
    return Line(retold.tell(rows)["r"], done)


def weekly(start: str = "2026-01-05", **more) -> dict:
    return {"what": "Wassen", "start": start, "weekdays": [0], **more}


def told(*lines: Line) -> dict[str, dict[str, int]]:
    return {quarter: dict(counts) for quarter, counts in carriers.by_quarter(lines, QUARTERS).items() if counts}


def test_a_plan_counts_in_each_quarter_in_which_it_runs():
    plan = line("schedule", ("2026-03-30", weekly("2026-04-06")), ("2026-08-01", {"until": "2026-07-31"}))
    assert told(plan) == {"2026-Q2": {"formal": 1}, "2026-Q3": {"formal": 1}}


def test_a_task_counts_until_it_is_done_and_one_that_repeats_until_it_ends():
    assert told(line("task", ("2026-02-01", {"what": "Bellen"}), done="2026-05-02")) == {"2026-Q1": {"formal": 1}, "2026-Q2": {"formal": 1}}
    often = line("task", ("2026-02-01", {"what": "Druppels", "every_days": 1, "until": "2026-03-01"}), done="2026-02-02")
    assert told(often) == {"2026-Q1": {"formal": 1}}


def test_a_visit_that_is_planned_once_counts_in_the_quarter_of_its_day():
    assert told(line("schedule", ("2026-01-02", {"what": "Kennismaken", "start": "2026-05-02"}))) == {"2026-Q2": {"formal": 1}}


def test_what_says_nothing_is_reckoned_by_who_does_it():
    given = line("task", ("2026-01-02", {"what": "Rijden"}), ("2026-05-02", {"volunteer": HAT}), ("2026-08-02", {"carrier": "neighbourhood"}))
    assert told(given) == {"2026-Q1": {"formal": 1}, "2026-Q2": {"network": 1}, "2026-Q3": {"neighbourhood": 1}, "2026-Q4": {"neighbourhood": 1}}


def test_what_went_from_care_to_nearer_counts_once_in_its_quarter_and_back_again_too():
    moves = [("2026-05-02", {"carrier": "self"}), ("2026-05-09", {"carrier": "network"}), ("2026-11-01", {"carrier": None})]
    plan = line("schedule", ("2026-01-02", weekly()), *moves)
    assert carriers.shifts([plan], QUARTERS) == {"2026-Q1": (0, 0), "2026-Q2": (1, 0), "2026-Q3": (0, 0), "2026-Q4": (0, 1)}


def test_there_and_back_in_one_quarter_is_no_shift():
    plan = line("schedule", ("2026-01-02", weekly()), ("2026-05-02", {"carrier": "self"}), ("2026-06-09", {"carrier": "formal"}))
    assert set(carriers.shifts([plan], QUARTERS).values()) == {(0, 0)}


def test_the_last_quarters_go_back_over_new_year():
    assert quarters.latest("2026-02-03") == ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"]


def recounted(histories: list[tuple[str, list[tuple[str, dict]], str | None]]) -> dict[str, dict[str, int]]:
    """Day by day: what each line said that evening, whether it ran that day, and of the last such day of a quarter who carried it."""
    found: dict[str, Counter[str]] = {}
    for kind, said, done in histories:
        last: dict[str, str] = {}
        for back in range(365):
            day = (date(2026, 1, 1) + timedelta(days=back)).isoformat()
            quarter = f"2026-Q{(int(day[5:7]) + 2) // 3}"
            end = {"1": "2026-03-31", "2": "2026-06-30", "3": "2026-09-30", "4": "2026-12-31"}[quarter[-1]]
            fields: dict = {}
            for when, change in said:
                fields |= change if when <= end else {}
            if fields and _runs(kind, fields, said[0][0], done, day):
                last[quarter] = fields.get("carrier") or ("network" if fields.get("helper") else "formal")
        for quarter, carrier in last.items():
            found.setdefault(quarter, Counter())[carrier] += 1
    return {quarter: dict(counts) for quarter, counts in found.items()}


def _runs(kind: str, fields: dict, written: str, done: str | None, day: str) -> bool:
    often = "weekdays" in fields
    if kind == "task":
        return written <= day and not (often and (fields.get("until") or "9") < day) and not (not often and done and done < day)
    return fields["start"] <= day and (fields.get("until") or "9") >= day and (often or day == fields["start"])


def random_history(chance: random.Random) -> tuple[str, list[tuple[str, dict]], str | None]:
    days = sorted(f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}" for _ in range(chance.randrange(1, 6)))
    kind, often = chance.choice(["schedule", "task"]), chance.random() < 0.6
    first = {"what": "x"} | ({"start": days[0]} if kind == "schedule" else {}) | ({"weekdays": [chance.randrange(7)]} if often else {})
    changes = [(days[0], first)]
    for day in days[1:]:
        value = chance.choice([*carriers.CARRIERS, None])
        changes.append((day, chance.choice([{"carrier": value}, {"helper": chance.choice([HAT, None])}, {"until": day} if often else {"what": "y"}])))
    return kind, changes, chance.choice([None, days[-1]])


@pytest.mark.parametrize("seed", range(20))
def test_the_count_is_what_a_recount_day_by_day_gives(seed):
    histories = [random_history(random.Random(f"{seed} {n}")) for n in range(30)]
    assert told(*[line(kind, *said, done=done) for kind, said, done in histories]) == recounted(histories)


@pytest.mark.usefixtures("clock")
async def test_the_roster_tells_a_lead_per_quarter_of_their_own_households(street, client):  # noqa: F811
    for one in (street.nurse, street.lead):
        await known(street.office, one)
    elsewhere = await desk.somebody(street.office, "nurse")
    there = await desk.household(street.office, elsewhere.team)
    await desk.hand_in(street.office, elsewhere, desk.task(elsewhere, there))
    task, other = drops(street, None), drops(street, None, carrier="self")
    await desk.hand_in(street.office, street.nurse, task, other)
    nearer = desk.change(street.nurse, "task", street.home.subject, {"carrier": "network"}, record=task["record"], seen=1)
    await desk.hand_in(street.office, street.nurse, nearer, at=NOW)
    ilse = await desk.signed_in(client, street.lead)
    (row,) = re.findall(r'<tr><th scope="row">4e kwartaal 2026</th>(.*?)</tr>', (await ilse.get("/roster")).text)
    assert re.findall(r"<td>(\d+)</td>", row) == ["1", "1", "0", "0", "1", "0"]
