"""Every table of the office, in reading order: ids are UUIDv7 text, instants whole milliseconds since 1970 UTC, days `YYYY-MM-DD`.

`server/migrations` makes them, with their indexes; `tests/test_migrations.py` holds the two against each other.
"""

from piccolo.columns import BigInt, Bytea, ForeignKey, OnDelete, Text
from piccolo.table import Table

from server.db import bridge


def _key() -> Text:
    return Text(primary_key=True, default="")


def _maybe() -> Text:
    return Text(null=True, default=None)


def _maybe_number() -> BigInt:
    return BigInt(null=True, default=None)


def _of(table: "type[Table]") -> ForeignKey[Table]:
    return ForeignKey(references=table, null=False, on_delete=OnDelete.restrict, target_column="id")


# Who works here


class Organisation(Table, tablename="organisation", db=bridge):
    """An employer of professionals or a home of volunteers; kind is care, welfare or volunteers; in seconds: until its phones lock, if sooner."""

    id = _key()
    name = Text()
    kind = Text()
    idle_s = _maybe_number()
    hidden_s = _maybe_number()


class Team(Table, tablename="team", db=bridge):
    """People of one organisation who share their households; contact_days and help_days: working days after a signal, if agreed otherwise."""

    id = _key()
    organisation = _of(Organisation)
    name = Text()
    contact_days = _maybe_number()
    help_days = _maybe_number()


class Person(Table, tablename="person", db=bridge):
    """Somebody who signs in; language is nl or en, word is what they call a resident; confidential_at: since when they keep it to themselves."""

    id = _key()
    name = Text()
    language = Text()
    word = Text()
    created_at = BigInt()
    left_at = _maybe_number()
    confidential_at = _maybe_number()


class Membership(Table, tablename="membership", db=bridge):
    """A hat: this person in this team in this role (nurse, outreach, volunteer, lead), until and including a day.

    vog is the day of a volunteer's certificate of conduct, as their organisation saw it.
    """

    id = _key()
    person = _of(Person)
    team = _of(Team)
    role = Text()
    since = Text()
    until = _maybe()
    vog = _maybe()


class Departure(Table, tablename="departure", db=bridge):
    """That somebody leaves a team (their hat in it): `day` is the first on which they are gone, `by` the lead who handed their work over.

    done_at is when the last of it was taken off their name, and off their phones when no hat is left.
    """

    id = _key()
    hat = _of(Membership)
    by = Text()
    at = BigInt()
    day = Text()
    done_at = _maybe_number()


class Proposal(Table, tablename="proposal", db=bridge):
    """What a lead may not do alone, under the id of whom it is about: act says what, told (JSON) with which values, until when it can be answered.

    answer is yes or no, by another lead of the team (a no also by who asked it); nothing happened while it is empty.
    """

    id = _key()
    act = Text()
    team = _of(Team)
    by = Text()
    whom = Text()
    told = Text()
    at = BigInt()
    ends_at = BigInt()
    answer = _maybe()
    answered_by = _maybe()
    answered_at = _maybe_number()


# Whom it is about: these three follow the records, which may arrive in any order, so they point without foreign keys


class Household(Table, tablename="household", db=bridge):
    """A front door; what is known about it lies in its records."""

    id = _key()


class Resident(Table, tablename="resident", db=bridge):
    """Somebody behind a front door."""

    id = _key()
    household = Text()


class Care(Table, tablename="care", db=bridge):
    """A care relation: this team comes to this household, from a day until and including a day."""

    id = _key()
    household = Text()
    team = _of(Team)
    since = Text()
    until = _maybe()


class Statement(Table, tablename="statement", db=bridge):
    """What a resident said of one topic to one recipient (a consent or an objection), or a share on another ground; it follows its record.

    kind is secrecy or share (others open nothing and have no row), says is yes or no, noun is person, team or organisation, n the number
    of the record's first write: with before = 0 only what was first written after it is meant.
    """

    id = _key()
    record = Text()
    n = BigInt()
    resident = Text()
    topic = Text()
    kind = Text()
    says = Text()
    noun = Text()
    whom = Text()
    since = Text()
    until = _maybe()
    before = BigInt()
    withdrawn = BigInt()


class Errand(Table, tablename="errand", db=bridge):
    """A task in a volunteer's hands, by the hat that was asked; it follows its record. rule says when, as JSON of the task's own fields.

    The task may be the ask of a match; rule then says until when the door is open to who was named: {"door": day}.
    accepted is 1 once they said yes, closed 1 when it is not theirs (any more).
    """

    id = _key()
    task = Text()
    hat = _of(Membership)
    household = Text()
    resident = _maybe()
    rule = Text()
    accepted = BigInt()
    closed = BigInt()


class Street(Table, tablename="street", db=bridge):
    """Where a street lies: x and y in metres of the national grid (RD); its id is its name and city, folded."""

    id = _key()
    name = Text()
    city = Text()
    x = BigInt()
    y = BigInt()


class Interest(Table, tablename="interest", db=bridge):
    """A record in which a resident says what they like to do; what it says stands there."""

    id = _key()
    resident = Text()


class Offer(Table, tablename="offer", db=bridge):
    """The same of a volunteer, with the place of their street; empty when the office does not know it."""

    id = _key()
    person = Text()
    x = _maybe_number()
    y = _maybe_number()


class Match(Table, tablename="match", db=bridge):
    """An offer that fits an interest, and whose it is, which its record tells only after both said yes; `ask` is the task of the volunteer's errand.

    asked_at is when the volunteer was asked, met_at when names crossed; refused is 1 when it ended by their no, or because no answer came.
    """

    id = _key()
    interest = Text()
    offer = Text()
    person = Text()
    ask = Text()
    asked_at = _maybe_number()
    met_at = _maybe_number()
    ended_at = _maybe_number()
    refused = BigInt()


class Link(Table, tablename="link", db=bridge):
    """A link to tasks for a helper without an account; it follows its record. browser is the hash of what the first browser that opened it proves."""

    id = _key()
    token_hash = Text()
    household = Text()
    helper = Text()
    tasks = Text()
    since = Text()
    until = Text()
    revoked = BigInt()
    browser = _maybe()


class LinkAnswer(Table, tablename="link_answer", db=bridge):
    """An answer that came by a link, which was heeded once; what it says stands with the household."""

    id = _key()
    link = _of(Link)
    at = BigInt()


class Reminder(Table, tablename="reminder", db=bridge):
    """A slot of an errand that was run, once, by this process: kind is eve, day, after, no_yes or no_word; its messages lie in `push`."""

    id = _key()
    errand = Text()
    day = Text()
    kind = Text()
    due_at = BigInt()
    by = Text()
    done_at = BigInt()


# How they get in


class Passkey(Table, tablename="passkey", db=bridge):
    """A credential of a person; prf is 1 when it can open a vault, synced when copies of it may be kept elsewhere (unknown of the oldest)."""

    id = _key()
    person = _of(Person)
    credential_id = Text()
    public_key = Bytea()
    sign_count = BigInt()
    prf = BigInt()
    name = Text()
    created_at = BigInt()
    last_used_at = _maybe_number()
    synced = _maybe_number()


class Device(Table, tablename="device", db=bridge):
    """A browser that keeps a person's work: highest_n counts the changes it made, digest is the entitlement it confirmed last.

    persisted is 1 when the browser promised to keep what it holds, 0 when it did not; locked_at is empty once it was opened again; emptied_at is when
    it was found to have kept nothing (sure is 1 when it is the same browser beyond doubt), and instead is the device that came in its place; null
    when it was emptied by its owner, or because it was revoked.
    """

    id = _key()
    person = _of(Person)
    name = Text()
    created_at = BigInt()
    last_seen_at = _maybe_number()
    revoked_at = _maybe_number()
    highest_n = BigInt(default=0)
    digest = Text()
    persisted = _maybe_number()
    locked_at = _maybe_number()
    emptied_at = _maybe_number()
    sure = _maybe_number()
    instead = _maybe()


class Subscription(Table, tablename="subscription", db=bridge):
    """Where messages for a device are brought: the push service's address, the browser's public point and its secret."""

    device = Text(primary_key=True, default="")
    person = _of(Person)
    endpoint = Text()
    point = Text()
    auth = Text()
    created_at = BigInt()


class Push(Table, tablename="push", db=bridge):
    """A message on its way to a device: n is all it says; whoever claimed it has it in hand for a while; a row goes when it was handed over."""

    id = _key()
    device = Text()
    n = BigInt()
    due_at = BigInt()
    ends_at = BigInt()
    tries = BigInt(default=0)
    claimed_at = _maybe_number()
    by = _maybe()


class Calendar(Table, tablename="calendar", db=bridge):
    """A private address at which somebody's own calendar asks for their days, known by its SHA-256."""

    token_hash = Text(primary_key=True, default="")
    person = _of(Person)
    created_at = BigInt()


class Holding(Table, tablename="holding", db=bridge):
    """A pair that was given to a device, and the moment at which the device said it was gone from it."""

    id = _key()
    device = _of(Device)
    subject = Text()
    topic = Text()
    since = BigInt()
    gone_at = _maybe_number()


class Session(Table, tablename="session", db=bridge):
    """Somebody signed in on a device, known by the SHA-256 of the cookie; the office's own pages are open there until `open_until`.

    `verified_at`: when whoever holds the device last showed that it is theirs.
    """

    token_hash = Text(primary_key=True, default="")
    person = _of(Person)
    device = _maybe()
    created_at = BigInt()
    expires_at = BigInt()
    revoked_at = _maybe_number()
    open_until = BigInt(default=0)
    verified_at = BigInt(default=0)


class Invitation(Table, tablename="invitation", db=bridge):
    """A link that lets a person make a passkey, once; `by` is the person who invited, empty for the command line."""

    token_hash = Text(primary_key=True, default="")
    person = _of(Person)
    by = _maybe()
    created_at = BigInt()
    expires_at = BigInt()
    used_at = _maybe_number()


class Vouching(Table, tablename="vouching", db=bridge):
    """An invitation (its token's hash) that waits for a colleague's word: `by` is who gave it, tries counts wrong codes while it was open."""

    invitation = Text(primary_key=True, default="")
    code_hash = Text()
    organisation = Text()
    tries = BigInt()
    by = _maybe()
    at = _maybe_number()


class Guess(Table, tablename="guess", db=bridge):
    """How many wrong codes somebody typed shortly after each other, the last one when."""

    person = Text(primary_key=True, default="")
    tries = BigInt()
    at = BigInt()


class Challenge(Table, tablename="challenge", db=bridge):
    """What a passkey has to sign, once; purpose says for which ceremony."""

    id = _key()
    challenge = Text()
    purpose = Text()
    person = _maybe()
    expires_at = BigInt()
    used_at = _maybe_number()


class Seal(Table, tablename="seal", db=bridge):
    """A key pair of the office's to which phones seal: the private number on P-256, and the secret from which each device's proof is made."""

    id = _key()
    scalar = Bytea()
    secret = Bytea()
    created_at = BigInt()


# What is noted


class Record(Table, tablename="record", db=bridge):
    """A record as merged so far, body in its canonical text; first and seq are the numbers of its first and latest version, the first by author."""

    id = _key()
    kind = Text()
    subject = Text()
    topic = Text()
    version = BigInt()
    first = BigInt()
    seq = BigInt()
    author = Text()
    day = _maybe()
    body = Text()


class Change(Table, tablename="change", db=bridge):
    """Every change ever received, as it came; `is_` says stored, held or refused, with the reason and the version it made.

    seq is the number under which it came into custody, for as long as it is held.
    """

    id = _key()
    record = Text()
    person = Text()
    hat = Text()
    role = Text()
    organisation = Text()
    device = Text()
    n = BigInt()
    stamp = Text()
    body_hash = Text()
    body = Text()
    is_ = Text()
    reason = _maybe()
    version = BigInt(null=True, default=None)
    received_at = BigInt()
    seq = BigInt(null=True, default=None)


class Decision(Table, tablename="decision", db=bridge):
    """What a lead did with a held change, under which hat, and in which words; rows are only ever added, the one with the highest seq counts.

    what is taken (into the file), returned (text is the question) or kept (aside, text is why).
    """

    id = _key()
    change = Text()
    seq = BigInt()
    at = BigInt()
    person = Text()
    hat = Text()
    what = Text()
    text = Text()


class Log(Table, tablename="log", db=bridge):
    """Who saw or changed what, when, in which role and on what ground (NEN 7513); rows are only ever added."""

    id = _key()
    at = BigInt()
    person = _maybe()
    hat = _maybe()
    responsible = _maybe()
    role = _maybe()
    organisation = _maybe()
    device = _maybe()
    action = Text()
    subject = _maybe()
    topic = _maybe()
    kind = _maybe()
    object = _maybe()
    n = BigInt(null=True, default=None)
    ground = _maybe()
    source = _maybe()
    result = _maybe()


# The office itself


class Counter(Table, tablename="counter", db=bridge):
    """Numbers that only rise: `seq` for records, `ready` for the readiness check."""

    name = Text(primary_key=True, default="")
    n = BigInt(default=0)


class Meta(Table, tablename="meta", db=bridge):
    """A few facts about this installation, such as `epoch`: a restored backup gets a new one."""

    name = Text(primary_key=True, default="")
    value = Text()


ALL: "list[type[Table]]" = [
    Organisation, Team, Person, Membership, Departure, Proposal, Household, Resident, Care, Statement, Errand, Street, Interest, Offer, Match, Link,
    LinkAnswer, Reminder, Passkey, Device, Subscription, Push, Calendar, Holding, Session, Invitation, Vouching, Guess, Challenge, Seal, Record,
    Change, Decision, Log, Counter, Meta,
]  # fmt: skip
