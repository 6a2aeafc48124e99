"""The inbox tells every kind of held work in words, as text, and the log says what was shown."""

from __future__ import annotations

import re

import pytest

from server import inbox
from server.changes import KINDS
from tests import desk
from tests.desk import NOW
from tests.drawer import decide

pytestmark = pytest.mark.usefixtures("clock")


async def test_what_somebody_typed_is_text_and_never_a_page(office, lead, nurse):
    elsewhere = await desk.household(office)
    bad = desk.note(nurse, elsewhere, "<script>alert(1)</script>")
    await desk.hand_in(office, nurse, bad)
    await decide(lead, bad, "keeping", "<b>dik</b>")
    page = await lead.get("/held")
    assert "<script>alert" not in page.text
    assert "&lt;b&gt;dik" in page.text


async def test_the_log_says_what_a_lead_was_shown_once_an_hour(office, lead, nurse, late, clock):
    for _ in range(3):
        await lead.get("/held")
    assert await desk.log(office, "read", "responsible", "subject", "topic", "object", "ground", "result") == [
        (nurse.person, late["subject"], "body", late["record"], "custody", "ok"),
    ]  # fmt: skip
    await desk.run(office, desk.UNLOCKED)
    clock.at = NOW + 60 * 60 * 1000
    await lead.get("/held")
    assert len(await desk.log(office, "read", "id")) == 2


VALUES = {
    "id": desk.STRANGER, "ids": [desk.STRANGER], "line": "Regel", "text": "Tekst", "date": "2026-11-22", "dates": ["2026-11-22"],
    "time": "09:00", "weekdays": [0, 6], "int": 3, "instant": NOW, "flag": True, "strokes": "M12,34l3,-1",
}


def example(spec):
    if spec["type"] in {"choice", "choices"}:
        return spec["of"][0] if spec["type"] == "choice" else spec["of"][:2]
    return VALUES[spec["type"]]


async def test_every_kind_can_be_told_whole_and_in_pieces(office, lead, nurse, monkeypatch):
    monkeypatch.setattr(inbox, "PAGE", 1000)
    home = await desk.household(office)
    about = {"household": home.subject, "resident": home.about, "team": f"team:{nurse.team.id}", "organisation": f"organisation:{desk.STRANGER}"}
    about |= {"errand": f"errand:{desk.STRANGER}", "address": f"address:{desk.STRANGER}", "person": f"person:{nurse.person}"}
    sent = []
    for kind, spec in KINDS["kinds"].items():
        subject, fields = about[spec["subjects"][0]], {name: example(one) for name, one in spec["fields"].items()}
        key = {"record": subject.partition(":")[2]} if kind in {"household", "resident"} else {}
        pieces = [{name: value} for name, value in fields.items() if name not in spec["required"]]
        sent += [desk.change(nurse, kind, subject, some, topic=spec["topics"][0], **key) for some in (fields, *pieces)]
    batch = await desk.batch(office, nurse, *sent, custody="device_revoked")
    assert {one.is_ for one in batch.results} == {"held"}
    page = await lead.get("/held")
    assert page.status_code == 200
    assert not re.findall(r">[a-z_]+\.[a-z_.]+<", page.text)
    drawn = '<svg class="signature" viewBox="0 0 600 200" role="img" aria-label="Handtekening, getekend op het toestel"><path d="M12,34l3,-1"/></svg>'
    assert page.text.count(drawn) == page.text.count("M12,34l3,-1") == 2


@pytest.mark.parametrize("way", ["new", "edit"])
async def test_the_code_of_a_key_safe_is_taken_in_without_being_shown(office, lead, nurse, way):
    home = await desk.household(office)
    fields = {"key_safe": "K4711"} | ({"name": "Fam. de Wit"} if way == "new" else {})
    wrote = desk.change(nurse, "household", home.subject, fields, record=home.id)
    emptied = desk.change(nurse, "household", home.subject, {"key_safe": None}, record=home.id)
    await desk.batch(office, nurse, wrote, emptied, custody="device_revoked")
    for page in (await lead.get("/held"), await decide(lead, wrote, "keeping", "Eerst bellen."), await lead.get("/review")):
        assert "K4711" not in page.text
    page = await lead.get("/held")
    assert re.search(r"Code van de sleutelkluis.*niet getoond", page.text, re.DOTALL)
    assert "leeggemaakt" in page.text
