"""The network of a household for another system: who is there and in which role, as HL7 FHIR R4 (4.0.1) in the role codes of Nictiz.

Each helper is a RelatedPerson after zib ContactPersoon (nl-core-ContactPerson), with a role of its RolCodelijst (value set
2.16.840.1.113883.2.4.3.11.60.40.2.3.1.2 of 2020-09-01). That list draws on two code systems: Vektis COD472 (2.16.840.1.113883.2.4.3.11.22.472) and
ExtraRolcodes (2.16.840.1.113883.2.4.3.11.60.40.4.23.1), both as published in Nictiz/Nictiz-R4-zib2020, resources/terminology; codes below ten have a
leading zero, as in its examples/nl-core-ContactPerson-01.xml. It has no role for family or for a volunteer: these are Anders, with the word in text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from server import access, audit, bodies, db, errands, i18n, openings, operations, sessions
from sync import merge, rules

if TYPE_CHECKING:
    from server.access import Me, Opened, Pair
    from server.db import Tx
    from server.records import Shown

FHIR = "application/fhir+json"
PROFILE = "http://nictiz.nl/fhir/StructureDefinition/nl-core-ContactPerson"
VEKTIS, EXTRA = "urn:oid:2.16.840.1.113883.2.4.3.11.22.472", "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.23.1"
ROLES = {
    "carer": (EXTRA, "100001", "Mantelzorger"), "neighbour": (VEKTIS, "19", "Buur"), "friend": (VEKTIS, "20", "Vriend(in)/kennis"),
    "contact": (VEKTIS, "23", "Contactpersoon"), "family": (VEKTIS, "09", "Anders"), "volunteer": (VEKTIS, "09", "Anders"),
}  # fmt: skip
HEADERS = {"Content-Disposition": 'attachment; filename="netwerk.json"', "Cache-Control": "no-store"}


def bundle(residents: list[Shown], helpers: list[Shown], at: int) -> dict[str, Any]:
    """A collection of each resident and of each helper as related to them; all of it in Dutch, whoever asks."""
    resources = [*map(_patient, residents), *(_related(helper, resident) for resident in residents for helper in helpers)]
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    made = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"resourceType": "Bundle", "type": "collection", "timestamp": made, **({"entry": entries} if entries else {})}


@get("/networks/{household:str}", operation_class=operations.leaves(FHIR))
async def network_file(request: Request[Any, Any, Any], household: FromPath[str]) -> Response[bytes]:
    """Who agreed to be a helper and is one today, for who has the household open on a device that is unlocked; the log keeps that it went out."""
    me, at = await openings.need(request), sessions.now()
    if elsewhere := await openings.to_verify(request, "/review"):
        return elsewhere
    found = await db.read(lambda tx: _found(tx, me, household, at)) if rules.ID.fullmatch(household) else None
    if found is None:
        raise bodies.refused(404, "not_found")
    opened, residents, helpers = found
    await db.write(lambda tx: audit.note(tx, _log(me, opened, household, residents, helpers, at)))
    return Response(msgspec.json.encode(bundle(residents, helpers, at)), media_type=FHIR, headers=HEADERS)


routes = [network_file]


async def _found(tx: Tx, me: Me, household: str, at: int) -> tuple[dict[Pair, Opened], list[Shown], list[Shown]] | None:
    """(what is open to me, the residents, the helpers who go along); None of a household that is not open to me."""
    opened = await access.opened(tx, me.person, at)
    home = f"household:{household}"
    if (home, "practical") not in opened:
        return None
    live = [f"resident:{key}" for (key,) in await tx.all("SELECT id FROM resident WHERE household = $1", household)]
    rows = await tx.all(
        f"SELECT subject, topic, first, body FROM record WHERE {db.among('subject', 1)} AND topic = 'practical' AND kind IN ('helper', 'resident')"  # noqa: S608
        " ORDER BY id",
        [home, *live],
    )
    shown = [merge.shown(msgspec.json.decode(body)) for subject, topic, first, body in rows if access.opens(opened, (subject, topic), first)]
    helpers = [one for one in shown if one["kind"] == "helper" and _goes_along(one["fields"], access.day_of(at))]
    return opened, [one for one in shown if one["kind"] == "resident"], helpers


def _goes_along(fields: dict[str, Any], today: str) -> bool:
    """Only who said yes to what stands here about them, and is there today."""
    return fields.get("agreed") == "yes" and (fields.get("until") or access.FOREVER) >= today


def _patient(resident: Shown) -> dict[str, Any]:
    fields = resident["fields"]
    born = {"birthDate": fields["born"]} if fields.get("born") else {}
    return {"resourceType": "Patient", "id": resident["id"], "name": [{"text": fields["name"]}], **born}


def _related(helper: Shown, resident: Shown) -> dict[str, Any]:
    fields = helper["fields"]
    system, code, display = ROLES[fields["relation"]]
    role = {"coding": [{"system": system, "code": code, "display": display}], "text": i18n.speaker("nl").say(f"relation.{fields['relation']}")}
    phone = {"telecom": [{"system": "phone", "value": fields["phone"]}]} if fields.get("phone") else {}
    return {
        "resourceType": "RelatedPerson",
        "id": errands.derived(helper["id"], f"related {helper['id']} {resident['id']}"),
        "meta": {"profile": [PROFILE]},
        # One helper of two residents is two of these: by this they are known to be one person.
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{helper['id']}"}],
        "active": True,
        "patient": {"reference": f"urn:uuid:{resident['id']}", "type": "Patient", "display": resident["fields"]["name"]},
        "relationship": [role],
        "name": [{"text": fields["name"]}],
        **phone,
    }


def _log(
    me: Me, opened: dict[Pair, Opened], household: str, residents: list[Shown], helpers: list[Shown], at: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """That it left for elsewhere: how many helpers of the household, and each resident to whom they are tied."""
    went = [(f"household:{household}", "helper", len(helpers)), *((one["subject"], "resident", 1) for one in residents)]
    rows = []
    for subject, kind, n in went:
        why = opened[subject, "practical"]
        about = {"subject": subject, "topic": "practical", "kind": kind, "n": n, "ground": why.ground, "source": "page", "result": "ok"}
        rows.append(audit.row(me, why.hat, at, "exported", **about))
    return rows
