"""The contract's twins: the same cases in both languages, and the laws of the merge."""

import ast
import inspect
import json
import random
import re
import shutil
import subprocess
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.changes import KINDS
from sync import clock, merge, rules, traces

SYNC = Path(__file__).parent.parent / "sync"
MODULES = {"clock": clock, "merge": merge, "rules": rules, "traces": traces}
CASES = [case for name in MODULES for case in json.loads((SYNC / "cases" / f"{name}.json").read_text("utf-8"))]
SPEC = {"fields": {"a": {}, "b": {"wins": [True]}, "c": {}}}
NODE = shutil.which("node")


def filled(value):
    if not isinstance(value, str) or not value.startswith("$kinds"):
        return value
    return KINDS if value == "$kinds" else KINDS["kinds"][value.removeprefix("$kinds.")]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['call']} {case['it']}" for case in CASES])
def test_case(case):
    module, name = case["call"].split(".")
    before = json.dumps(case["given"])
    assert getattr(MODULES[module], name)(*map(filled, case["given"])) == case["gives"]
    assert json.dumps(case["given"]) == before


def test_every_public_function_has_a_case_and_a_twin_in_the_same_order():
    called = {case["call"] for case in CASES}
    for name in MODULES:
        tree = ast.parse((SYNC / f"{name}.py").read_text("utf-8"))
        ours = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
        theirs = re.findall(r"^export function (\w+)", (SYNC / f"{name}.js").read_text("utf-8"), re.MULTILINE)
        assert ours == theirs
        assert {f"{name}.{function}" for function in ours} <= called


def test_the_contract_reads_no_clock_and_no_file():
    for module in MODULES.values():
        source = inspect.getsource(module)
        assert not re.search(r"\bopen\(|\bnow\(\)|\btoday\(\)|import (os|random|time|secrets|pathlib)\b", source)


def test_no_two_cases_say_the_same():
    said = [(case["call"], case["it"]) for case in CASES]
    assert len(said) == len(set(said))
    assert len(said) >= 130


def test_every_kind_is_whole():
    for kind, spec in KINDS["kinds"].items():
        assert set(spec["required"]) <= set(spec["fields"]), kind
        assert set(spec["topics"]) <= set(KINDS["topics"]), kind
        for name, field in spec["fields"].items():
            assert field["type"] not in {"line", "text", "ids", "dates", "int"} or "max" in field, (kind, name)


@st.composite
def histories(draw):
    """Give writes by up to four devices; versions need not follow the order in which a device wrote."""
    versions = draw(st.permutations(range(1, draw(st.integers(1, 8)) + 1)))
    return [
        step(
            i,
            version,
            draw(st.integers(0, version - 1)),
            f"d{draw(st.integers(0, 3))}",
            draw(st.fixed_dictionaries({"a": st.integers(0, 2)}, optional={"b": st.booleans(), "c": st.none()})),
            draw(st.integers(0, 3)),
        )
        for i, version in enumerate(versions)
    ]


def step(i, version, seen, device, fields, ms):
    change = {"id": f"c{i}", "kind": "k", "record": "r", "subject": "s:1", "topic": "practical", "fields": fields}
    stamp = clock.tick(None, ms, f"0000000{i}")
    return change, {"by": "h", "role": "nurse", "stamp": stamp, "version": version, "seen": seen, "device": device, "n": i + 1}


def record(steps):
    made = None
    for change, write in steps:
        made = merge.apply(made, change, write, SPEC)
    return made


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_any_order_and_any_doubling_gives_the_same_record(steps, chance):
    expected = merge.text(record(steps))
    mixed = steps + [one for one in steps if chance.random() < 0.5]
    chance.shuffle(mixed)
    assert merge.text(record(mixed)) == expected


@given(histories())
@settings(max_examples=300, deadline=None)
def test_what_stands_is_what_the_rule_says_about_the_whole_set(steps):
    made = record(steps)
    for name in SPEC["fields"]:
        writes = [(change["id"], change["fields"][name], write) for change, write in steps if name in change["fields"]]
        standing = {id: value for id, value, write in writes if not any(beats(name, other, write, value) for other in writes)}
        assert made["fields"].get(name, {}) == standing


def beats(name, other, write, value):
    _, other_value, by = other
    replaced = write["version"] <= by["seen"] or (write["device"] == by["device"] and write["n"] < by["n"])
    unseen = by["version"] > write["seen"] and by["device"] != write["device"]
    return replaced or (name == "b" and other_value is True and value is not True and unseen)


def test_four_writes_in_all_orders_give_one_record():
    chance = random.Random(11)
    for _ in range(25):
        fields = [{"a": i, "b": chance.random() < 0.5} for i in range(4)]
        steps = [step(i, v, chance.randrange(v), f"d{chance.randrange(2)}", fields[i], i) for i, v in enumerate((2, 4, 1, 3))]
        assert len({merge.text(record(order)) for order in permutations(steps)}) == 1


LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)


@given(st.recursive(LEAVES, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=20))
@settings(max_examples=300, deadline=None)
def test_no_json_makes_check_stumble(value):
    assert rules.check(value, KINDS)
    whole = {"id": value, "kind": "task", "record": value, "subject": value, "topic": value, "stamp": value, "seen": value, "n": value, "by": value}
    assert rules.check({**whole, "fields": value}, KINDS)
    for kind, spec in KINDS["kinds"].items():
        assert rules.check({**whole, "kind": kind, "fields": dict.fromkeys(spec["fields"], value)}, KINDS, new=True)


@pytest.mark.skipif(NODE is None, reason="the phone's tests need Node")
def test_both_languages_write_the_same_bytes(tmp_path):
    chance = random.Random(20261122)
    lines = [random_history(chance) for _ in range(400)]
    (tmp_path / "histories.json").write_text(json.dumps(lines), "utf-8")
    program = f"""
      import {{readFileSync, writeFileSync}} from 'node:fs'
      const merge = await import({json.dumps((SYNC / "merge.js").as_uri())}), rules = await import({json.dumps((SYNC / "rules.js").as_uri())})
      const kinds = JSON.parse(readFileSync({json.dumps(str(SYNC / "kinds.json"))}, 'utf8'))
      const made = JSON.parse(readFileSync('histories.json', 'utf8')).map(([steps, junk]) => {{
        const record = steps.reduce((sofar, [change, write]) => merge.apply(sofar, change, write, {json.dumps(SPEC)}), null)
        return [merge.text(record), merge.text(merge.shown(record)), merge.text(merge.conflicts(record)), merge.text(rules.check(junk, kinds))]
      }})
      writeFileSync('made.json', JSON.stringify(made))"""
    subprocess.run([NODE, "--input-type=module", "-e", program], cwd=tmp_path, check=True, capture_output=True)
    theirs = json.loads((tmp_path / "made.json").read_text("utf-8"))
    for (steps, junk), made in zip(lines, theirs, strict=True):
        ours = record(steps)
        assert made == [merge.text(ours), merge.text(merge.shown(ours)), merge.text(merge.conflicts(ours)), merge.text(rules.check(junk, KINDS))]


def random_history(chance):
    words = ["één", "Yılmaz\n", "\u2028", "😀", "\ufffd", '"\\/', "\x01\x7f", ""]
    count = chance.randint(1, 9)
    versions = chance.sample(range(1, count + 1), count)
    steps = []
    for i, version in enumerate(versions):
        fields = {"a": chance.choice(words) + chance.choice(words), "c": {chance.choice(words): 1, chance.choice(words): [None, -5]}}
        fields |= {"b": chance.choice([True, False, None])} if chance.randrange(2) else {}
        steps.append(step(i, version, chance.randrange(version), f"d{chance.randrange(4)}", fields, chance.randrange(4)))
    return steps, junk_change(chance)


def junk_change(chance):
    odd = [None, True, 0, -1, 2**53, "", "x\ny", "a\x00", "\ud800", "06-00000012", "2026-02-30", "2028-02-29", "09:30"]
    odd += [[], [0, 0], [True], ["x"], {}, {"a": 1}]
    good = "0193a5b0-0001-7000-8000-000000000001"
    kind = chance.choice([*KINDS["kinds"], "constructor", 5])
    spec = KINDS["kinds"].get(kind, {"fields": {"what": {}}, "topics": ["practical"]})
    names = chance.sample([*spec["fields"], "toString", "😀", "\ufffd"], chance.randint(0, 3))
    change = {
        "id": chance.choice([good, *odd]), "kind": kind, "record": good, "by": good, "seen": chance.choice([0, *odd]), "n": chance.choice([1, *odd]),
        "subject": chance.choice([f"team:{good}", f"household:{good}", f"resident:{good}", *odd]), "topic": chance.choice([*spec["topics"], *odd]),
        "stamp": chance.choice(["1763769600000-0000-000000d1", *odd]), "fields": {name: chance.choice(odd) for name in names},
    }
    if chance.randrange(6) == 0:
        change[chance.choice(["😀", "\ufffd", "extra", "__proto__"])] = 1
    return change
