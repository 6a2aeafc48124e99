"""Entries: how an arrival is told in a line, and under which secrecy it falls."""

from __future__ import annotations

import json

import pytest

from server import entries, i18n
from tests import desk


@pytest.mark.parametrize(
    ("text", "headline", "left"),
    [
        ("Kort.", "Kort.", ""),
        ("Zonder punt", "Zonder punt", ""),
        ("Eerste zin. Tweede zin.", "Eerste zin.", "Tweede zin."),
        ("Eerste regel\nTweede regel", "Eerste regel", "Tweede regel"),
        ("a" * 120, "a" * 90 + " …", "… " + "a" * 30),
        ("woord " * 20, "woord " * 14 + "woord …", "… " + ("woord " * 5).strip()),
    ],
)
def test_a_headline_is_the_first_sentence_or_what_fits(text, headline, left):
    assert entries.split(text) == (headline, left)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("language", i18n.LANGUAGES)
async def test_what_is_of_the_body_says_under_which_secrecy_it_falls_in_the_phones_own_words(office, lead, nurse, house, language):
    await desk.run(office, "UPDATE person SET language = $1", language)
    words = json.loads((i18n.ROOT / "pwa" / "messages" / f"{language}.json").read_text("utf-8"))
    label = f"{words['topic.body']} · {words['secrecy.medical']}</small>"
    mind, body = desk.note(nurse, house, "Slaapt slecht.", topic="mind"), desk.note(nurse, house, "Wond 2 cm.")
    await desk.hand_in(office, nurse, mind, body)
    assert label not in (await lead.get(f"/review/{mind['record']}")).text
    assert label in (await lead.get(f"/review/{body['record']}")).text
    asked = desk.consent(nurse, house, nurse.team, "body", "mind")
    held = desk.note(nurse, house, "Eet weinig.", topic="mind"), desk.note(nurse, house, "Kousen."), asked
    for count, one in enumerate(held):
        await desk.batch(office, nurse, one, custody="device_revoked")
        assert (await lead.get("/held")).text.count(label) == count


@pytest.mark.usefixtures("clock")
async def test_what_somebody_measured_themselves_says_so_and_with_what(office, lead, nurse, house):
    own = {"what": "blood_pressure", "value": 138, "second": 82, "by_whom": "resident", "device": "Omron M3"}
    sent = desk.change(nurse, "measurement", house.about, own, topic="body")
    await desk.hand_in(office, nurse, sent)
    page = (await lead.get(f"/review/{sent['record']}")).text
    assert "Zelf gemeten" in page
    assert "(zelf gemeten, Omron M3) <b>138/82</b>" in page
