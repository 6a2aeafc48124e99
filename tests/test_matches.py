"""Somebody to go along with: who is found, who hears what, and that no name crosses before both said yes, whatever the order of events."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest

from server import addresses, matches, subscriptions
from sync import rules
from tests import desk
from tests.desk import DAY_MS, NOW, TODAY
from tests.mates import There, edit, found, handed, holds, interest, neighbours, nouns, offer, proposed, says, told
from tests.pusher import Browser

# What tells of either to the other; none of it may cross before both said yes.
OF_RESIDENT = ("Zorgvuldig", "Rietgors", "0600000199", "achterom", "Jan")
OF_VOLUNTEER = ("Gerrit", "Dotterbloem")


@pytest.fixture
async def there(office: Any, client: Any, clock: Any) -> There:
    return await neighbours(office, client, clock)


# Both say yes before a name crosses


async def test_before_both_yes_nothing_of_either_is_in_any_answer_of_the_other(there):
    match = await found(there)
    for step, there_is in (("found", set()), ("asked", {"errand"})):
        await matches.renew(NOW)
        assert await nouns(there, there.gerrit) == there_is
        assert [word for word in OF_RESIDENT if word in await holds(there, there.gerrit)] == [], step
        assert [word for word in OF_VOLUNTEER if word in await holds(there, there.nurse)] == [], step
        # Nor an id by which one could be told from another.
        assert [one for one in (there.home.id, there.home.resident, match["id"], match["interest"]) if one in await holds(there, there.gerrit)] == []
        ((offered, ask),) = await desk.rows(there.office, "SELECT offer, ask FROM match")
        assert [one for one in (there.gerrit.person, there.gerrit.hat, offered, ask) if one in await holds(there, there.nurse)] == []
        await edit(there, there.nurse, match["id"], resident_says="yes")
    (errand,) = await told(there, "errand")
    assert errand["what"] == "Samen: wandelen en koffie drinken. Met iemand op ongeveer 400 meter. Wil je kennismaken?"
    assert errand["instructions"].startswith("Kan op dinsdag. Je hoort pas wie het is")


async def test_once_both_said_yes_each_knows_what_a_first_appointment_needs(there):
    who = {"person": there.nurse.person, "name": "Samira", "phone": "06-00000101", "role": "nurse", "team": there.nurse.team.id}
    who |= {"team_name": "Wijkteam", "organisation_name": "Thuiszorg"}
    subject = f"organisation:{there.nurse.team.organisation}"
    await there.office.write(lambda tx: addresses.by_office(tx, "colleague", subject, there.nurse.hat, who, NOW))
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    assert await says(there, there.gerrit, "accepted") == [("stored", None)]
    (match,) = await proposed(there)
    assert (match["volunteer_says"], match["volunteer"], match["name"]) == ("yes", there.gerrit.hat, "Gerrit Mulder")
    assert await nouns(there, there.gerrit) == {"errand", "address"}
    (address,) = await told(there, "address")
    assert {name: address[name] for name in ("given", "street", "city")} == {"given": "Jan", "street": "Rietgors 14", "city": "Elmerwaard"}
    (errand,) = await told(there, "errand")
    assert (errand["what"], errand["call"], errand["call_phone"]) == ("Kennismaken: wandelen en koffie drinken", "Samira", "06-00000101")
    assert [word for word in ("Zorgvuldig", "0600000199", "achterom") if word in await holds(there, there.gerrit)] == []
    there.clock.at = NOW + 14 * DAY_MS
    assert await nouns(there, there.gerrit) == {"errand", "address"}
    there.clock.at = NOW + 15 * DAY_MS
    assert await nouns(there, there.gerrit) == {"errand"}


async def test_who_is_asked_and_who_is_named_hears_of_it_on_their_phone_and_nobody_else(there):
    for one in (there.gerrit, there.ayse):
        given = subscriptions.Subscription(**Browser().given(f"https://web.push.apple.com/{one.device}"))
        asking = await desk.worn(there.office, one)
        await there.office.write(lambda tx, asking=asking, given=given: subscriptions.keep(tx, asking, given, NOW))
    match = await found(there)
    assert await desk.rows(there.office, "SELECT device FROM push") == []
    await edit(there, there.nurse, match["id"], resident_says="yes")
    assert await desk.rows(there.office, "SELECT device FROM push") == [(there.gerrit.device,)]
    await matches.renew(NOW)
    assert len(await desk.rows(there.office, "SELECT id FROM push")) == 1
    await says(there, there.gerrit, "accepted")
    assert await desk.rows(there.office, "SELECT device FROM push") == [(there.gerrit.device,)] * 2


EVENTS = ("yes", "no", "accepted", "declined", "withdrawn")


@pytest.mark.parametrize("order", list(itertools.permutations(EVENTS, 3)), ids="-".join)
async def test_in_any_order_names_cross_only_while_both_say_yes(there, order):
    """Three of five events: a name is told only when a yes of both stood together at some moment, and is gone from the phone after any no."""
    await interest(there)
    await offer(there, there.gerrit)
    ((record,),) = await desk.rows(there.office, "SELECT interest FROM match")
    resident, volunteer, willing, met, alive = "", "", True, False, True
    for event in order:
        if event in {"yes", "no"}:
            await edit(there, there.nurse, (await told(there, "match"))[0]["id"], resident_says=event)
            resident = event
        elif event == "withdrawn":
            await edit(there, there.nurse, record, agreed="no")
            willing = False
        elif await nouns(there, there.gerrit):
            await says(there, there.gerrit, event)
            volunteer = event
        alive = alive and willing and volunteer != "declined" and not (met and resident == "no")
        met = met or (alive and resident == "yes" and volunteer == "accepted")
        assert ("name" in (await told(there, "match"))[0]) is met, event
        assert ("address" in await nouns(there, there.gerrit)) is (met and alive), event


# Bad luck


async def test_an_interest_withdrawn_before_the_volunteer_s_yes_came_in_tells_nobody(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    await edit(there, there.nurse, match["interest"], agreed="no")
    assert await says(there, there.gerrit, "accepted") == [("held", "no_care_relation")]
    assert await proposed(there) == []
    assert "name" not in (await told(there, "match"))[0]
    assert await nouns(there, there.gerrit) == set()


async def test_an_objection_after_both_yes_closes_the_door(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    await says(there, there.gerrit, "accepted")
    await handed(there, there.nurse, desk.consent(there.nurse, there.home, there.gerrit, "practical", answer="no"))
    assert await nouns(there, there.gerrit) == set()
    assert await proposed(there) == []


async def test_of_two_volunteers_who_say_yes_one_is_named_and_the_other_is_asked_no_more(there):
    await interest(there)
    await offer(there, there.gerrit)
    await offer(there, there.ayse)
    for one in await proposed(there):
        await edit(there, there.nurse, one["id"], resident_says="yes")
    await says(there, there.ayse, "accepted")
    assert await says(there, there.gerrit, "accepted") == [("held", "no_care_relation")]
    assert [one["name"] for one in await proposed(there)] == ["Ayşe Demir"]
    assert await nouns(there, there.gerrit) == set()
    assert "Gerrit" not in json.dumps(await told(there, "match"))


async def test_two_yeses_at_the_same_moment_name_one_of_them(there):
    await interest(there)
    for who in (there.gerrit, there.ayse):
        await offer(there, who)
    for one in await proposed(there):
        await edit(there, there.nurse, one["id"], resident_says="yes")
    await asyncio.gather(says(there, there.ayse, "accepted"), says(there, there.gerrit, "accepted"))
    assert [len(one.get("name", "")) > 0 for one in await told(there, "match")].count(True) == 1


async def test_a_volunteer_s_no_proposes_the_next_and_tells_nobody_who_said_it(there):
    await interest(there)
    for who in (there.gerrit, there.ayse, there.ria):
        await offer(there, who)
    last = await desk.somebody(there.office, "volunteer", there.gerrit.team, name="Bo")
    await offer(there, last)
    before = {one["id"] for one in await proposed(there)}
    rows = dict(await desk.rows(there.office, "SELECT person, id FROM match"))
    await edit(there, there.nurse, rows[there.gerrit.person], resident_says="yes")
    await says(there, there.gerrit, "declined")
    after = {one["id"] for one in await proposed(there)}
    assert len(before) == len(after) == 3
    assert before - after == {rows[there.gerrit.person]}
    ended = next(one for one in await told(there, "match") if one.get("ended"))
    assert not {"volunteer", "name", "volunteer_says"} & ended.keys()
    # There is room for one more, and still he is not asked again.
    await edit(there, there.nurse, rows[there.ria.person], resident_says="no")
    await offer(there, there.gerrit)
    assert {one["id"] for one in await proposed(there)} == after


async def test_a_resident_s_no_proposes_the_next_and_can_be_turned(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="no")
    for who in (there.ayse, there.ria):
        await offer(there, who)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    assert await nouns(there, there.gerrit) == {"errand"}
    await edit(there, there.nurse, match["id"], resident_says="no")
    assert await nouns(there, there.gerrit) == set()


async def test_what_came_to_nothing_is_over_for_both_and_the_next_is_proposed(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    await says(there, there.gerrit, "accepted")
    await offer(there, there.ayse)
    assert len(await proposed(there)) == 1
    await edit(there, there.nurse, match["id"], ended=True)
    assert await nouns(there, there.gerrit) == set()
    assert [one.get("name") for one in await proposed(there)] == [None]


async def test_no_answer_in_two_weeks_counts_as_no(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    for days, left in ((14, 1), (15, 0)):
        await matches.renew(NOW + days * DAY_MS)
        assert len(await proposed(there)) == left


async def test_what_changed_is_another_match(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    ((key,),) = await desk.rows(there.office, "SELECT id FROM offer")
    await edit(there, there.gerrit, key, likes=["coffee"])
    (other,) = await proposed(there)
    assert (other["id"] != match["id"], other["likes"], other.get("resident_says")) == (True, ["coffee"], None)
    assert await nouns(there, there.gerrit) == set()
    await edit(there, there.gerrit, key, until=rules.day_add(TODAY, -1))
    assert await proposed(there) == []
    await edit(there, there.gerrit, key, until=None)
    assert len(await proposed(there)) == 1


async def test_an_offer_changed_on_two_phones_at_once_is_still_one_offer(there):
    match = await found(there)
    ((key,),) = await desk.rows(there.office, "SELECT id FROM offer")
    for likes in (["walks"], ["games"]):
        await desk.another_device(there.office, there.gerrit)
        change = desk.change(there.gerrit, "offer", f"person:{there.gerrit.person}", {"likes": likes}, topic="social", record=key, seen=2)
        assert await handed(there, there.gerrit, change) == [("stored", None)]
    assert match["id"] not in {one["id"] for one in await proposed(there)}


async def test_two_who_wrote_down_yes_and_no_at_once_have_no_yes(there):
    match = await found(there)
    colleague = await desk.somebody(there.office, "nurse", there.nurse.team, name="Joost")
    for who, word in ((there.nurse, "yes"), (colleague, "no")):
        change = desk.change(who, "match", there.home.about, {"resident_says": word}, topic="social", record=match["id"], seen=1)
        await handed(there, who, change)
    assert await nouns(there, there.gerrit) == set()


async def test_who_left_is_proposed_no_more_and_was_never_named(there):
    await found(there)
    await desk.run(there.office, "UPDATE person SET left_at = 1 WHERE id = $1", there.gerrit.person)
    await matches.renew(NOW)
    assert await proposed(there) == []


async def test_a_worry_about_somebody_they_met_reaches_the_household_and_of_a_stranger_nobody(there):
    match = await found(there)
    await edit(there, there.nurse, match["id"], resident_says="yes")
    await says(there, there.gerrit, "worried", text="Hallo, ik ben Gerrit van Dotterbloem 21.")
    assert await told(there, "worry") == []
    await says(there, there.gerrit, "accepted")
    await says(there, there.gerrit, "worried", text="Jan at niets.")
    assert [one["text"] for one in await told(there, "worry")] == ["Jan at niets."]


async def test_a_match_that_a_phone_made_up_names_and_asks_nobody(there):
    record = await interest(there)
    made = {"interest": record, "likes": ["walks"], "resident_says": "yes", "volunteer_says": "yes", "name": "Wie dan ook"}
    made_up = desk.change(there.nurse, "match", there.home.about, made, topic="social")
    assert await handed(there, there.nurse, made_up) == [("stored", None)]
    assert await desk.rows(there.office, "SELECT id FROM errand") == []
