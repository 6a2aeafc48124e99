"""Messages, dates and numbers: the cases the phone's twin must pass too, and that both languages are complete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import i18n

ROOT = Path(__file__).parent.parent
CASES = json.loads((ROOT / "tests/cases/i18n.json").read_text("utf-8"))
FILES = [(folder, ROOT / folder / "messages") for folder in ("pwa", "server")]


@pytest.fixture(autouse=True)
def lenient() -> Iterator[None]:
    i18n.strict(on=False)
    yield
    i18n.strict(on=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_it(case: dict) -> None:
    speaker = i18n.speaker(case["language"], case.get("word", "resident"), case.get("messages"))
    given = case["given"]
    got = speaker.say(given[0], **given[1]) if case["verb"] == "say" else getattr(speaker, case["verb"])(*given)
    assert got == case["gives"]


def test_a_missing_message_raises_when_strict() -> None:
    i18n.strict(on=True)
    with pytest.raises(KeyError, match=r"visit\.nope is missing in nl"):
        i18n.speaker("nl", messages={}).say("visit.nope")
    with pytest.raises(KeyError, match=r"\{name\}"):
        i18n.speaker("nl", messages={"hello": "Dag {name}"}).say("hello")


@pytest.mark.parametrize(("folder", "path"), FILES, ids=[folder for folder, _ in FILES])
def test_both_languages_say_the_same_things(folder: str, path: Path) -> None:
    dutch, english = (_messages(path / f"{language}.json") for language in ("nl", "en"))
    assert dutch.keys() == english.keys(), f"{folder}/messages: give every key in nl.json and en.json"
    differ = [key for key in dutch if _holes(dutch[key]) != _holes(english[key])]
    assert not differ, f"{folder}/messages: these keys do not fill in the same values in both languages: {differ}"
    crooked = [key for key in dutch if not _proper(key, dutch[key]) or not _proper(key, english[key])]
    assert not crooked, f"{folder}/messages: these are empty, hold HTML, or lack 'one' and 'other': {crooked}"


def test_the_office_does_not_redefine_what_the_phone_says() -> None:
    for language in i18n.LANGUAGES:
        phone, office = (_messages(path / f"{language}.json") for _, path in FILES)
        assert not phone.keys() & office.keys()


def test_both_languages_have_the_same_tables() -> None:
    nl, en = (i18n.TABLES[language] for language in i18n.LANGUAGES)
    assert {name: len(table) for name, table in nl.items()} == {name: len(table) for name, table in en.items()}
    assert set(i18n.WORDS) - {"name"} <= nl.keys()


def _messages(path: Path) -> dict[str, i18n.Message]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _holes(message: i18n.Message) -> set[str]:
    """The values a message needs; the words for the resident and n may differ between languages."""
    texts = [message] if isinstance(message, str) else list(message.values())
    names = {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}
    return {name for name in names if "resident" not in name.lower() and name != "n"}


def _proper(key: str, message: i18n.Message) -> bool:
    texts = [message] if isinstance(message, str) else list(message.values())
    whole = isinstance(message, str) or message.keys() == {"one", "other"}
    return whole and bool(re.fullmatch(r"[a-z][a-z0-9_.]*", key)) and all(text.strip() and not re.search(r"<\w|&\w+;", text) for text in texts)
