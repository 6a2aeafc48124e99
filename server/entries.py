"""Entries: an arrival in the words of the phone's timeline (pwa/templates/entry.html, pwa/pages/timeline.js), and how a list tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server import i18n

if TYPE_CHECKING:
    from server.arrivals import Arrival
    from server.records import Shown

HEADLINE = 90
TOPICS = ("practical", "body", "mind", "society", "social", "money", "safety")
TONES = {"nurse": "brick", "outreach": "canal", "volunteer": "moss", "lead": "ochre"}
# What is measured, in the order in which it is shown, with its decimals.
MEASURES = {"blood_pressure": 0, "pulse": 0, "temperature": 1, "oxygen": 0, "weight": 1, "glucose": 1, "pain": 0}
# What somebody near a household may have said, and another wrote down.
SPOKEN = ("worry", "completion")
SENTENCE_END = re.compile(r"[.!?](\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells it, when, and the records it may be told with (households, residents, colleagues and what else is pointed at, by id)."""

    speaker: i18n.Speaker
    now: int
    known: dict[str, Shown]

    def entry(self, one: Arrival) -> dict[str, Any]:
        """What entry.html prints of it."""
        tone, role, name, organisation = self._hand(one.record)
        hand = {"tone": tone, "role": role, "name": name, "organisation": organisation, "at": self.speaker.when(written(one.record), self.now)}
        rest = {"href": "", "about": self.about(one), "strong": False, "state": "", "state_tone": ""}
        return {**hand, **rest, "measured": self._measured(_parts(one, "measurement")), **self._words(one)}

    def place(self, one: Arrival) -> str:
        """The household's name, or the team's when it names nobody."""
        house = self._fields(one.place).get("name")
        return str(house or (one.opened.hat.team_name if one.record["subject"].startswith("team:") else self.speaker.say("review.somewhere")))

    def about(self, one: Arrival) -> str:
        """Whom it is about, when the household's name does not say so; of an addition to somebody else's note, to what."""
        added_to = self._fields(one.record["fields"].get("adds_to", "")).get("text")
        if added_to:
            return self.speaker.say("review.adds", what=split(added_to)[0])
        subjects = [part.record["subject"] for part in one.all if part.record["subject"].startswith("resident:")]
        resident = one.record["fields"].get("resident") or (subjects[0].removeprefix("resident:") if subjects else "")
        name = str(self._fields(resident).get("name", ""))
        where = one.record["fields"].get("place_name", "") or (self._task_of(one) if one.record["kind"] == "worry" else "")
        return " · ".join(part for part in ("" if name == self._fields(one.place).get("name") else name, where) if part)

    def present(self, one: Arrival) -> str:
        """'Erbij: de cliënt, familie, dochter Els.', or '' when nobody was noted."""
        fields = one.record["fields"]
        given = self._fields(fields.get("resident", "")).get("given")
        who = [self.speaker.say(f"with.{person}", resident=given) for person in fields.get("present", [])]
        who += [fields["present_names"]] if fields.get("present_names") else []
        return self.speaker.say("visit.with", who=", ".join(who)) if who else ""

    def secrecy(self, one: Arrival) -> str:
        """Under which secrecy any of it falls."""
        return secrecy(self.speaker, {part.record["topic"] for part in one.all})

    def tasks(self, one: Arrival) -> list[dict[str, str]]:
        """The follow-ups that were written with it."""
        return [{"what": self._what(part.record["fields"]), "meta": self._task_meta(part.record["fields"])} for part in _parts(one, "task")]

    def signals(self, one: Arrival) -> list[dict[str, str]]:
        """The signals that came of it."""
        return [{"lens": self._lens(part.record["fields"]), "text": part.record["fields"]["text"]} for part in _parts(one, "signal")]

    def excerpt(self, one: Arrival) -> str:
        """What a contact, a signal or an answer says, in one line: their titles only say of what kind they are."""
        if one.record["kind"] in {"visit", "note", "measurement", "task"}:
            return ""
        if one.record["kind"] == "worry":
            return self._task_of(one)
        fields = [part.record["fields"] for part in [*_parts(one, "signal"), one]]
        said = [field.get(name, "") for field in fields for name in ("text", "decision", "question")]
        return next((split(text)[0] for text in said if text), "")

    def chips(self, one: Arrival) -> list[dict[str, str]]:
        """What stands out of it in a list."""
        if one.record["kind"] == "worry":
            return [self._worry_state(one)]
        open_ = [remark.record for remark in one.remarks if one.record["kind"] != "response" and not remark.record["fields"].get("closed")]
        asked = [self.remark(record) for record in open_[-1:]]
        also = [{"text": self.speaker.say("review.conflict"), "tone": "alarm"}] if "conflict" in one.sorts else []
        signal = [{"text": self.speaker.say("contact.signal"), "tone": "ochre"}] if one.record["kind"] == "signal" or _parts(one, "signal") else []
        task = [{"text": self.speaker.say("visit.follow_up"), "tone": "canal"}] if one.record["kind"] != "task" and _parts(one, "task") else []
        return also + signal + task + asked

    def remark(self, record: Shown) -> dict[str, str]:
        """What a lead said of it: a question, a compliment or that something is to be mended."""
        what = record["fields"]["what"]
        return {"text": self.speaker.say(f"today.remark.{what}"), "tone": "moss" if what == "compliment" else "canal"}

    def hand(self, record: Shown) -> str:
        """'vandaag 11:00 · Samira Haddad, wijkverpleegkundige bij Thuiszorg De Linde'."""
        return f"{self.speaker.when(written(record), self.now)} · {self.signature(record)}"

    def signature(self, record: Shown) -> str:
        """'Samira Haddad, wijkverpleegkundige bij Thuiszorg De Linde'."""
        _, role, name, organisation = self._hand(record)
        key = "hand.at" if organisation else "hand.plain"
        return self.speaker.say(key, name=name, role=role, organisation=organisation)

    def _hand(self, record: Shown) -> tuple[str, str, str, str]:
        """(tone, role, name, organisation): of what a helper said, the helper's, with who wrote it down; of a volunteer's word, the volunteer's."""
        fields, who = record["fields"], self._fields(record["by"])
        fields = fields if record["kind"] in SPOKEN else {}
        if helper := self._fields(fields.get("helper", "")):
            noted = self.speaker.say("noted.by", name=who.get("name") or self.speaker.say("review.unknown"))
            return "moss", self.speaker.say(f"relation.{helper['relation']}"), helper["name"], noted
        spoken = record["role"] == "office" and fields.get("volunteer")
        who, role = (self._fields(fields["volunteer"]), "volunteer") if spoken else (who, record["role"] or who.get("role"))
        name, organisation = who.get("name") or self.speaker.say("review.unknown"), who.get("organisation_name", "")
        return TONES.get(role or "", "plain"), self.speaker.say(f"role.{role}" if role else "hand.role"), name, organisation

    def _words(self, one: Arrival) -> dict[str, Any]:
        """Title, strengths and what was seen."""
        record = one.record
        fields, plain = record["fields"], {"strengths": [], "seen": _seen(record["fields"].get("text"))}
        if record["kind"] in {"visit", "note", "measurement", "discussion"}:
            return self._discussed(one) if record["kind"] == "discussion" else self._noted(one)
        if record["kind"] == "completion":
            what = self._what(self._fields(fields["task"]))
            return {"title": self.speaker.say(f"completion.{fields.get('outcome', 'done')}", what=what), **plain}
        if record["kind"] == "worry":
            title, left = split(fields["text"])
            return {"title": title, "strengths": [], "seen": _seen(left)}
        if record["kind"] == "response":
            asked = [self.speaker.say(f"review.answer.{remark.record['fields']['what']}") for remark in one.remarks]
            return {"title": next(iter(asked), self.speaker.say("kind.response")), **plain}
        if record["kind"] == "task":
            return {"title": self._what(fields), "strengths": [], "seen": [*_seen(self._task_meta(fields)), *_seen(fields.get("instructions"))]}
        if record["kind"] == "signal":
            lens = [self._lens(fields)] if fields.get("lens") else []
            return {"title": " · ".join([self.speaker.say("contact.signal"), *lens]), **plain}
        if record["kind"] in {"household", "resident"}:
            return {"title": self.speaker.say(f"kind.{record['kind']}"), **plain}
        said = [self.speaker.say(f"{name}.{fields[name]}") for name in ("way", "place") if fields.get(name)]
        return {"title": " · ".join(said) or self.speaker.say("contact.some"), **plain}

    def _discussed(self, one: Arrival) -> dict[str, Any]:
        """With whom, the question and what was decided, then what they knew together, topic by topic."""
        fields, say = one.record["fields"], self.speaker.say
        said = [(say(f"field.{name}"), fields[name]) for name in ("question", "decision") if fields.get(name)]
        extra = _additions([part.record for part in _parts(one, "note")])
        own = sorted((part.record for part in _parts(one, "note") if part.record["id"] in extra), key=_order)
        seen = [{"topic": topic, "text": text, "additions": []} for topic, text in said]
        seen += [self._seen_line(note, note["fields"]["text"], extra) for note in own]
        about = [text for text in (self.about(one), say("discussion.without_name") if fields.get("nameless") else "") if text]
        title = say(f"discussion.title.{fields.get('way', 'huddle')}", who=fields["with"])
        return {"title": title, "about": " · ".join(about), "strengths": [], "seen": seen}

    def _noted(self, one: Arrival) -> dict[str, Any]:
        notes = [part.record for part in one.all if part.record["kind"] == "note"]
        extra = _additions(notes)
        own = sorted((note for note in notes if note["id"] in extra), key=lambda note: (_order(note), note["at"]))
        if not own:
            return {"title": self._empty(one), "strengths": [], "seen": []}
        head, *rest = own
        title, left = split(head["fields"]["text"])
        strong = head["fields"].get("aspect") == "strength"
        more = [self._seen_line(head, left, extra) | ({"topic": ""} if strong else {})] if left or extra[head["id"]] else []
        seen = [self._seen_line(note, note["fields"]["text"], extra) for note in rest if note["fields"].get("aspect") != "strength"]
        strengths = [note["fields"]["text"] for note in rest if note["fields"].get("aspect") == "strength"]
        return {"title": title, "strong": strong, "strengths": strengths, "seen": more + seen}

    def _seen_line(self, note: Shown, text: str, extra: dict[str, list[Shown]]) -> dict[str, Any]:
        added = [
            {"meta": f"{self.speaker.when(written(other), self.now)} · {self.signature(other)}", "text": other["fields"]["text"]}
            for other in sorted(extra[note["id"]], key=lambda other: int(other["at"]))
        ]
        return {"topic": self.speaker.say(f"topic.{note['topic']}"), "text": text, "additions": added}

    def _empty(self, one: Arrival) -> str:
        outcome = one.record["fields"].get("outcome", "done")
        if outcome != "done":
            return self.speaker.say(f"outcome.{outcome}")
        if by := one.record["fields"].get("by_whom"):
            return self.speaker.say(f"selfmeasured.{by}")
        return self.speaker.say("visit.measured" if _parts(one, "measurement") else "visit.nothing")

    def _measured(self, parts: list[Arrival]) -> list[dict[str, str]]:
        fields = sorted((part.record["fields"] for part in parts), key=lambda each: list(MEASURES).index(each["what"]))
        return [self._value(each) for each in fields]

    def _value(self, fields: dict[str, Any]) -> dict[str, str]:
        what, decimals = fields["what"], MEASURES[fields["what"]]
        numbers = [self.speaker.number(fields[name], decimals) for name in ("value", "second") if fields.get(name) is not None]
        name = self.speaker.say(f"measure.{what}.short") + self._own(fields)
        return {"name": name, "text": "/".join(numbers), "unit": self.speaker.say(f"unit.{what}")}

    def _own(self, fields: dict[str, Any]) -> str:
        """' (zelf gemeten, Omron)' of what somebody measured themselves, and with what."""
        by, device = fields.get("by_whom"), fields.get("device")
        return f" ({', '.join(part for part in (self.speaker.say(f'selfmeasured.{by}').lower(), device) if part)})" if by else ""

    def _task_meta(self, fields: dict[str, Any]) -> str:
        today = str(i18n.local(self.now)["date"])
        due = " ".join([self.speaker.near(fields["due"], today), fields.get("time", "")]).strip() if fields.get("due") else ""
        owner = self._fields(fields.get("owner", "")).get("name") or self.speaker.say("task.anybody")
        return f"{due or self.speaker.say('task.whenever')} · {owner}"

    def steps(self, one: Arrival) -> list[dict[str, str]]:
        """What was done about a worry, oldest first, in the words of the phone (pwa/pages/worries.js)."""
        return [self._step(part.record) for part in sorted(_parts(one, "acknowledgement"), key=lambda part: written(part.record))]

    def _step(self, record: Shown) -> dict[str, str]:
        fields, say = record["fields"], self.speaker.say
        told = say("worry.told" if fields.get("agreed") else "worry.kept") if fields.get("text") else ""
        return {"title": say(f"worry.step.{fields['step']}"), "text": fields.get("text", ""), "told": told, "hand": self.hand(record)}

    def _worry_state(self, one: Arrival) -> dict[str, str]:
        state, tone = ("worry_taken", "moss") if one.parts else ("worry_new", "alarm")
        if not one.worrying:
            return {"text": self.speaker.say("worry.step.closed"), "tone": "plain"}
        return {"text": self.speaker.say(f"today.{state}"), "tone": tone}

    def _task_of(self, one: Arrival) -> str:
        task = one.record["fields"].get("task")
        return self._what(self._fields(task)) if task else ""

    def _what(self, task: dict[str, Any]) -> str:
        return str(task.get("what") or self.speaker.say("task.some"))

    def _lens(self, fields: dict[str, Any]) -> str:
        return self.speaker.say(f"lens.{fields['lens']}" if fields.get("lens") else "contact.signal")

    def _fields(self, key: str) -> dict[str, Any]:
        found = self.known.get(key)
        return dict(found["fields"]) if found else {}


def pointed_at(arrivals: list[Arrival]) -> set[str]:
    """The ids of every record by which these are told: households, residents, hats, tasks."""
    ids: set[str] = set()
    for one in arrivals:
        for part in one.all:
            record, fields = part.record, part.record["fields"]
            ids |= {part.place, record["by"], record["subject"].partition(":")[2]}
            ids |= {entry["by"] for others in record["also"].values() for entry in others}
            ids |= {fields[name] for name in ("resident", "owner", "task", "adds_to", "volunteer", "helper") if fields.get(name)}
        ids |= {said.record["by"] for remark in one.remarks for said in remark.all}
    return ids


def written(record: Shown) -> int:
    """When it happened, as its author said, or else when it was written."""
    return int(record["fields"].get("at") or record["at"])


def split(whole: str) -> tuple[str, str]:
    """(headline, what is left): the first sentence when it is short enough, otherwise as many whole words as fit."""
    text = whole.strip()
    found = SENTENCE_END.search(text)
    end = found.start() if found else -1
    if 0 < end <= HEADLINE and (len(text) > HEADLINE or end < len(text) - 1):
        return text[: end + 1].strip(), text[end + 1 :].strip()
    if len(text) <= HEADLINE:
        return text, ""
    space = text.rfind(" ", 0, HEADLINE + 1)
    cut = space if space > 0 else HEADLINE
    return f"{text[:cut]} …", f"… {text[cut:].strip()}"


def secrecy(speaker: i18n.Speaker, topics: set[str]) -> str:
    """'Lichaam · valt onder medisch beroepsgeheim' of what is about the body, '' of the rest; the same words as on the phone (pwa/pages/page.js)."""
    return f"{speaker.say('topic.body')} · {speaker.say('secrecy.medical')}" if "body" in topics else ""


def _parts(one: Arrival, kind: str) -> list[Arrival]:
    return [part for part in one.all if part.record["kind"] == kind]


def _additions(notes: list[Shown]) -> dict[str, list[Shown]]:
    """Note id -> what was added to it, also by way of another addition; a note that adds to none of these is a key."""
    ids = {note["id"]: note["fields"].get("adds_to") for note in notes}
    first = {key: key for key, of in ids.items() if of not in ids or of == key}
    for _ in notes:
        first |= {key: first[of] for key, of in ids.items() if key not in first and of in first}
    extra: dict[str, list[Shown]] = {key: [] for key, root in first.items() if key == root}
    for note in notes:
        if first.get(note["id"], note["id"]) != note["id"]:
            extra[first[note["id"]]].append(note)
    return extra


def _seen(text: str | None) -> list[dict[str, Any]]:
    return [{"topic": "", "text": text, "additions": []}] if text else []


def _order(note: Shown) -> int:
    return -1 if note["fields"].get("aspect") == "strength" else TOPICS.index(note["topic"])
