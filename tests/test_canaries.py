"""What is written of somebody stands in their file and nowhere else: no other page, error, receipt, news, log line or description tells of it."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from server import door, sessions
from server.tables import ALL
from tests import desk
from tests.canaries import CANARY, everything
from tests.desk import STRANGER
from tests.test_matrix import ROWS, SUBJECTS, World, a_world, asked

# Where a file is read, by whom it is open to; /held is what its author wrote, for their lead.
READS = {"GET /review", "GET /review/{record:str}", "PUT /review/{record:str}/reading", "POST /review/readings", "POST /sync", "POST /sync/history"}
READS |= {f"POST /review/{{record:str}}/{noun}" for noun in ("acknowledgements", "remarks", "closure")}
READS |= {"GET /roster", "GET /suggestions", "GET /stuck", "POST /suggestions/{suggestion:str}/responses"}
READS |= {"GET /figures/{what:str}", "GET /caseload/{weight:str}", "GET /outcomes/{what:str}", "GET /themes/{theme:str}"}
READS |= {route for route in ROWS if "/held" in route}
READS |= {"GET /hands/{record:str}", "GET /networks/{household:str}"}
OPEN_TO = {"nurse", "colleague", "lead"}
# The resident agreed that outreach reads what is of the mind.
AGREED = {("POST /sync", "outreach"), ("POST /sync/history", "outreach")}

pytestmark = pytest.mark.usefixtures("clock")


class Lines(logging.Handler):
    """Log lines as they would leave this process."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(door.AsJson())
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@pytest.fixture
def written(monkeypatch):
    lines, log = Lines(), logging.getLogger("naober")
    log.addHandler(lines)
    level = log.level
    log.setLevel(logging.DEBUG)
    yield lines.said
    log.setLevel(level)
    log.removeHandler(lines)


@pytest.fixture
async def world(office) -> World:
    """As in test_matrix, and the nurse wrote everything that can be written, stored and held."""
    made = await a_world(office)
    nurse = made.people["nurse"]
    house = desk.House(desk.new(), made.things["resident", "own"])
    (home,) = (await desk.rows(office, "SELECT household FROM resident WHERE id = $1", house.resident))[0]
    house = desk.House(home, house.resident)
    stored = [one for one in everything(nurse, house) if one["topic"] not in {"money", "safety"}]
    assert set(desk.said(await desk.hand_in(office, nurse, *stored))) == {("stored", None)}
    elsewhere = await desk.household(office)
    held = [one for one in everything(nurse, elsewhere) if one["kind"] not in {"household", "resident"} and not one["subject"].startswith("team:")]
    assert {is_ for is_, _ in desk.said(await desk.hand_in(office, nurse, *held))} == {"held"}
    made.things["visit", "own"] = next(one["record"] for one in stored if one["kind"] == "visit")
    made.things["consent", "own"] = next(one["record"] for one in stored if one["kind"] == "consent")
    return made


async def test_a_file_is_told_where_it_is_read_and_nowhere_else(office, client, world, written):
    told = set()
    for route in sorted(ROWS):
        for name in SUBJECTS:
            if route.startswith("DELETE"):
                continue
            _, text = await asked(client, world, route, name, "own")
            if CANARY in text:
                told.add((route, name))
    assert told
    assert {one for one in told - AGREED if one[0] not in READS or one[1] not in OPEN_TO} == set()
    assert [line for line in written if CANARY in line] == []
    assert CANARY not in repr(await desk.rows(office, "SELECT * FROM log"))


async def test_an_error_gives_back_nothing_of_what_was_sent_and_logs_none_of_it(office, client, world, written, monkeypatch):
    browser = await desk.signed_in(client, world.people["lead"])
    phone = await desk.phone(client, world.people["nurse"])
    text = "Verdwaald tussen wat niet gelezen kan worden"
    answers = [await browser.get(f"/review/{text}"), await browser.get(f"/{text}"), await browser.get("/review", params={"team": text, "kind": text})]
    for accept in ("application/json", "text/html"):
        headers = {"Accept": accept}
        for sent in ({"language": text}, {"format": text}, {"challenge": text, "credential": text}, {"pairs": text}):
            for method, path in (("PUT", "/me"), ("POST", "/sync"), ("POST", "/sync/history"), ("POST", "/sessions")):
                answers.append(await browser.request(method, path, json=sent, headers=headers))
        answers.append(await browser.post("/people", data={"team": text, "role": text, "op": text}, headers=headers))
        answers.append(await browser.post(f"/held/{text}/return", data={"upto": text}, headers=headers))
    sound = desk.note(world.people["nurse"], desk.House(STRANGER, STRANGER))
    odd = [{**sound, name: text} for name in ("id", "kind", "record", "subject", "topic", "stamp", "by")]
    answers.append(await phone.post(*odd, {"fields": {"text": text}}, text, [text]))
    answers.append(await phone.post(reads=[text], held=[text, [text, 0]]))
    monkeypatch.setattr(sessions, "session_from", broken(text))
    answers.append(await browser.get("/me"))
    assert answers[-1].status_code == 503
    assert [answer.request.url.path for answer in answers if "Verdwaald" in answer.text] == []
    assert written
    assert [line for line in written if "Verdwaald" in line] == []
    assert "Verdwaald" not in repr(await desk.rows(office, "SELECT * FROM log"))


async def test_what_opens_a_vault_is_kept_by_no_address_and_told_by_none(office, client, world, written):
    browser = await desk.signed_in(client, world.people["lead"])
    secret = "bWV0IGRpdCBnYWF0IGRlIGtsdWlzIG9wZW4"
    answer = {"challenge": "x", "credential": {"id": "x", "clientExtensionResults": {"prf": {"enabled": True, "results": {"first": secret}}}}}
    took = {}
    for route in sorted(route for route in ROWS if route.split()[0] in {"POST", "PUT"}):
        method, path = route.split(" ")
        address = re.sub(r"\{\w+:\w+\}", world.thing(ROWS[route].thing, "own"), path)
        said = await browser.request(method, address, json=answer)
        assert secret not in said.text, route
        took[route] = said.json()["error"]["code"] if said.status_code == 400 else said.status_code
    assert {route for route, what in took.items() if what == "secret"} == {
        "POST /sessions", "POST /invitations/{token:str}/passkey",
        "POST /passkeys", "POST /passkeys/challenges", "POST /passkeys/phones", "POST /passkeys/{key:str}/removal",
    }  # fmt: skip
    kept = [row for table in ALL for row in await desk.rows(office, f"SELECT * FROM {table._meta.tablename}")]  # noqa: S608 - our own names
    assert kept
    assert [row for row in kept if secret in repr(row)] == []
    assert [line for line in written if secret in line] == []


def broken(text: str) -> Any:
    async def fall(_: Any) -> None:
        raise ValueError(text)

    return fall
