"""The network of a household as FHIR: who agreed and nobody else, in Nictiz' role codes, valid by the specification, for whom it is open to."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema_rs
import pytest

from server import network
from server.changes import KINDS
from tests import desk
from tests.desk import NOW

SCHEMA = jsonschema_rs.validator_for(json.loads((Path(__file__).parent / "cases" / "fhir_network.json").read_text("utf-8")))
VEKTIS, EXTRA = "urn:oid:2.16.840.1.113883.2.4.3.11.22.472", "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.23.1"
# RolCodelijst of zib ContactPersoon, 2020-09-01, in both of its code systems.
ROLE_LIST = {
    VEKTIS: {
        "01": "Eerste relatie/contactpersoon", "02": "Tweede relatie/contactpersoon", "03": "Curator (juridisch)", "04": "Financieel (gemachtigd)",
        "05": "Financieel (toetsing)", "06": "Leefeenheid", "07": "Hulpverlener", "09": "Anders", "11": "Voogd", "14": "Bewindvoerder",
        "15": "Mentor", "19": "Buur", "20": "Vriend(in)/kennis", "21": "Cliëntondersteuner", "23": "Contactpersoon",
        "24": "Wettelijke vertegenwoordiger",
    },
    EXTRA: {"100001": "Mantelzorger", "100002": "Geestelijk verzorger", "100003": "Tolk", "100004": "Advocaat"},
}  # fmt: skip
WANTED = {
    "carer": (EXTRA, "100001", "Mantelzorger"), "neighbour": (VEKTIS, "19", "Buur"), "friend": (VEKTIS, "20", "Vriend of kennis"),
    "contact": (VEKTIS, "23", "Contactpersoon"), "family": (VEKTIS, "09", "Familie"), "volunteer": (VEKTIS, "09", "Vrijwilliger"),
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def street(office, client):
    """A nurse at the house of Annie and Wim, where somebody of each relation agreed to help."""
    nurse = await desk.somebody(office, "nurse")
    home = await desk.household(office, nurse.team)
    wim = desk.new()
    residents = [
        desk.change(nurse, "resident", f"resident:{key}", {"household": home.id, "name": name, "born": "1941-02-03"}, record=key)
        for key, name in ((home.resident, "Annie de Wit"), (wim, "Wim de Wit"))
    ]
    helpers = [helper(nurse, home, f"Iemand {relation}", relation=relation) for relation in WANTED]
    assert set(desk.said(await desk.hand_in(office, nurse, *residents, *helpers))) == {("stored", None)}
    return SimpleNamespace(office=office, client=client, nurse=nurse, home=home, wim=wim, browser=await desk.signed_in(client, nurse))


def helper(nurse: desk.Me, home: desk.House, name: str, **fields: Any) -> dict[str, Any]:
    return desk.change(nurse, "helper", home.subject, {"name": name, "relation": "neighbour", "agreed": "yes", "phone": "06-00000123", **fields})


async def exported(street, browser=None) -> dict[str, Any]:
    answer = await (browser or street.browser).get(f"/networks/{street.home.id}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json"), answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="netwerk.json"'
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    SCHEMA.validate(found)
    return found


def related(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["resource"] for one in found["entry"] if one["resource"]["resourceType"] == "RelatedPerson"]


async def test_every_relation_has_its_code_of_the_list_and_its_own_word(street):
    people = related(await exported(street))
    assert all(one["meta"] == {"profile": ["http://nictiz.nl/fhir/StructureDefinition/nl-core-ContactPerson"]} for one in people)
    said = {}
    for one in people:
        (role,) = one["relationship"]
        (coding,) = role["coding"]
        assert ROLE_LIST[coding["system"]][coding["code"]] == coding["display"]
        said[one["name"][0]["text"].removeprefix("Iemand ")] = (coding["system"], coding["code"], role["text"])
    assert said == WANTED
    assert set(network.ROLES) == set(KINDS["kinds"]["helper"]["fields"]["relation"]["of"])


async def test_each_resident_has_each_helper_and_every_reference_leads_to_something_in_it(street):
    found = await exported(street)
    urls = [one["fullUrl"] for one in found["entry"]]
    assert len(set(urls)) == len(urls) == 2 + 2 * len(WANTED)
    assert all(one["fullUrl"] == f"urn:uuid:{one['resource']['id']}" for one in found["entry"])
    assert {one["patient"]["reference"] for one in related(found)} == {f"urn:uuid:{street.home.resident}", f"urn:uuid:{street.wim}"}
    assert {one["patient"]["reference"] for one in related(found)} <= set(urls)
    assert len({one["identifier"][0]["value"] for one in related(found)}) == len(WANTED)
    assert found == await exported(street)


@pytest.mark.parametrize("fields", [{"agreed": "no"}, {"agreed": "unasked"}, {"agreed": None}, {"until": "2026-11-21"}])
async def test_who_did_not_agree_or_is_gone_stays_out(street, fields):
    riet = helper(street.nurse, street.home, "Riet")
    await desk.hand_in(street.office, street.nurse, riet)
    assert "Riet" in json.dumps(await exported(street))
    mended = desk.change(street.nurse, "helper", street.home.subject, fields, record=riet["record"], seen=1)
    assert desk.said(await desk.hand_in(street.office, street.nurse, mended)) == [("stored", None)]
    assert "Riet" not in json.dumps(await exported(street))


async def test_nothing_goes_along_but_who_somebody_is_and_how_they_are_called(street):
    riet = helper(street.nurse, street.home, "Riet", does="Kookt", limits="Niet tillen", when="na vijven", weekdays=[1], can=["meals"], near="street")
    said = {"whose": riet["record"], "strength": 2, "burden": 9, "day": desk.TODAY, "text": "Moe"}
    load = desk.change(street.nurse, "load", street.home.subject, said)
    await desk.hand_in(street.office, street.nurse, riet, load)
    (one, _) = [one for one in related(await exported(street)) if one["name"] == [{"text": "Riet"}]]
    assert set(one) == {"resourceType", "id", "meta", "identifier", "active", "patient", "relationship", "name", "telecom"}
    assert one["telecom"] == [{"system": "phone", "value": "06-00000123"}]


async def test_a_resident_who_is_closed_to_me_is_not_in_it(street):
    no = desk.consent(street.nurse, street.home, street.nurse, "practical", answer="no")
    assert desk.said(await desk.hand_in(street.office, street.nurse, no)) == [("stored", None)]
    found = await exported(street)
    assert "Annie" not in json.dumps(found)
    assert {one["patient"]["display"] for one in related(found)} == {"Wim de Wit"}


async def test_who_has_the_household_not_open_gets_nothing(street):
    for other in (await desk.somebody(street.office, "nurse"), await desk.somebody(street.office, "volunteer")):
        browser = await desk.signed_in(street.client, other)
        assert (await browser.get(f"/networks/{street.home.id}")).status_code == 404
    assert (await street.browser.get(f"/networks/{desk.STRANGER}")).status_code == 404
    assert (await street.client.get(f"/networks/{street.home.id}")).status_code == 401


async def test_a_locked_phone_hands_nothing_over(street):
    await desk.run(street.office, "UPDATE session SET open_until = $1 WHERE person = $2", NOW, street.nurse.person)
    answer = await street.browser.get(f"/networks/{street.home.id}", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "locked")
    assert await desk.log(street.office, "exported", "subject") == []


async def test_long_after_somebody_showed_whose_device_it_is_nothing_goes_out(street):
    await desk.run(street.office, "UPDATE session SET verified_at = 0")
    for house in (street.home.id, desk.STRANGER):
        answer = await street.browser.get(f"/networks/{house}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/today?to=/review&for=file")
    assert await desk.log(street.office, "exported", "subject") == []


async def test_the_log_keeps_that_it_went_out(street):
    await exported(street)
    rows = await desk.log(street.office, "exported", "person", "subject", "kind", "n", "ground")
    whom = {(street.home.about, "resident", 1, "care"), (f"resident:{street.wim}", "resident", 1, "care")}
    assert {row[1:] for row in rows} == {(street.home.subject, "helper", len(WANTED), "care"), *whom}
    assert {row[0] for row in rows} == {street.nurse.person}


async def test_a_household_without_helpers_is_a_collection_of_its_residents(street):
    empty = await desk.household(street.office, street.nurse.team)
    answer = await street.browser.get(f"/networks/{empty.id}")
    assert "entry" not in answer.json()
    SCHEMA.validate(answer.json())


def last(bundle):
    return bundle["entry"][-1]["resource"]


@pytest.mark.parametrize("spoil", [
    lambda bundle: bundle.pop("type"), lambda bundle: bundle.update(type="kast"), lambda bundle: bundle.update(entry=[]),
    lambda bundle: bundle.update(timestamp="2026-11-22"), lambda bundle: bundle["entry"][0]["resource"].update(birthDate="3-2-1941"),
    lambda bundle: last(bundle).pop("patient"), lambda bundle: last(bundle).update(role="Buur"), lambda bundle: last(bundle).update(id="a b"),
    lambda bundle: last(bundle).update(relationship={"text": "Buur"}), lambda bundle: last(bundle)["telecom"][0].update(system="gsm"),
    lambda bundle: last(bundle)["telecom"][0].pop("system"),
])  # fmt: skip
async def test_the_schema_refuses_what_the_specification_does(street, spoil):
    spoiled = copy.deepcopy(await exported(street))
    spoil(spoiled)
    assert not SCHEMA.is_valid(spoiled)
