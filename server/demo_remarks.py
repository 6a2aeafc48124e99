"""What the lead of the demo neighbourhood said of what her team wrote: one question waits, another was answered this morning."""

from __future__ import annotations

from server.demo_diary import MINUTE_MS, Diary, Entry, moment
from server.demo_people import BY_KEY

LEAD, ASKED, OTHER = "ilse", "samira", "joost"
MORNING, ANSWERED_MS = "08:20", 50 * MINUTE_MS
QUESTION = "Weet de huisarts dit al?"
PRAISE = "Mooi gezien. Zo wil ik het vaker lezen."
ASKED_BEFORE = "Hebben we dit met de familie besproken?"
ANSWER = "Ja, gisteren aan de telefoon. Zij vonden het een goed plan."


def remarks(diary: Diary) -> None:
    """A question and a compliment for one nurse, and what another answered."""
    _say(diary, _latest(diary, ASKED, "seen"), "question", QUESTION)
    _say(diary, _latest(diary, ASKED, "strength"), "compliment", PRAISE)
    about = _latest(diary, OTHER, "seen")
    remark = _say(diary, about, "question", ASKED_BEFORE)
    at = diary.now - ANSWERED_MS
    diary.write(at, about.person, "response", (about.subject, about.topic), {"to": remark, "text": ANSWER, "at": at})


def _latest(diary: Diary, who: str, aspect: str) -> Entry:
    """The newest note of the days before yesterday morning."""
    before = moment(diary.day(-1), MORNING)
    notes = [one for one in diary.entries if one.kind == "note" and one.person.key == who and one.fields.get("aspect") == aspect and one.at < before]
    return max(notes, key=lambda one: one.at)


def _say(diary: Diary, about: Entry, what: str, text: str) -> str:
    at = moment(diary.day(-1), MORNING)
    fields = {"of": about.record, "asked": about.person.id, "what": what, "text": text, "at": at}
    return diary.write(at, BY_KEY[LEAD], "remark", (about.subject, about.topic), fields)
