"""What /schema/openapi.json says of this interface holds for every answer, whoever asks and whatever comes: cases made by Schemathesis of all of it.

NAOBER_SCHEMA sets how many cases (10,000), NAOBER_SEED which. Each role has its part of them, in a neighbourhood of its own: of so few half of the
roles on SQLite and the others on PostgreSQL, of more all of them on both.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from schemathesis import openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi

from server import db
from server.app import litestar
from server.config import settings
from tests.schema_office import ROLES, Office
from tests.schema_sound import ONLY_ELSEWHERE, Walk, sound

FEW = 10_000
CASES = int(os.environ.get("NAOBER_SCHEMA", FEW))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))
# The roles that are tried here: one round alone is twice what each of them has to be tried with.
HERE = [role for n, role in enumerate(ROLES) if CASES > FEW or n % 2 == (db.engine != "sqlite")]
# How many a round makes of each operation that reads and of each that writes, beside those over the edges of its schema, the same in every round.
READS, WRITES = 2, 6
DOCUMENT = "/schema/openapi.json"
# The document describes the interface and not itself: the addresses of the framework itself, tried in tests/test_assets.py.
ITSELF = {"GET /schema", "GET /schema/openapi.json", "GET /schema/{path}"}
# What is wrong in a form is said beside its field, in the same page; who brings a passkey for a link is not heard when it holds no proof.
SAID_BESIDE = {"POST /people", "POST /vouchings", "POST /review/{record}/acknowledgements", "PUT /people/{person}/vog"}
SAID_BESIDE |= {"POST /held/{change}/return", "POST /held/{change}/keeping", "POST /review/{record}/remarks", "POST /people/{person}/departure"}
# What is said in an answer is judged as what a phone says, and which weeks there are by a calendar: a shape cannot tell all of it.
JUDGED = ["POST /invitations/{token}/passkey", "POST /l/answers", "PUT /me/subscription"]
JUDGED += ["GET /figures", "GET /figures/{what}", "GET /figures/week.csv", "GET /figures/week.xlsx"]
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "429"]
# A page leads who is not let in to the sign-in page, whatever was asked for.
REJECTED = ["303", "400", "401", "403", "404", "405", "409", "410", "413", "415", "422", "429"]


@pytest.fixture
async def seat(office):
    """The office closed again: it opens in the thread in which Schemathesis asks."""
    await office.stop()
    yield Office()
    await office.start()


@pytest.fixture
def open_office(seat) -> Iterator[Office]:
    with asgi.get_client(seat):
        yield seat
    asgi.shutdown_lifespans()


def described(office: Office, role: str, seed: int = SEED, *, edges: bool = True, only: str = ""):
    """The interface as its document has it, or `only` one address of it, asked by this role."""
    rules = {"positive_data_acceptance": {"expected-statuses": ACCEPTED}, "negative_data_rejection": {"expected-statuses": REJECTED}}
    schema = openapi.from_asgi(DOCUMENT, office, config=SchemathesisConfig.from_dict({
        "seed": seed, "workers": 1, "max-failures": 5, "warnings": False, "continue-on-failure": True,
        "request-timeout": 30.0, "max-stream-events": 1,
        "headers": {"Origin": settings.origin, "Accept-Language": "nl"},
        "auth": {"openapi": {"session": {"api_key": office.tokens[role]}}} if role in office.tokens else {},
        "generation": {"mode": "all", "max-examples": WRITES, "no-shrink": True, "database": "none", "with-security-parameters": False},
        "phases": {"coverage": {"enabled": edges}}, "checks": rules,
        "operations": [
            {"include-name": sorted(SAID_BESIDE), "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "422"]}}},
            {"include-name": JUDGED, "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "400", "410"]}}},
            {"include-method": "GET", "generation": {"max-examples": READS}},
        ],
    }))  # fmt: skip
    others = {name: ids for name, ids in office.ids.items() if name != "device"}
    own = {**others, "device": [ROLES[role].device] if ROLES[role] else office.ids["device"]}
    paths = schema.raw_schema["paths"]
    for path in [path for path in paths if only not in {"", path}]:
        del paths[path]
    for path, methods in paths.items():
        for operation in methods.values():
            _acquaint(operation, office.ids, own if path.startswith("/sync") else others)
    return schema


def _acquaint(operation, ids, written):
    """Puts what is there in this neighbourhood in the places of ids, so that the rest of a request is looked at too; others count as wrong.

    `written`: what may stand in a body; whose device hands in or erases itself without a session is anybody's word.
    """
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in ids:
            parameter["schema"] = {"type": "string", "enum": ids[parameter["name"]]}
    for media in operation.get("requestBody", {}).get("content", {}).values():
        fields = media["schema"]["properties"]
        named = [name for name, field in fields.items() if name in written and field.get("type") == "string"]
        fields |= {name: {"type": "string", "enum": written[name]} for name in named}


def test_the_document_names_every_address(open_office):
    routes = {f"{method} {re.sub(r':[a-z]+}', '}', route.path)}" for route in litestar.routes for method in route.methods - {"OPTIONS"}}
    assert {found.ok().label for found in described(open_office, "nobody").get_all_operations()} == routes - ITSELF


def test_every_operation_answers_a_sound_request_well_and_as_described(open_office):
    walk = Walk(described(open_office, "nobody"), open_office)
    sound(walk)
    every = {found.ok().label for found in walk.schema.get_all_operations()}
    assert walk.well == every - set(ONLY_ELSEWHERE)
    assert walk.elsewhere == ONLY_ELSEWHERE


def test_an_exchange_answers_what_is_made_of_its_shape_as_the_document_says(open_office):
    reached, wrong = judged(described(open_office, "nurse", only="/sync"))
    assert wrong == []
    assert set(reached) == {"POST /sync"}
    assert {200, 400, 401, 409, 415} <= {status for _, _, status in open_office.said}


@pytest.mark.parametrize("role", HERE)
def test_no_answer_is_other_than_the_document_says(open_office, role):
    every = {found.ok().label for found in described(open_office, role).get_all_operations()}
    reached, wrong, rounds = Counter(), [], 0
    while reached.total() < CASES // len(HERE) and not wrong:
        more, wrong = judged(described(open_office, role, SEED + rounds, edges=not rounds))
        reached, rounds = reached + more, rounds + 1
    print(f"NAOBER_SEED={SEED} NAOBER_SCHEMA={CASES}: {reached.total()} cases as {role}, in {rounds} rounds")  # noqa: T201 - shown when it fails
    assert wrong == []
    assert set(reached) == every
    assert {200, 201, 204, 303, 400, 404, 405, 409, 415} <= {status for _, _, status in open_office.said}
    assert reached.total() >= CASES // len(HERE)


def judged(schema):
    """How many cases of each operation were answered, and what was wrong with an answer."""
    reached, wrong = Counter(), []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            wrong.append((event.label, repr(event.value)[:500]))
        if isinstance(event, events.ScenarioFinished):
            reached += Counter(node.value.operation.label for node in event.recorder.cases.values())
            wrong += failures(event.recorder)
    return reached, wrong


def failures(recorder):
    """(operation, check, what it says, how to ask again) of each case that an answer failed."""
    found = [(key, check) for key, checks in recorder.checks.items() for check in checks if check.failure_info]
    return [
        (recorder.cases[key].value.operation.label, check.name, str(check.failure_info.failure)[:600], check.failure_info.code_sample[:600])
        for key, check in found
    ]
