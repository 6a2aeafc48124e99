"""Who is found for whom: by what both like, a day in common and no further than either goes, and never without the resident's word."""

from __future__ import annotations

from typing import Any

import pytest

from server import matches, streets
from sync import merge
from tests import desk
from tests.desk import NOW
from tests.mates import OFFER, STREETS, WALK, There, found, handed, interest, neighbours, offer, proposed, told


@pytest.fixture
async def there(office: Any, client: Any, clock: Any) -> There:
    return await neighbours(office, client, clock)


async def test_a_resident_and_a_volunteer_are_found_for_each_other_whoever_comes_first(there):
    match = await found(there)
    told_ = {"interest": match["interest"], "likes": ["walks", "coffee"], "weekdays": [1], "metres": 400}
    assert {name: value for name, value in match.items() if name != "id"} == told_
    other = await desk.household(there.office, there.nurse.team)
    facts = {"name": "Fam. Later", "street": "Dotterbloem 3", "city": "Elmerwaard"}
    house = desk.change(there.nurse, "household", other.subject, facts, record=other.id)
    made = desk.change(there.nurse, "interest", other.about, WALK, topic="social")
    await handed(there, there.nurse, house, made)
    assert [one["metres"] for one in await proposed(there) if one["interest"] == made["record"]] == [100]


@pytest.mark.parametrize("agreed", ["no", "unasked", None])
async def test_nobody_is_looked_for_without_the_resident_s_word(there, agreed):
    await interest(there, agreed=agreed)
    await offer(there, there.gerrit)
    assert await proposed(there) == []


@pytest.mark.parametrize(
    "more",
    [{"likes": ["games"]}, {"weekdays": [2]}, {"near": "street"}, {"street": "Verweg 1"}, {"street": "Onbekend 1"}, {"until": "2026-11-21"}],
    ids=["nothing in common", "another day", "too near for him", "too far", "a street that nobody knows", "over"],
)
async def test_who_does_not_fit_is_not_proposed(there, more):
    await interest(there)
    await offer(there, there.gerrit, **more)
    assert await proposed(there) == []


async def test_whose_street_the_office_does_not_know_reads_so_until_it_does(there):
    await interest(there)
    await offer(there, there.gerrit, street="Onbekend 1")
    assert [one["placed"] for one in (*await told(there, "offer"), *await told(there, "interest"))] == [False, True]
    more = [STREETS[0], "Onbekend,Elmerwaard,140100,455000"]
    await there.office.write(lambda tx: streets.load(tx, streets.read(more)))
    await there.office.write(lambda tx: matches.place(tx, NOW))
    assert [one["placed"] for one in await told(there, "offer")] == [True]
    assert [one["metres"] for one in await proposed(there)] == [100]


async def test_what_the_office_writes_on_an_offer_comes_to_the_phone_that_made_it(there):
    phone = await desk.phone(there.client, there.gerrit)
    await phone.pull()
    made = desk.change(there.gerrit, "offer", f"person:{there.gerrit.person}", OFFER, topic="social")
    answer = await phone.sync(made)
    assert [merge.shown(one)["fields"]["placed"] for one in answer["records"]] == [True]


async def test_three_at_most_the_nearest_first_and_of_those_who_was_asked_least(there):
    more = [await desk.somebody(there.office, "volunteer", there.gerrit.team, name=f"V{n}") for n in range(3)]
    for who in (there.gerrit, there.ayse, *more):
        await offer(there, who)
    await offer(there, there.ria, street="Rietgors 2")
    await desk.run(there.office, "INSERT INTO match VALUES ('m', 'i', 'o', $1, 'a', 1, NULL, 1, 0)", there.gerrit.person)
    await interest(there)
    rows = await desk.rows(there.office, "SELECT person FROM match WHERE ended_at IS NULL ORDER BY id")
    people = [person for (person,) in rows]
    assert len(people) == 3
    assert there.ria.person in people
    assert there.gerrit.person not in people
    assert sorted(one["metres"] for one in await proposed(there)) == [100, 400, 400]


@pytest.mark.parametrize("topic", ["practical", "social"])
async def test_whom_the_resident_keeps_out_is_never_proposed(there, topic):
    no = desk.consent(there.nurse, there.home, there.gerrit, topic, answer="no")
    await handed(there, there.nurse, no)
    await interest(there)
    await offer(there, there.gerrit)
    assert await proposed(there) == []
    await handed(there, there.nurse, desk.withdrawal(there.nurse, no))
    assert len(await proposed(there)) == 1


async def test_two_offers_of_one_volunteer_are_one_match(there):
    await interest(there)
    await offer(there, there.gerrit)
    await offer(there, there.gerrit, likes=["walks"])
    assert len(await proposed(there)) == 1
