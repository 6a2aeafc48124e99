"""What a resident says is the rule by which records reach phones: it opens and closes, for whom it names, for as long as it holds."""

from __future__ import annotations

import pytest

from server import access, pulls
from sync import merge
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY

YESTERDAY = "2026-11-21"
SIGNATURE = "M12,34l3,-1 5,2M300,9l0,0"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def outreach(office):
    return await desk.somebody(office, "outreach", name="Youssef")


async def topics(office, me, house, at=NOW):
    opened = await office.read(lambda tx: access.opened(tx, me.person, at))
    return {topic for subject, topic in opened if subject == house.about}


async def stored(office, me, *sent, at=NOW):
    assert desk.said(await desk.hand_in(office, me, *sent, at=at)) == [("stored", None)] * len(sent)


async def test_a_yes_opens_its_topics_to_the_team_it_names_and_to_nobody_else(office, nurse, outreach, house):
    other = await desk.somebody(office, "outreach")
    await stored(office, nurse, desk.consent(nurse, house, outreach.team, "social", "money"))
    assert await topics(office, outreach, house) == {"social", "money"}
    assert await topics(office, other, house) == set()
    assert "money" not in await topics(office, nurse, house)


async def test_what_was_written_before_comes_along_only_when_that_was_said(office, client, nurse, outreach, house):
    await stored(office, nurse, desk.note(nurse, house, "Van vroeger.", topic="mind"))
    await stored(office, nurse, desk.consent(nurse, house, outreach.team, "mind", before=False))
    await stored(office, nurse, desk.note(nurse, house, "Van nu.", topic="mind"))
    phone = await desk.phone(client, outreach)
    await phone.sync()
    given = await phone.history((house.about, "mind"))
    assert "Van nu." in str(given)
    assert "Van vroeger." not in str(given)
    again = await desk.phone(client, await desk.somebody(office, "outreach", outreach.team))
    assert "Van vroeger." not in str(await again.sync()) + str(await again.history((house.about, "mind")))


async def test_a_withdrawal_holds_from_the_next_request_on(office, client, nurse, outreach, house):
    given = desk.consent(nurse, house, outreach.team, "mind")
    await stored(office, nurse, given, desk.note(nurse, house, "Voor even gedeeld.", topic="mind"))
    phone = await desk.phone(client, outreach)
    await phone.sync()
    assert "Voor even gedeeld." in str(await phone.history((house.about, "mind")))
    await stored(office, nurse, desk.withdrawal(nurse, given), desk.note(nurse, house, "Niet meer voor jou.", topic="mind"))
    answer = await phone.sync()
    assert [house.about, "mind"] not in [pair[:2] for pair in answer["entitled"]["pairs"]]
    assert answer["records"] == []
    assert "Niet meer" not in str(await phone.history((house.about, "mind")))


async def test_a_withdrawal_wins_over_a_yes_that_had_not_seen_it_whatever_the_clocks_say(office, nurse, outreach, house):
    given = desk.consent(nurse, house, outreach.team, "mind")
    await stored(office, nurse, given)
    colleague = await desk.somebody(office, "nurse", nurse.team)
    away = desk.change(colleague, "consent", house.about, {"withdrawn": False}, record=given["record"], seen=1, stamp="1795341800000-0000-00000001")
    await stored(office, nurse, desk.withdrawal(nurse, given))
    await stored(office, colleague, away)
    assert await topics(office, outreach, house) == set()


@pytest.mark.parametrize("first", ["withdrawal", "grant"])
async def test_of_a_withdrawal_and_a_grant_in_the_same_minute_the_withdrawal_stands_and_everybody_is_told(
    office, client, nurse, outreach, house, first,
):  # fmt: skip
    given = desk.consent(nurse, house, outreach.team, "mind")
    await stored(office, nurse, given)
    colleague = await desk.somebody(office, "nurse", nurse.team)
    phones = [await desk.phone(client, one) for one in (nurse, colleague, outreach)]
    for phone in phones:
        await phone.pull()
    again = desk.change(colleague, "consent", house.about, {"withdrawn": False}, record=given["record"], seen=1)
    sent = [(phones[0], desk.withdrawal(nurse, given)), (phones[1], again)]
    for phone, change in sent if first == "withdrawal" else reversed(sent):
        assert desk.said((await phone.sync(change))["results"]) == [("stored", None)]
    for phone in phones:
        await phone.pull()
    assert [merge.shown(phone.records[given["record"]])["fields"]["withdrawn"] for phone in phones[:2]] == [True, True]
    assert not [pair for pair in phones[2].pairs if pair[0] == house.about]


async def test_a_no_closes_what_the_care_relation_opens(office, nurse, house):
    await stored(office, nurse, desk.consent(nurse, house, nurse.team, "mind", answer="no"))
    assert await topics(office, nurse, house) == {"practical", "body", "society", "social"}


async def test_the_more_specific_word_wins_and_at_equal_specificity_the_no(office, nurse, outreach, house):
    await stored(office, nurse, desk.consent(nurse, house, outreach.team, "mind", answer="no"), desk.consent(nurse, house, outreach, "mind"))
    assert "mind" in await topics(office, outreach, house)
    await stored(office, nurse, desk.consent(nurse, house, outreach, "mind", answer="no"))
    assert "mind" not in await topics(office, outreach, house)


@pytest.mark.parametrize("about", ["help", "ground"])
async def test_agreement_with_help_and_consent_as_a_ground_open_nothing(office, nurse, outreach, house, about):
    await stored(office, nurse, desk.consent(nurse, house, outreach.team, "mind", about=about))
    assert await topics(office, outreach, house) == set()


async def test_a_period_ends_by_itself(office, nurse, outreach, house):
    await stored(office, nurse, desk.consent(nurse, house, outreach.team, "mind", until=TODAY))
    assert await topics(office, outreach, house) == {"mind"}
    assert await topics(office, outreach, house, NOW + DAY_MS) == set()


async def test_practical_things_bring_the_household_along(office, nurse, outreach, house):
    await stored(office, nurse, desk.consent(nurse, house, outreach.team, "practical"))
    opened = await office.read(lambda tx: access.opened(tx, outreach.person, NOW))
    assert opened[house.subject, "practical"].ground == "consent"


async def test_what_is_written_under_a_consent_that_ended_meanwhile_is_held_with_that_reason(office, nurse, outreach, house):
    given = desk.consent(nurse, house, outreach.team, "mind")
    await stored(office, nurse, given, desk.withdrawal(nurse, given))
    note = desk.note(outreach, house, "Nog geschreven.", topic="mind")
    assert desk.said(await desk.hand_in(office, outreach, note)) == [("held", "consent_ended")]
    stranger = await desk.somebody(office, "outreach")
    assert desk.said(await desk.hand_in(office, stranger, desk.note(stranger, house, topic="mind"))) == [("held", "no_care_relation")]


async def test_only_who_comes_there_writes_down_what_a_resident_said(office, outreach, house):
    given = desk.consent(outreach, house, outreach.team, "mind")
    assert desk.said(await desk.hand_in(office, outreach, given)) == [("held", "no_care_relation")]
    assert await topics(office, outreach, house) == set()


async def test_a_share_on_another_ground_opens_as_a_yes_does_and_keeps_its_four_answers(office, nurse, outreach, house):
    answers = {"question": "Wie helpt met de post?", "necessity": "Zonder dat komt er een boete.", "proportionality": "Alleen de post.",
               "subsidiarity": "Vragen lukte niet.", "ground": "public_task", "told": "yes"}  # fmt: skip
    where = {"to_kind": "team", "to": outreach.team.id, "topics": ["society"], "since": TODAY, "before": True}
    share = desk.change(nurse, "share", house.about, where | answers)
    await stored(office, nurse, share)
    assert await topics(office, outreach, house) == {"society"}
    short = desk.change(nurse, "share", house.about, where | {"question": "Waarom?"})
    (result,) = await desk.hand_in(office, nurse, short)
    assert result.is_ == "refused"
    assert {problem.field for problem in result.fields} == {"necessity", "proportionality", "subsidiarity", "ground", "told"}


@pytest.mark.parametrize("ground", ["enforcement", "fraud", ""])
async def test_care_is_not_shared_for_enforcement_and_who_tries_is_in_the_log(office, nurse, outreach, house, ground):
    answers = dict.fromkeys(("question", "necessity", "proportionality", "subsidiarity"), "Vermoeden van fraude.")
    fields = {"to_kind": "team", "to": outreach.team.id, "topics": ["money"], "since": TODAY, "told": "later", "ground": ground}
    (result,) = await desk.hand_in(office, nurse, desk.change(nurse, "share", house.about, fields | answers))
    assert (result.is_, result.reason, [one.field for one in result.fields]) == ("refused", "shape", ["ground"])
    assert await desk.log(office, "refused", "subject", "kind", "result") == [(house.about, "share", "shape")]
    assert (house.about, "money") not in await office.read(lambda tx: access.opened(tx, outreach.person, NOW))


async def test_a_no_to_somebody_leaves_them_what_they_wrote_themselves(office, client, nurse, house):
    mine = desk.note(nurse, house, "Mijn eigen woorden.", topic="mind")
    await stored(office, nurse, mine, desk.consent(nurse, house, nurse.team, "mind", answer="no"))
    phone = await desk.phone(client, nurse)
    assert "Mijn eigen woorden." in str(await phone.sync())


async def test_a_lead_holds_what_a_member_was_opened_by_name_but_not_what_was_closed_to_the_lead(office, nurse, outreach, house):
    lead = await desk.somebody(office, "lead", outreach.team, kind="welfare")
    await stored(office, nurse, desk.consent(nurse, house, outreach, "mind", "safety"))
    assert await topics(office, lead, house) == {"mind"}
    await stored(office, nurse, desk.consent(nurse, house, lead, "mind", answer="no"))
    assert await topics(office, lead, house) == set()


async def test_a_record_from_before_a_consent_for_later_things_only_is_not_written_by_whom_it_opens_to(office, nurse, outreach, house):
    earlier = desk.task(nurse, house, "Van vroeger")
    await stored(office, nurse, earlier, desk.consent(nurse, house, outreach.team, "practical", before=False))
    blind = desk.task(outreach, house, "Toch gezien", record=earlier["record"], seen=1)
    assert desk.said(await desk.hand_in(office, outreach, blind)) == [("held", "no_care_relation")]
    await stored(office, outreach, desk.task(outreach, house, "Van nu"))


@pytest.mark.parametrize("far", [2000, -1])
async def test_a_record_from_before_a_consent_for_later_things_only_stays_away_when_it_changes(
    office, client, nurse, outreach, house, monkeypatch, far,
):  # fmt: skip
    monkeypatch.setattr(pulls, "SCAN_MAX", far)
    earlier = desk.task(nurse, house, "Van vroeger")
    await stored(office, nurse, earlier, desk.consent(nurse, house, outreach.team, "practical", before=False))
    phone = await desk.phone(client, outreach)
    await phone.pull()
    later = desk.task(nurse, house, "Van nu")
    await stored(office, nurse, desk.task(nurse, house, "Nog van vroeger", record=earlier["record"], seen=1), later)
    assert [one["id"] for one in await phone.pull()] == [later["record"]]


async def test_a_signature_reaches_who_may_hold_the_consent_itself_and_nobody_else(office, client, nurse, outreach, house):
    given = desk.consent(nurse, house, outreach.team, "mind", how="signed", signature=SIGNATURE, signer="Annie de Wit")
    await stored(office, nurse, given)
    colleague = await desk.phone(client, await desk.somebody(office, "nurse", nurse.team))
    (kept,) = [one for one in await colleague.pull() if one["id"] == given["record"]]
    assert merge.shown(kept)["fields"]["signature"] == SIGNATURE
    named = await desk.phone(client, outreach)
    assert SIGNATURE not in str(await named.pull()) + str(await named.history((house.about, "mind")))


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        ('M1,2l3,4"/><script>alert(1)</script>', "type"), ("M1,2l3,4 url(//x)", "type"), ("M590,0l20,0", "type"), ("M1,2a9,9 0 0 1 5,5", "type"),
        ("", "type"), (["M1,2l3,4"], "type"), ("M1,2l3,4\x00", "bad_text"), ("M1,2l" + " ".join(["0,0"] * 1000), "too_long"),
    ],
)  # fmt: skip
async def test_what_is_not_only_strokes_in_their_box_is_refused_by_the_name_of_its_field(office, nurse, outreach, house, signature, why):
    given = desk.consent(nurse, house, outreach.team, "mind", how="signed", signature=signature)
    (result,) = await desk.hand_in(office, nurse, given)
    assert (result.is_, result.reason, [(one.field, one.why) for one in result.fields]) == ("refused", "shape", [("signature", why)])


async def test_a_signature_is_never_set_again_and_a_phone_that_knows_none_may_still_say_signed(office, nurse, outreach, house):
    given = desk.consent(nurse, house, outreach.team, "mind", how="signed")
    await stored(office, nurse, given)
    later = desk.change(nurse, "consent", house.about, {"signature": SIGNATURE, "signer": "Els"}, record=given["record"], seen=1)
    (result,) = await desk.hand_in(office, nurse, later)
    assert (result.is_, {one.field: one.why for one in result.fields}) == ("refused", {"signature": "signed", "signer": "signed"})
