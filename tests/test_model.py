"""The reference of who may hold what: every shared case holds, every rule has its cases, and no part of a rule can be forgotten unnoticed."""

import ast
import json
from collections import Counter
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from tests import model, worlds

CASES = list(worlds.cases())
SOURCE = Path(model.__file__).read_text("utf-8")
KINDS = {"household", "resident", "team", "organisation", "person", "errand", "address"}

# What the reference says, and what it would say if somebody forgot a part of the contract.
FORGOTTEN = {
    "left people": ('hat.person not in world["left"] and ', ""),
    "left authors": ('if person in world["left"]:', "if False:"),
    "own work": ('return record["author"] == person or any', "return any"),
    "before": ('record["first"] > way.after', 'record["first"] >= way.after'),
    "before, at all": ('0 if one["before"] else one["n"]', "0"),
    "first day": ("since <= day", "since < day"),
    "last day": ("day <= (until", "day < (until"),
    "reach first": ("key=lambda way: way.after", "key=lambda way: 0"),
    "longest": ("reverse=True", "reverse=False"),
    "no end is longest": ("way.until or NEVER", 'way.until or ""'),
    "somebody else's hat": ("if hat.person == person:", "if True:"),
    "professional faces": ("if hat.role not in PROFESSIONAL:", "if False:"),
    "every face": ('for name in world["organisations"]}', "for name in [works_for(world, hat)]}"),
    "team talk is two topics": ('in ("practical", "social")}', 'in ("practical",)}'),
    "a hat's end on team talk": ('topic, hat.until, 0) for topic in ("practical"', 'topic, None, 0) for topic in ("practical"'),
    "a hat's end on faces": ('"practical", hat.until, 0)', '"practical", None, 0)'),
    "a lead's profession": ('led_as(world, hat) if hat.role == "lead" else hat.role', '"nurse" if hat.role == "lead" else hat.role'),
    "a profession's needs": ('"outreach": ("practical", "mind"', '"outreach": ("practical", "body", "mind"'),
    "which team cares": ("team == hat.team and in_force(since", "in_force(since"),
    "care's period": ("team == hat.team and in_force(since, until, day)", "team == hat.team"),
    "care's end": ("end = earliest(until, hat.until)", "end = hat.until"),
    "a hat's end on care": ("end = earliest(until, hat.until)", "end = until"),
    "where somebody lives": ("if home == household]", "]"),
    "the household itself": ('ways.add(Way(f"household:{household}", "practical", end, 0))', "pass"),
    "whose words": ('if one["resident"] == resident and topic in', "if topic in"),
    "which topic": ('== resident and topic in one["topics"]]', "== resident]"),
    "the household with the practical": ('if topic == "practical":', "if False:"),
    "only with the practical": ('if topic == "practical":', "if True:"),
    "care goes on beside a consent": ('if not any(one["answer"] == "no" for one in words):', "if False:"),
    "care under an objection": ('if not any(one["answer"] == "no" for one in words):', "if spoken(words, hat):"),
    "help opens nothing": ('one["kind"] == "secrecy" or', 'one["kind"] in ("secrecy", "help") or'),
    "ground opens nothing": ('one["kind"] == "secrecy" or', 'one["kind"] in ("secrecy", "ground") or'),
    "a share opens": (' or (one["kind"] == "share" and one["answer"] == "yes")', ""),
    "a share never closes": ('"share" and one["answer"] == "yes"', '"share"'),
    "withdrawn": (' and not one["withdrawn"]', ""),
    "a statement's period": (' and in_force(one["since"], one["until"], day)', ""),
    "volunteers are opened nothing": ('return hat.role in PROFESSIONAL and one["to"]', 'return one["to"]'),
    "person": ('f"person:{hat.person}", f"team', 'f"team'),
    "team": ('f"team:{hat.team}", f"organisation', 'f"organisation'),
    "organisation": (', f"organisation:{works_for(world, hat)}")', ",)"),
    "specificity": ("if specificity(one) == top]", "]"),
    "most specific, not least": ("top = max(map(specificity", "top = min(map(specificity"),
    "person over team": ('"team": 2', '"team": 3'),
    "team over organisation": ('"team": 2', '"team": 1'),
    "one no is enough": ('    if any(one["answer"] == "no"', '    if all(one["answer"] == "no"'),
    "a statement's end": ('{(earliest(one["until"], hat.until)', "{(hat.until"),
    "a hat's end on statements": ('{(earliest(one["until"], hat.until)', '{(one["until"]'),
    "leads review": (" | reviewed(world, hat, day)", ""),
    "only leads review": ('hat.role != "lead" or not', "not"),
    "leads of volunteers do not": (" or not led_as(world, hat):", ":"),
    "one's own team": ("if member.team == hat.team]", "]"),
    "residents, not households": ('way.subject.startswith("resident:") and ', ""),
    "safety": (' and way.topic != "safety"', ""),
    "a lead's end": ("earliest(way.until, hat.until)", "way.until"),
    "an objection to the lead": (" if not closed(world, way, hat.person, day)", ""),
    "an objection is a no": ('one["answer"] == "no" and one["to"]', 'one["to"]'),
    "an objection to this lead": ('and one["to"] == f"person:{person}" ', ""),
    "an objection by this resident": ("way.subject == f\"resident:{one['resident']}\" and way", "way"),
    "an objection to this topic": (' and way.topic in one["topics"] for', " for"),
    "a volunteer's own": (" | entrusted(world, hat, day)", ""),
    "whose errand": ('if (one["person"], one["team"]) == (hat.person, hat.team) and', "if"),
    "of which team": ('(one["person"], one["team"]) == (hat.person, hat.team)', 'one["person"] == hat.person'),
    "only volunteers": (' if hat.role == "volunteer" else ()', ""),
    "what volunteers offer": ('{Way(f"person:{hat.person}", "social", hat.until, 0)}', "set()"),
    "a hat's end on what they offer": ('"social", hat.until, 0)} if', '"social", None, 0)} if'),
    "only volunteers offer": (' if hat.role == "volunteer" else set()', ""),
    "a week to answer": ('one["days"][-1], 7)', 'one["days"][-1], 6)'),
    "a week after the door": ('one.get("door") or one["days"][-1], 7)', 'one["days"][-1] if one["days"] else day, 7)'),
    "until the door closes": ('if one.get("door") and day <= one["door"] else []', 'if one.get("door") else []'),
    "the door": ('near += [one["door"]]', "near += []"),
    "the end of an errand": ("if day <= end:", "if True:"),
    "a hat's end on an errand": ("earliest(end, hat.until)", "end"),
    "the day before": ("later(when, -1) <= day", "when <= day"),
    "the day after": ("day <= later(when, 1)]", "day <= when]"),
    "a yes before the address": (' and one["accepted"]', ""),
    "the later of two days": ("earliest(near[-1], hat.until)", "earliest(near[0], hat.until)"),
    "a hat's end on the address": ("earliest(near[-1], hat.until)", "near[-1]"),
    "kept out": (" if not kept_out(world, hat, one, day)", ""),
    "kept out by whom": (' if home == errand["household"]]', "]"),
    "kept out of what is for another": ('[errand["resident"]] if errand["resident"] else here', "here"),
    "kept out by name": ('if one["to"] in called(world, hat) and "practical"', 'if "practical"'),
    "kept out of practical things": (' and "practical" in one["topics"] and counts', " and counts"),
    "kept out for now": (' in one["topics"] and counts(one, day)]\n    for', ' in one["topics"]]\n    for'),
    "kept out by the most specific": (" == max(map(specificity, words))):", "):"),
    "an objection in force": (' == f"person:{person}" and counts(one, day)', ' == f"person:{person}"'),
}


def wrong(reference, world, case):
    """What the reference says of this case that the case does not, or the other way round."""
    given, about = reference.entitled(world, case["person"], case["on"]), case["about"]
    problems = {way for way in given if about is None or way[0] in about} ^ set(map(tuple, case["gives"]))
    for record in case.get("records", []):
        if reference.may_hold(world, case["person"], case["on"], record) != record["holds"]:
            problems.add((record["subject"], record["topic"], record["author"], record["first"]))
    return problems


@pytest.mark.parametrize(("world", "case"), CASES, ids=[case["it"] for _, case in CASES])
def test_case(world, case):
    before = json.dumps(world)
    assert not wrong(model, world, case)
    assert json.dumps(world) == before


def test_no_two_cases_say_or_ask_the_same():
    said = {case["it"] for _, case in CASES}
    asked = {json.dumps([world, case["person"], case["on"], case["about"], case.get("records")], sort_keys=True) for world, case in CASES}
    assert len(said) == len(asked) == len(CASES) >= 220


def test_every_rule_has_at_least_ten_cases():
    counted = Counter(case["rule"] for _, case in CASES)
    assert set(counted) == {*"123456789", "10"}
    assert min(counted.values()) >= 10


def test_the_cases_speak_only_of_what_is_in_their_world():
    for world, case in CASES:
        there = {*world["residents"], *world["residents"].values(), *world["teams"], *world["organisations"]}
        there |= {row[0] for row in (*world["hats"], *world["care"])} | {one["id"] for one in world["errands"]}
        pairs = [tuple(pair[:2]) for pair in case["gives"]]
        about = [subject.split(":") for subject in case["about"] or []]
        assert all(kind in KINDS and name in there for kind, name in about), case["it"]
        assert len(set(pairs)) == len(pairs), case["it"]
        assert case["about"] is None or {subject for subject, _ in pairs} <= set(case["about"]), case["it"]
        assert len({one["n"] for one in world["statements"]}) == len(world["statements"]), case["it"]
        assert all(one["resident"] in world["residents"] and set(one["topics"]) <= set(worlds.TOPICS) for one in world["statements"]), case["it"]


@pytest.mark.parametrize("part", FORGOTTEN)
def test_the_cases_notice_when_a_part_of_the_contract_is_forgotten(part):
    old, new = FORGOTTEN[part]
    assert SOURCE.count(old) == 1, "the reference no longer says this: look for its new words"
    forgetful = {"__name__": "forgetful"}
    exec(compile(SOURCE.replace(old, new), "forgetful", "exec"), forgetful)  # noqa: S102 - our own text
    assert any(wrong(SimpleNamespace(**forgetful), world, case) for world, case in CASES)


def test_the_reference_shares_nothing_with_the_product():
    tree = list(ast.walk(ast.parse(SOURCE)))
    assert [node.module for node in tree if isinstance(node, ast.ImportFrom)] == ["datetime", "typing"]
    assert not any(isinstance(node, ast.Import) for node in tree)
    assert SOURCE.count("\n") < 250


# Random worlds


def asked(count):
    for seed in range(count):
        world = worlds.random_world(Random(seed))
        for person in worlds.PEOPLE:
            yield world, person, worlds.DAYS[seed % len(worlds.DAYS)]


def test_a_seed_is_a_world():
    assert worlds.random_world(Random(7)) == worlds.random_world(Random(7)) != worlds.random_world(Random(8))


def test_nobody_holds_a_pair_twice_or_past_its_day_or_past_their_last_hat():
    for world, person, day in asked(150):
        ways = model.entitled(world, person, day)
        ends = [hat.until or model.NEVER for hat in model.worn(world, day) if hat.person == person]
        assert len({way[:2] for way in ways}) == len(ways)
        assert all(day <= (way.until or model.NEVER) <= max(ends) for way in ways)


def test_money_and_safety_open_only_where_a_resident_or_a_share_named_them():
    for world, person, day in asked(150):
        named = {(f"resident:{one['resident']}", topic) for one in world["statements"] if one["answer"] == "yes" for topic in one["topics"]}
        assert {way[:2] for way in model.entitled(world, person, day) if way.topic in {"money", "safety"}} <= named


def test_an_objection_never_opens_anything():
    for world, person, day in asked(100):
        more = {"resident": "jan", "kind": "secrecy", "answer": "no", "to": f"person:{person}", "topics": list(worlds.TOPICS)}
        more |= {"n": 99, "since": worlds.DAYS[0], "until": None, "before": True, "withdrawn": False}
        without, after = (model.entitled(one, person, day) for one in (world, world | {"statements": [*world["statements"], more]}))
        assert not any(way.subject == "resident:jan" for way in after)
        assert {way[:2] for way in after} <= {way[:2] for way in without}


def test_the_order_of_telling_makes_no_difference():
    for world, person, day in asked(100):
        turned = {part: list(reversed(rows)) if isinstance(rows, list) else dict(reversed(rows.items())) for part, rows in world.items()}
        assert model.entitled(turned, person, day) == model.entitled(world, person, day)


def test_random_worlds_meet_every_rule():
    met = Counter()
    for world, person, day in asked(150):
        for way in model.entitled(world, person, day):
            met[way.subject.split(":")[0]] += 1
            met["from a statement on"] += way.after > 0
            met["ends"] += way.until is not None
        for hat in model.worn(world, day):
            met["closed"] += len(model.cared_for(world, hat, day) - model.held(world, hat, day))
            met["only by review"] += len(model.reviewed(world, hat, day) - model.held(world, hat, day))
    assert min(met["errand"], met["address"]) > 20
    assert min(met[what] for what in (*(KINDS - {"errand", "address"}), "from a statement on", "ends", "closed", "only by review")) > 100
