"""The reference of who may hold what: every shared case holds, every rule has its cases, and no rule can be forgotten unnoticed."""

import ast
import json
import random
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tests import model, worlds

CASES = list(worlds.cases())
SOURCE = Path(model.__file__).read_text("utf-8")
RULES = {str(number) for number in range(1, 10)}


def wrong(reference, world, case):
    """What the reference says of this case that the case does not, or the other way round."""
    given = reference.entitled(world, case["person"], case["on"])
    about = case["about"]
    problems = {way for way in given if about is None or way[0] in about} ^ set(map(tuple, case["gives"]))
    return problems | {
        (record["subject"], record["topic"], record["author"])
        for record in case.get("records", [])
        if reference.may_hold(world, case["person"], case["on"], record) != record["holds"]
    }


@pytest.mark.parametrize(("world", "case"), CASES, ids=[case["it"] for _, case in CASES])
def test_case(world, case):
    before = json.dumps(world)
    assert not wrong(model, world, case)
    assert json.dumps(world) == before


def test_no_two_cases_say_or_ask_the_same():
    asked = [json.dumps([world, case["person"], case["on"], case["about"], case.get("records")], sort_keys=True) for world, case in CASES]
    assert [case["it"] for _, case in CASES if asked.count(asked[CASES.index((_, case))]) > 1] == []
    assert len({case["it"] for _, case in CASES}) == len(CASES) >= 220


def test_every_rule_has_at_least_ten_cases():
    counted = Counter(case["rule"] for _, case in CASES)
    assert set(counted) == RULES
    assert min(counted.values()) >= 10


def test_the_cases_speak_of_people_teams_and_topics_that_are_there():
    for world, case in CASES:
        for one in world["statements"]:
            assert one["resident"] in world["residents"]
            assert set(one["topics"]) <= set(worlds.TOPICS)
        assert len({one["n"] for one in world["statements"]}) == len(world["statements"])
        assert all(hat[1] in world["teams"] for hat in world["hats"])
        assert len({tuple(pair[:2]) for pair in case["gives"]}) == len(case["gives"])
        assert case["about"] is None or {pair[0] for pair in case["gives"]} <= set(case["about"])


def test_the_reference_shares_nothing_with_the_product():
    roots = {node.module for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.ImportFrom)}
    assert roots == {"typing"}
    assert SOURCE.count("\n") < 250
