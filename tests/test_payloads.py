"""Whatever somebody writes is shown as what they wrote: no string makes a page of phone or office have an element or an attribute more.

NAOBER_CORPUS sets how many of the strings in tests/payloads.py each field of each page gets (3), NAOBER_SEED which.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from html.parser import HTMLParser
from string import ascii_lowercase
from typing import Any

import pytest

from server import i18n, phone_templates, render
from sync.rules import NOT_LINE, NOT_TEXT
from tests import desk, payloads
from tests.test_phone_templates import CASES, _node

HARMLESS = "Gewoon een zin"
# What a template compares with or makes an address of; nobody wrote it.
OURS = re.compile(r"[a-z_-]*|/.*|#.*|[0-9a-f-]{36}|[0-9: -]*")

pytestmark = pytest.mark.usefixtures("clock")


class Skeleton(HTMLParser):
    """A page without its words: every tag with the names of its attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bones: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.bones.append(f"<{tag} {' '.join(name for name, _ in attrs)}>")

    def handle_endtag(self, tag: str) -> None:
        self.bones.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.bones.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.bones.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.bones.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.bones.append(f"<![{data}>")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def parts(self) -> list[list[str]]:
        """Each line of a list apart, in any order: they stand in the order of what was written, and on one's own less can be done."""
        parts: list[list[str]] = [[]]
        for bone in self.bones:
            if bone.startswith("<li "):
                parts.append([])
            parts[-1].append(bone)
            if bone == "</li>":
                parts.append([])
        return sorted(parts)


def filled(value: Any, say: Callable[[], str]) -> Any:
    """A context in which everything that somebody may have written says something else."""
    if isinstance(value, dict):
        return {name: filled(one, say) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, say) for one in value]
    return say() if isinstance(value, str) and not OURS.fullmatch(value) else value


def test_there_are_more_than_five_hundred_strings() -> None:
    assert len(payloads.PAYLOADS) == len(set(payloads.PAYLOADS)) > 500


def test_a_page_of_the_phone_keeps_its_shape_whatever_was_written_in_both_languages_of_code() -> None:
    dealer, dealt = payloads.Dealer(), set()

    def say() -> str:
        dealt.add(word := dealer.deal())
        return word

    asked = [case | {"module": "pwa", "context": filled(case["context"], say)} for case in CASES for _ in range(payloads.FIELD)]
    plain = [Skeleton(rendered(case, filled(case["context"], lambda: HARMLESS))).bones for case in CASES for _ in range(payloads.FIELD)]
    for case, bones, phone in zip(asked, plain, _node({"pwa": phone_templates.compile_all()}, asked, None), strict=True):
        page = rendered(case, case["context"])
        assert Skeleton(page).bones == bones, f"{case['name']} {case['it']}"
        assert phone == {"html": page}, f"{case['name']} {case['it']}"
    assert dealt == set(payloads.PAYLOADS)


def rendered(case: dict[str, Any], context: dict[str, Any]) -> str:
    return render.text(case["name"], i18n.speaker(case["language"], case["word"]), **context)


async def test_a_page_of_the_office_keeps_its_shape_whatever_was_written(office: Any, client: Any) -> None:
    hostile, harmless = [[Skeleton(page) for page in await the_office_shows(office, client, how)] for how in (str, masked)]
    assert [page.parts() for page in hostile] == [page.parts() for page in harmless]
    assert len({word for page in hostile for word in page.words} & set(payloads.PAYLOADS)) > 100


def masked(text: str) -> str:
    """A text of the same lines and lengths in which only letters stand."""
    dice = random.Random(text)
    return "".join(letter if letter.isspace() else dice.choice(ascii_lowercase) for letter in text)


async def the_office_shows(office: Any, client: Any, how: Callable[[str], str]) -> list[str]:
    """Every page of the office on which somebody's words stand, after everybody wrote what was dealt, in this way."""
    dealer = payloads.Dealer()

    def line(most: int = 120) -> str:
        return how(NOT_LINE.sub("", dealer.deal(most, line=True)).strip() or HARMLESS)

    def text() -> str:
        return how(NOT_TEXT.sub("", dealer.deal(4000)).strip() or HARMLESS)

    team = await desk.team(office)
    lead = await desk.somebody(office, "lead", team, name=line())
    nurse, *_ = [await desk.somebody(office, "nurse", team, name=line()) for _ in range(10 * payloads.FIELD)]
    await desk.run(office, "UPDATE team SET name = $1 WHERE id = $2", line(), team.id)
    await desk.run(office, "UPDATE organisation SET name = $1 WHERE id = $2", line(), team.organisation)
    await desk.run(office, "UPDATE device SET name = $1 WHERE person = $2", line(), lead.person)
    house, elsewhere = await desk.household(office, team), await desk.household(office)
    wrote = [desk.change(nurse, "household", house.subject, {"name": line(), "street": line()}, record=house.id)]
    wrote += [desk.change(nurse, "resident", house.about, {"household": house.id, "name": line(), "given": line(80)}, record=house.resident)]
    for _ in range(5 * payloads.FIELD):
        visit = desk.change(nurse, "visit", house.subject, {"day": desk.TODAY, "present": ["other"], "present_names": line()})
        seen = [desk.change(nurse, "note", house.about, {"text": text(), "visit": visit["record"]}, topic="body") for _ in range(3)]
        about = {"day": desk.TODAY, "way": "talk", "text": text(), "place_name": line()}
        contact = desk.change(nurse, "contact", house.about, about, topic="social")
        wrote += [visit, *seen, contact, desk.task(nurse, house, line(300)), desk.note(nurse, elsewhere, text())]
        wrote.append(desk.change(nurse, "note", elsewhere.about, {"text": text(), "aspect": "strength"}, topic="social"))
    assert {one for one, _ in desk.said(await desk.hand_in(office, nurse, *wrote))} == {"stored", "held"}
    browser = await desk.signed_in(client, lead)
    pages = [await browser.get(path, headers={"Accept": "text/html"}) for path in ("/review", "/people", "/held", "/devices", "/nowhere")]
    opened = [visit["record"] for visit in wrote if visit["kind"] in {"visit", "contact"}][:10]
    pages += [await browser.get(f"/review/{record}", headers={"Accept": "text/html"}) for record in opened]
    return [page.text for page in pages]
