"""Stuck: what waits too long is told with what is behind it, a clock that is wrong makes nobody late, and what is passed on names nobody."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pytest

from server import demo_history, waits
from sync import clock as clocks
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY
from tests.test_review import known
from tests.test_tasks import drops, street  # noqa: F401 - a nurse and her lead, a household, and volunteers

pytestmark = pytest.mark.usefixtures("clock")

YESTERDAY = "2026-11-21"
MONDAY_MS, HOUR_MS = NOW - 6 * DAY_MS, 60 * 60 * 1000  # Monday 16 November, 11:00
PLACE = "Fam. De Wit-Zorgvuldig"


@pytest.fixture
async def ilse(street, client):  # noqa: F811
    for one in (street.nurse, street.lead):
        await known(street.office, one)
    return await desk.signed_in(client, street.lead)


def group(page, name):
    """What stands behind a number: [(text, meta)]."""
    found = re.search(rf'<section class="section" aria-labelledby="{name}">.*?</section>', page.text, re.DOTALL)
    return re.findall(r"<strong>(.*?)</strong><small>(.*?)</small>", found[0]) if found else []


async def stored(street, *sent, at=NOW):  # noqa: F811
    assert {(one.is_, one.reason) for one in await desk.hand_in(street.office, street.nurse, *sent, at=at)} == {("stored", None)}


def of(street, kind, fields, topic="practical", *, home=False):  # noqa: F811
    return desk.change(street.nurse, kind, street.home.subject if home else street.home.about, fields, topic=topic)


async def test_an_escalation_past_its_day_is_told_until_somebody_answers(street, ilse):  # noqa: F811
    asked = {"recipient": "gp", "question": "Kan de dokter meekijken? Het gaat niet goed."}
    late = of(street, "escalation", {**asked, "respond_by": YESTERDAY}, "mind")
    await stored(street, late, of(street, "escalation", {**asked, "respond_by": TODAY}), of(street, "escalation", asked))
    page = await ilse.get("/stuck")
    assert group(page, "escalations") == [("Huisarts: Kan de dokter meekijken?", f"{PLACE} · antwoord verwacht za 21 nov")]
    assert f'href="/steering/{late["record"]}?in={street.home.id}"' in page.text
    came = {"came_of_it": "Komt.", "answered_on": TODAY}
    answered = desk.change(street.nurse, "escalation", street.home.about, came, topic="mind", record=late["record"], seen=1)
    await stored(street, answered)
    assert "0 keer opgeschaald, zonder antwoord" in (await ilse.get("/stuck")).text


async def test_a_step_down_and_an_evaluation_are_told_on_their_day(street, ilse):  # noqa: F811
    down = {"how": "stop", "why": "Wond is dicht.", "takes_over": "nothing_needed"}
    await stored(
        street,
        of(street, "step_down", {**down, "check_on": TODAY}, home=True),
        of(street, "step_down", {**down, "check_on": "2026-11-23"}, home=True),
        of(street, "step_down", {**down, "check_on": YESTERDAY, "checked_on": TODAY}, home=True),
        *(of(street, "evaluation", fields) for fields in ({"day": YESTERDAY}, {"day": YESTERDAY, "closed": True}, {"day": "2027-01-01"})),
    )  # fmt: skip
    page = await ilse.get("/stuck")
    assert group(page, "step_downs") == [("Wond is dicht.", f"{PLACE} · opnieuw kijken zo 22 nov")]
    assert group(page, "evaluations") == [("Zitten we nog op de goede weg?", f"{PLACE} · afgesproken za 21 nov")]


async def test_worries_and_tasks_that_nobody_took_up_are_told(street, ilse):  # noqa: F811
    worry = of(street, "worry", {"text": "Hij at niets."}, home=True)
    other = of(street, "worry", {"text": "Zij liep wankel."}, home=True)
    await stored(street, worry, other, of(street, "acknowledgement", {"worry": other["record"], "step": "taken_up"}, home=True))
    late, done = drops(street, None, due=YESTERDAY), drops(street, None, what="Verband", due=YESTERDAY)
    some_day, owned = (of(street, "task", fields, home=True) for fields in ({"what": "Lamp ophangen"}, {"what": "Bellen", "owner": street.nurse.hat}))
    await stored(street, late, done, some_day, owned, of(street, "completion", {"task": done["record"], "outcome": "done"}, home=True))
    page = await ilse.get("/stuck")
    assert [text for text, _ in group(page, "worries")] == ["Hij at niets."]
    assert group(page, "uncovered") == [
        (f"Oogdruppels · {PLACE}", "za 21 nov · nog niemand gevraagd"), (f"Lamp ophangen · {PLACE}", "geen datum"),
    ]  # fmt: skip
    assert f'href="/review/{worry["record"]}"' in page.text


async def waited(street, now=NOW):  # noqa: F811
    """[(days to contact, days to help)] of each wait, None: not yet."""

    async def find(tx):
        from server import access  # noqa: PLC0415 - only here

        opened = await access.opened(tx, street.nurse.person, now)
        return await waits.find(tx, opened, {street.home.resident: street.home.id}, now)

    found = await street.office.read(find)
    return [tuple(None if until is None else one.days(until, now) for until in (one.contact, one.help)) for one in found]


def written(street, kind, at, *, skew=0, **fields):  # noqa: F811
    """What a nurse's phone writes at this moment, with a clock that is off by so much."""
    social = kind in {"signal", "contact"}
    stamp = clocks.tick(None, at + skew, street.nurse.device)
    subject, topic = (street.home.about, "social") if social else (street.home.subject, "practical")
    return desk.change(street.nurse, kind, subject, fields, topic=topic, stamp=stamp)


@pytest.mark.parametrize("skew", [0, DAY_MS, -DAY_MS])
async def test_a_clock_that_is_a_day_off_changes_nothing_while_there_is_signal(street, skew):  # noqa: F811
    sent = [
        (MONDAY_MS - HOUR_MS, written(street, "contact", MONDAY_MS - HOUR_MS, skew=skew, day="2026-11-16")),
        (MONDAY_MS, written(street, "signal", MONDAY_MS, skew=skew, text="Gordijnen blijven dicht.")),
        (MONDAY_MS + DAY_MS - HOUR_MS, written(street, "task", MONDAY_MS + DAY_MS - HOUR_MS, skew=skew, what="Bellen")),
        (MONDAY_MS + DAY_MS, written(street, "contact", MONDAY_MS + DAY_MS, skew=skew, day="2026-11-17")),
        (MONDAY_MS + 3 * DAY_MS - HOUR_MS, written(street, "task", MONDAY_MS + 3 * DAY_MS - HOUR_MS, skew=skew, what="Langsgaan")),
        (MONDAY_MS + 3 * DAY_MS, written(street, "visit", MONDAY_MS + 3 * DAY_MS, skew=skew, day="2026-11-19")),
    ]
    for at, change in sent:
        await desk.hand_in(street.office, street.nurse, change, at=at)
    assert await waited(street) == [(1, 3)]


async def test_what_was_written_without_signal_keeps_its_own_hour(street):  # noqa: F811
    signal = written(street, "signal", MONDAY_MS, text="Gordijnen dicht.")
    spoken = written(street, "contact", MONDAY_MS + DAY_MS, day="2026-11-17")
    await desk.hand_in(street.office, street.nurse, signal, spoken, at=MONDAY_MS + 4 * DAY_MS)
    assert await waited(street) == [(1, None)]


async def test_the_contact_at_which_it_was_heard_and_a_closed_door_are_no_answer(street):  # noqa: F811
    heard = written(street, "contact", MONDAY_MS, day="2026-11-16")
    signal = written(street, "signal", MONDAY_MS, text="Gordijnen dicht.", contact=heard["record"])
    closed = written(street, "visit", MONDAY_MS + DAY_MS, day="2026-11-17", outcome="not_home")
    await desk.hand_in(street.office, street.nurse, signal, heard, closed, at=MONDAY_MS + 2 * DAY_MS)
    assert await waited(street) == [(None, None)]


async def test_what_is_late_follows_what_the_team_agreed_on(street, ilse):  # noqa: F811
    await desk.hand_in(street.office, street.nurse, written(street, "signal", MONDAY_MS, text="Gordijnen blijven dicht."), at=MONDAY_MS)
    ((text, meta),) = group(await ilse.get("/stuck"), "signals")
    assert text == "Gordijnen blijven dicht."
    assert meta == f"{PLACE} · maandag 11:00 · wacht 4 werkdagen op contact (later dan afgesproken) · wacht 4 werkdagen op hulp"
    assert "1 (afgesproken: 2 werkdagen)" in (await ilse.get("/stuck")).text
    await desk.run(street.office, "UPDATE team SET contact_days = 5, help_days = 3 WHERE id = $1", street.nurse.team.id)
    ((_, meta),) = group(await ilse.get("/stuck"), "signals")
    assert meta.endswith("wacht 4 werkdagen op contact · wacht 4 werkdagen op hulp (later dan afgesproken)")


def test_a_weekend_is_no_time_to_wait_and_the_median_rounds_nobody_away():
    assert waits.working_days("2026-11-20", "2026-11-23") == 1
    assert waits.working_days("2026-11-21", "2026-11-22") == 0
    assert waits.working_days("2026-11-16", "2026-11-30") == 10
    assert [waits.middle(one) for one in ([], [3], [1, 4], [9, 1, 2])] == [None, 3, 4, 2]


async def test_what_gets_stuck_is_bundled_and_passed_on_without_whom_it_is_about(street, ilse):  # noqa: F811
    lines = [("waiting_list", "De dagbesteding heeft acht maanden wachtlijst"), ("rule", "=Twee loketten voor één aanvraag")]
    lines += [("rule", "Jan mag geen pgb"), ("rule", "Rietgors wordt overgeslagen")]
    await stored(street, *(of(street, "obstacle", {"sort": sort, "text": text}, home=True) for sort, text in lines))
    page = await ilse.get("/stuck")
    assert "2 regels gaan niet mee" in page.text
    assert page.text.count("minder dan 10") == 2
    answer = await ilse.get("/stuck/obstacles")
    assert answer.headers["content-disposition"] == f'attachment; filename="hier-loopt-het-vast-{TODAY}.csv"'
    told = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert told[1:] == [["Een regel", "'=Twee loketten voor één aanvraag"], ["Een wachtlijst", "De dagbesteding heeft acht maanden wachtlijst"]]
    for word in ("Jan", "Wit", "Rietgors", street.home.id, street.home.resident):
        assert word not in answer.text


async def test_in_how_many_households_is_said_from_ten_on(street, ilse):  # noqa: F811
    homes = [await desk.household(street.office, street.nurse.team) for _ in range(10)]
    await stored(street, *(desk.change(street.nurse, "obstacle", home.subject, {"sort": "money", "text": "Geen geld"}) for home in homes))
    assert '<th scope="row">Geld</th><td>10</td><td>10</td>' in (await ilse.get("/stuck")).text


async def test_a_lead_elsewhere_sees_nothing_and_what_is_seen_is_logged(street, client, ilse):  # noqa: F811
    obstacle = of(street, "obstacle", {"sort": "rule", "text": "Twee loketten"}, home=True)
    await stored(street, obstacle, written(street, "signal", NOW, text="Gordijnen dicht."))
    elsewhere = await desk.signed_in(client, await desk.somebody(street.office, "lead", name="Bram"))
    for path in ("/stuck", "/stuck/obstacles"):
        answer = await elsewhere.get(path)
        assert "Gordijnen" not in answer.text
        assert "loketten" not in answer.text
    for _ in range(2):
        await ilse.get("/stuck")
    await ilse.get("/stuck/obstacles")
    seen = await desk.log(street.office, "read", "person", "subject", "topic")
    about = (street.home.subject, "practical"), (street.home.about, "practical"), (street.home.about, "social")
    assert sorted(seen) == sorted((street.lead.person, *one) for one in about)
    assert await desk.log(street.office, "export", "person", "subject", "n") == [(street.lead.person, street.home.subject, 1)]


async def test_what_a_resident_closed_to_the_lead_is_not_counted(street, ilse):  # noqa: F811
    objection = desk.consent(street.nurse, street.home, street.lead, "social", answer="no")
    await stored(street, written(street, "signal", MONDAY_MS, text="Gordijnen dicht."), objection)
    page = await ilse.get("/stuck")
    assert "Gordijnen" not in page.text
    assert "0 signalen zonder contact" in page.text


def test_the_demo_tells_of_some_doors_where_the_help_is_steered():
    told = [one for one in demo_history.tell(NOW) if one.kind in {"escalation", "step_down", "evaluation", "opinion", "deviation", "obstacle"}]
    first = [one for one in told if not one.seen]
    assert Counter(one.kind for one in first) == {"obstacle": 7, "evaluation": 5, "escalation": 4, "opinion": 3, "step_down": 2, "deviation": 1}
    answered = {one.record for one in told if one.seen}
    late = [one for one in first if one.kind == "escalation" and one.record not in answered and one.fields["respond_by"] < TODAY]
    assert len(late) == 2
