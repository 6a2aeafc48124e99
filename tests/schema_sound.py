"""A request of every operation that is answered well, in the order in which they need each other: pages, forms, an exchange and the ceremonies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from server import access, links, sessions, visits, vouchings
from server.assets import first_folders
from server.config import settings
from tests import cast, desk
from tests.authenticator import Authenticator
from tests.schema_office import LINK, Office

OWN = {"upto": "999999", "text": "Hoorde dit bij dit huishouden?"}
# These answer with a redirect and never with anything else.
ONLY_ELSEWHERE = {"GET /": 303}
# The whole walk is one browser.
BROWSER = {visits.COOKIE: "v" * 22, links.COOKIE: "l" * 43}


@dataclass
class Walk:
    """Asks one operation after another as the document describes it, and judges each answer by it; `well` are those answered with 2xx."""

    schema: Any
    office: Office
    well: set[str] = field(default_factory=set)
    elsewhere: dict[str, int] = field(default_factory=dict)

    def ask(self, label: str, role: str = "", *, cookie: str = "", body: Any = None, **parts: str) -> Any:
        """The answer to this operation, of whoever has this role or this cookie."""
        method, path = label.split(" ")
        operation = self.schema[path][method]
        types = operation.definition.raw.get("requestBody", {}).get("content", {})
        sent = {"body": body, "media_type": next(iter(types))} if types else {}
        cookie = self.office.tokens.get(role, cookie)
        case = operation.Case(path_parameters=parts, cookies=BROWSER | ({sessions.COOKIE: cookie} if cookie else {}), **sent)
        answer = case.call_and_validate(headers={"Origin": settings.origin})
        if 200 <= answer.status_code < 300:
            self.well.add(label)
        else:
            self.elsewhere[label] = answer.status_code
        return answer


# The keys of the example in RFC 8291.
REMINDED = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/1", "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "point": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
}  # fmt: skip


def sound(walk: Walk) -> None:
    """Every operation once or more."""
    _files(walk)
    _pages(walk)
    _forms(walk)
    _phone(walk)
    _ceremonies(walk)
    _endings(walk)


def _files(walk: Walk) -> None:
    for path in ("/", "/health", "/ready", "/sw.js", "/manifest.webmanifest", "/shell", "/l", "/link_worker.js", "/sign-in", "/demo"):
        walk.ask(f"GET {path}")
    for folder in first_folders():
        walk.ask(f"GET /{folder}")
        walk.ask(f"GET /{folder}/{{rest}}", rest="new")
    walk.ask("GET /assets/{name}", name=walk.office.ids["name"][0])
    walk.ask("GET /demo/{key}", key=cast.NURSE.key)


def _pages(walk: Walk) -> None:
    visit, consent = walk.office.ids["record"][:2]
    office = ("/review", "/roster", "/stuck", "/stuck/obstacles", "/suggestions", "/people", "/people/proposals", "/held", "/vouching")
    figures = ("/caseload", "/outcomes", "/themes", "/themes.csv", "/themes.xlsx", "/figures", "/figures/week.csv", "/figures/week.xlsx")
    for path in (*office, *figures, "/devices", "/passkeys", "/me", "/news"):
        walk.ask(f"GET {path}", "lead")
    walk.ask("GET /review/{record}", "lead", record=visit)
    walk.ask("GET /figures/{what}", "lead", what="visits")
    walk.ask("GET /caseload/{weight}", "lead", weight="all")
    walk.ask("GET /outcomes/{what}", "lead", what="burden")
    walk.ask("GET /themes/{theme}", "lead", theme="money")
    walk.ask("GET /receipts/{record}", "nurse", record=consent)
    walk.ask("GET /networks/{household}", "nurse", household=walk.office.ids["household"][0])
    walk.ask("GET /hands/{record}", "nurse", record=walk.office.ids["record"][3])
    walk.ask("GET /devices/{device}", "lead", device=cast.NURSE.device)
    walk.ask("GET /invitations/{token}", token=walk.office.ids["token"][0])


def _forms(walk: Walk) -> None:
    visit, held = walk.office.ids["record"][0], walk.office.ids["change"]
    walk.ask("PUT /review/{record}/reading", "lead", record=visit, body={"upto": "999999"})
    step = {"op": desk.new(), "step": "advice", "agreed": "yes", "text": "Wij bellen."}
    walk.ask("POST /review/{record}/acknowledgements", "lead", record=walk.office.ids["record"][2], body=step)
    said = {"op": desk.new(), "what": "question", "of": visit, "text": "Hoe ging het?", "upto": "999999"}
    walk.ask("POST /review/{record}/remarks", "lead", record=visit, body=said)
    walk.ask("POST /review/{record}/closure", "lead", record=visit, body={"remark": said["op"]})
    answer = {"op": desk.new(), "text": "Komt eraan."}
    walk.ask("POST /suggestions/{suggestion}/responses", "lead", suggestion=walk.office.ids["suggestion"][0], body=answer)
    walk.ask("POST /review/readings", "lead", body={"upto": "999999", "record": [visit]})
    for change, act in zip(held, ("acceptance", "return", "keeping"), strict=False):
        walk.ask(f"POST /held/{{change}}/{act}", "lead", change=change, body=OWN)
    new = {"op": desk.new(), "name": "Mo", "team": cast.LEAD.team.id, "role": "nurse", "phone": "06-00000001"}
    walk.ask("POST /people", "lead", body=new)
    walk.ask("PUT /people/{person}/vog", "lead", person=cast.VOLUNTEER.id, body={"vog": "2025-03-03"})
    walk.ask("POST /people/{person}/invitations", "lead", person=new["op"])
    for proposal, said in zip(walk.office.ids["proposal"], ("confirmation", "refusal"), strict=False):
        walk.ask(f"POST /people/proposals/{{proposal}}/{said}", "lead", proposal=proposal)
    walk.ask("GET /people/{person}/departure", "lead", person=new["op"])
    walk.ask("POST /people/{person}/departure", "lead", person=new["op"], body={"day": access.day_of(sessions.now())})
    walk.ask("POST /vouchings", "nurse", body={"code": vouchings.code(walk.office.ids["token"][1])})
    walk.ask("POST /demo/sessions", body={"person": cast.ELSEWHERE.id})
    walk.ask("PUT /me", "lead", body={"language": "nl"})


def _phone(walk: Walk) -> None:
    me = {"format": 1, "device": cast.NURSE.device}
    walk.ask("POST /sync", "nurse", body=me)
    walk.ask("POST /sync", "revoked", body={"format": 1, "device": cast.TWO_HATS.device})
    walk.ask("POST /sync/history", "nurse", body={**me, "pairs": [[subject, "body"] for subject in walk.office.ids["subject"]]})
    walk.ask("POST /outbox", body={**me, "sealed": []})
    walk.ask("POST /l/opening", body={"token": LINK})
    walk.ask("POST /l/answers", body={"token": LINK, "answers": []})
    for thing, given in (("calendar", None), ("subscription", REMINDED)):
        walk.ask(f"GET /me/{thing}", "nurse")
        told = walk.ask(f"PUT /me/{thing}", "nurse", body=given)
        if given is None:
            walk.ask("GET /calendar/{token}", token=told.json()["address"].rpartition("/")[2])
        walk.ask(f"DELETE /me/{thing}", "nurse")
    walk.ask("POST /erasures", body={"device": desk.STRANGER, "alone": False})


def _ceremonies(walk: Walk) -> None:
    """A passkey by the link, signing in with it, the proof of an open vault, another passkey, a new phone, and one passkey less."""
    phone, link = Authenticator(), {"token": walk.office.ids["token"][0]}
    asked = walk.ask("POST /invitations/{token}/challenges", **link).json()
    walk.ask("POST /invitations/{token}/passkey", **link, body={"challenge": asked["challenge"], "credential": phone.make(asked["options"])})

    def shown() -> dict[str, Any]:
        question = walk.ask("POST /sessions/challenges").json()
        return {"challenge": question["challenge"], "credential": phone.use(question["options"])}

    (worn,) = walk.ask("POST /sessions", body=shown()).headers["set-cookie"]
    mine = worn.partition("=")[2].partition(";")[0]
    seal = walk.ask("GET /me", cookie=mine).json()["seal"]
    walk.ask("POST /sessions/current/opening", cookie=mine, body={"seal": seal["id"], "proof": seal["proof"]})
    walk.ask("PUT /sessions/current/opening", cookie=mine)
    asked = walk.ask("POST /passkeys/challenges", cookie=mine, body=shown()).json()
    walk.ask("POST /passkeys", cookie=mine, body={"challenge": asked["challenge"], "credential": Authenticator().make(asked["options"])})
    walk.ask("POST /passkeys/phones", cookie=mine, body=shown())
    keys = re.findall(r'data-key="([0-9a-f-]{36})"', walk.ask("GET /passkeys", cookie=mine).text)
    walk.ask("POST /passkeys/{key}/removal", cookie=mine, key=keys[-1], body=shown())


def _endings(walk: Walk) -> None:
    walk.ask("DELETE /devices/{device}", "lead", device=cast.NURSE.device)
    walk.ask("DELETE /devices/{device}", "outreach", device=cast.OUTREACH.device)
    walk.ask("DELETE /sessions/current/opening", "nurse")
    walk.ask("DELETE /sessions/current", "nurse")
