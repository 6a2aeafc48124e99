"""Links for helpers without an account: who may open one, what it tells and for how long, and what becomes of the answers."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from server import link_answers, links
from server.app import app
from server.config import settings
from sync import merge
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

TOMORROW, UNTIL = "2026-11-23", "2026-11-30"
TOKEN = "abcdefghijklmnopqrstu-"
DROPS = {
    "what": "Oogdruppels", "due": TOMORROW, "time": "09:00", "instructions": "Eén druppel in elk oog.", "call": "Samira", "call_phone": "06-00000101",
}  # fmt: skip
SAID = {"what": "Oogdruppels", "time": "09:00", "instructions": "Eén druppel in elk oog.", "call": "Samira", "call_phone": "06-00000101"}


@pytest.fixture
async def street(office: Any, clock: Any) -> SimpleNamespace:
    """A nurse, a household with its records, and Riet from the street, who has no account."""
    links._wrong.clear()
    nurse = await desk.somebody(office, "nurse")
    home = await desk.household(office, nurse.team)
    facts = {"name": "Fam. De Wit-Zorgvuldig", "street": "Rietgors 14", "city": "Elmerwaard", "phone": "06-00000199", "entry": "achterom"}
    lives = {"household": home.id, "name": "Jan de Wit-Zorgvuldig", "given": "Jan", "born": "1941-02-03"}
    riet = desk.change(nurse, "helper", home.subject, {"name": "Riet van 12", "relation": "neighbour", "phone": "06-00000112"})
    await desk.hand_in(
        office, nurse, desk.change(nurse, "household", home.subject, facts, record=home.id),
        desk.change(nurse, "resident", home.about, lives, record=home.resident), riet, desk.note(nurse, home, "Diabetes."),
    )  # fmt: skip
    return SimpleNamespace(office=office, clock=clock, nurse=nurse, home=home, riet=riet["record"])


def browser() -> httpx.AsyncClient:
    """A browser that was never here."""
    headers = {"Origin": settings.origin, "Sec-Fetch-Site": "same-origin", "Accept-Language": "nl"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.origin, headers=headers)


async def given(street: Any, token: str = TOKEN, *, task: dict[str, Any] | None = None, helper: str = "", **fields: Any) -> SimpleNamespace:
    """A task and a link to it."""
    task = task or desk.change(street.nurse, "task", street.home.subject, {**DROPS, **fields})
    told = {"tasks": [task["record"]], "helper": helper or street.riet, "token_hash": hashlib.sha256(token.encode()).hexdigest(), "until": UNTIL}
    link = desk.change(street.nurse, "link", street.home.subject, told)
    for result in await desk.hand_in(street.office, street.nurse, task, link, at=street.clock.at):
        assert result.is_ in {"stored", "known"}, result
    return SimpleNamespace(task=task["record"], change=task, link=link)


async def opens(who: httpx.AsyncClient, token: str = TOKEN) -> httpx.Response:
    """As the page does: who is told to ask again asks again."""
    told = await who.post("/l/opening", json={"token": token})
    return await who.post("/l/opening", json={"token": token}) if told.status_code == 200 and told.json()["again"] else told


async def says(who: Any, task: str, *answers: str, token: str = TOKEN, at: int = NOW, day: str = TOMORROW, **more: Any) -> httpx.Response:
    told = [{"id": desk.new(), "task": task, "answer": one, "day": day, "at": at + n, **more} for n, one in enumerate(answers)]
    return await who.post("/l/answers", json={"token": token, "answers": told})


async def told(street: SimpleNamespace, kind: str) -> list[dict[str, Any]]:
    rows = await desk.rows(street.office, "SELECT id, body FROM record WHERE kind = $1 ORDER BY seq", kind)
    return [merge.shown(json.loads(body))["fields"] for _, body in rows]


async def test_the_first_browser_has_the_link_and_another_hears_to_ask_for_a_new_one(street):
    await given(street)
    riet, finder = browser(), browser()
    first = await riet.post("/l/opening", json={"token": TOKEN})
    assert (first.json(), "HttpOnly" in first.headers["set-cookie"], "SameSite=strict" in first.headers["set-cookie"]) == (
        {"again": True, "until": None, "tasks": []}, True, True,
    )  # fmt: skip
    assert (await opens(riet)).json()["tasks"]
    refused = await opens(finder)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "link_taken")
    assert "Oogdruppels" not in refused.text
    assert (await says(finder, street.riet, "worried")).status_code == 409
    assert (await opens(riet)).status_code == 200


async def test_an_answer_that_got_lost_on_the_way_binds_the_link_to_nobody(street):
    await given(street)
    await browser().post("/l/opening", json={"token": TOKEN})
    assert (await opens(browser())).json()["tasks"]


async def test_the_link_tells_the_task_and_nothing_of_the_file(street):
    made = await given(street)
    riet = browser()
    (task,) = (await opens(riet)).json()["tasks"]
    assert task == {"task": made.task, **SAID, "days": [TOMORROW], "accepted": False, "door": None}
    await says(riet, made.task, "accepted")
    opened = await opens(riet)
    (task,) = opened.json()["tasks"]
    assert task == {
        "task": made.task, **SAID, "days": [TOMORROW], "accepted": True, "door": {"given": "Jan", "street": "Rietgors 14", "until": "2026-11-24"},
    }  # fmt: skip
    for word in ("Wit-Zorgvuldig", "Diabetes", "1941", "achterom", "00000199", "Elmerwaard", "Riet van", street.home.id, street.home.resident):
        assert word not in opened.text, word


async def test_the_door_comes_the_day_before_and_goes_after_the_day_after(street):
    made = await given(street, due="2026-11-25")
    riet = browser()
    await opens(riet)
    await says(riet, made.task, "accepted")
    for day, there in ((22, False), (23, False), (24, True), (25, True), (26, True), (27, False)):
        street.clock.at = NOW + DAY_MS * (day - 22)
        (task,) = (await opens(riet)).json()["tasks"]
        assert bool(task["door"]) is there, day


async def test_a_week_of_tasks_is_told_day_by_day(street):
    made = await given(street, due=TODAY, every_days=2)
    riet = browser()
    assert (await opens(riet)).json()["tasks"][0]["days"] == [TODAY, "2026-11-24", "2026-11-26", "2026-11-28", UNTIL]
    await says(riet, made.task, "accepted", "done", day=TODAY)
    assert (await opens(riet)).json()["tasks"][0]["days"] == ["2026-11-24", "2026-11-26", "2026-11-28", UNTIL]


async def test_a_link_whose_days_lie_elsewhere_tells_nothing(street):
    await given(street, due="2026-12-09")
    assert (await opens(browser())).status_code == 410


async def test_yes_done_and_worried_stand_with_the_household_and_then_nothing_is_told_any_more(street):
    made = await given(street)
    assert [(one["way"], one["helper"], one.get("answer")) for one in await told(street, "asking")] == [("link", street.riet, None)]
    riet = browser()
    await opens(riet)
    await says(riet, made.task, "accepted", "done", "worried", text="Hij at niets.")
    assert [one["answer"] for one in await told(street, "asking")] == ["yes"]
    assert [one["helper"] for one in await told(street, "task")] == [street.riet]
    about = {"task": made.task, "helper": street.riet, "day": TOMORROW, "text": "Hij at niets."}
    assert await told(street, "completion") == [about | {"outcome": "done", "at": NOW}]
    assert await told(street, "worry") == [about | {"at": NOW}]
    over = await opens(riet)
    assert (over.status_code, "Oogdruppels" in over.text) == (410, False)


async def test_no_is_a_good_answer_and_frees_the_task(street):
    made = await given(street)
    riet = browser()
    await opens(riet)
    await says(riet, made.task, "accepted", "declined")
    assert [one["answer"] for one in await told(street, "asking")] == ["no"]
    assert [one.get("helper") for one in await told(street, "task")] == [None]
    assert (await opens(riet)).status_code == 410


async def test_the_same_answer_twice_is_one_and_an_old_yes_does_not_come_back(street):
    made = await given(street)
    riet = browser()
    await opens(riet)
    yes = {"id": desk.new(), "task": made.task, "answer": "accepted", "at": NOW + DAY_MS}
    done = {"id": desk.new(), "task": made.task, "answer": "could_not", "at": NOW}
    for answers in ([yes, done], [yes, done, done], [{**yes, "id": desk.new(), "answer": "declined"}], [yes]):
        assert (await riet.post("/l/answers", json={"token": TOKEN, "answers": answers})).json() == {"taken": [one["id"] for one in answers]}
    assert [one["answer"] for one in await told(street, "asking")] == ["no"]
    assert [one["outcome"] for one in await told(street, "completion")] == ["could_not"]


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_what_was_done_comes_in_late_and_the_household_is_told_that_it_did(street, how):
    made = await given(street)
    riet, finder = browser(), browser()
    await opens(riet)
    if how == "expired":
        street.clock.at = NOW + 9 * DAY_MS
    else:
        await revoke(street, made)
    assert (await opens(riet)).status_code == (await opens(finder)).status_code + 1 == 410
    assert (await says(riet, made.task, "accepted", "done", "worried", text="Viel bijna.")).status_code == 200
    assert [one["late"] for one in (*await told(street, "completion"), *await told(street, "worry"))] == [True, True]
    assert [one.get("answer") for one in await told(street, "asking")] == [None]


async def test_withdrawn_before_it_was_opened_it_tells_nobody_anything(street):
    made = await given(street)
    await revoke(street, made)
    riet = browser()
    assert (await opens(riet)).status_code == 410
    assert (await says(riet, made.task, "done")).status_code == 409
    assert await told(street, "completion") == []


async def revoke(street: SimpleNamespace, made: SimpleNamespace) -> None:
    withdrawn = desk.change(street.nurse, "link", street.home.subject, {"revoked": True}, record=made.link["record"], seen=1)
    await desk.hand_in(street.office, street.nurse, withdrawn)


async def test_of_two_people_who_were_asked_who_said_yes_has_it(street):
    other, made = "z" * 22, await given(street)
    koos = desk.change(street.nurse, "helper", street.home.subject, {"name": "Koos", "relation": "friend"})
    await desk.hand_in(street.office, street.nurse, koos)
    await given(street, other, task=made.change, helper=koos["record"])
    riet, second = browser(), browser()
    assert [(await opens(riet)).status_code, (await opens(second, other)).status_code] == [200, 200]
    await says(riet, made.task, "accepted")
    assert (await opens(second, other)).status_code == 410
    await says(second, made.task, "accepted", token=other)
    assert [one["helper"] for one in await told(street, "task")] == [street.riet]
    assert sorted(one.get("answer", "") for one in await told(street, "asking")) == ["", "yes"]


async def test_a_task_in_somebody_elses_hands_or_of_another_household_is_not_told(street):
    elsewhere = await desk.household(street.office, street.nurse.team)
    task = desk.change(street.nurse, "task", elsewhere.subject, DROPS)
    await given(street, task=task)
    riet = browser()
    assert (await opens(riet)).status_code == 410
    made = await given(street, "y" * 22)
    assert (await opens(riet, "y" * 22)).status_code == 200
    volunteer = await desk.somebody(street.office, "volunteer")
    version = {"record": made.task, "seen": 1}
    await desk.hand_in(street.office, street.nurse, desk.change(street.nurse, "task", street.home.subject, {"volunteer": volunteer.hat}, **version))
    assert (await opens(riet, "y" * 22)).status_code == 410


async def test_who_is_no_helper_here_any_more_is_told_nothing(street):
    await given(street)
    riet = browser()
    assert (await opens(riet)).status_code == 200
    left = desk.change(street.nurse, "helper", street.home.subject, {"until": "2026-11-21"}, record=street.riet, seen=1)
    await desk.hand_in(street.office, street.nurse, left)
    assert (await opens(riet)).status_code == 410


async def test_what_another_link_does_not_lead_to_is_not_written_down(street):
    await given(street)
    other = await given(street, "y" * 22)
    riet = browser()
    await opens(riet)
    assert (await says(riet, other.task, "done", "worried", "accepted")).status_code == 200
    assert (await told(street, "completion"), await told(street, "worry")) == ([], [])


async def test_the_log_knows_of_each_opening_and_answer_and_of_no_content(street):
    made = await given(street)
    riet = browser()
    await opens(riet)
    await opens(browser())
    await says(riet, made.task, "accepted", "worried", text="Hij at niets.")
    opened = sorted(await desk.log(street.office, "link_opened", "object", "result"))
    assert opened == [(made.link["record"], one) for one in ("again", "ok", "taken")]
    assert len(await desk.log(street.office, "link_answered", "result")) == 2
    assert "Hij at niets." not in str(await desk.rows(street.office, "SELECT * FROM log"))


async def test_many_wrong_tokens_are_held_up_and_a_right_one_never(street):
    await given(street)
    links._wrong[NOW // links.MINUTE_MS] = links.WRONG_MAX - 1
    asked = [(await opens(browser(), token)).status_code for token in ("x" * 22, "x" * 22, "", TOKEN)]
    assert asked == [404, 429, 429, 200]


async def test_no_bytes_bring_the_office_down(street):
    made = await given(street)
    riet = browser()
    await opens(riet)
    sound = {"id": desk.new(), "task": made.task, "answer": "worried", "at": NOW, "day": TODAY, "text": "x"}
    wrong: tuple[dict[str, Any], ...] = (
        {"id": "x"}, {"task": "x"}, {"answer": "asked"}, {"at": -1}, {"at": 10**30}, {"day": "2026-02-30"}, {"text": "x" * 2001}, {"text": "\x00"},
        {"more": 1},
    )  # fmt: skip
    for one in wrong:
        refused = await riet.post("/l/answers", json={"token": TOKEN, "answers": [{**sound, **one}]})
        assert refused.status_code == 400, (one, refused.text)
    for body in (b"", b"{", b"\xff", b'{"token": "\\ud800"}', b"[]", b'{"token": 1}', json.dumps({"token": "\x00é" * 40}).encode()):
        for path in ("/l/opening", "/l/answers"):
            answer = await riet.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in {400, 404}, (path, body)
    many = [{**sound, "id": desk.new()} for _ in range(link_answers.ANSWERS_MAX + 1)]
    assert (await riet.post("/l/answers", json={"token": TOKEN, "answers": many})).status_code == 413
    assert await told(street, "worry") == []


async def test_a_record_that_is_no_link_leaves_nothing_behind(street):
    task = desk.change(street.nurse, "task", street.home.subject, DROPS)
    told_ = {"tasks": [task["record"]], "helper": street.riet, "token_hash": "no hash", "until": UNTIL}
    await desk.hand_in(street.office, street.nurse, task, desk.change(street.nurse, "link", street.home.subject, told_))
    assert await desk.rows(street.office, "SELECT id FROM link") == []
