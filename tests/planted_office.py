"""Bugs that the tests of the office and of the contract must catch, as data for tests/planted.py."""

from __future__ import annotations

from typing import NamedTuple


class Bug(NamedTuple):
    """In `file`, `old` (which stands there once) becomes `new`; `by`: the tests that catch it, after `postgresql` or `simulate SEED COUNT`."""

    name: str
    file: str
    old: str
    new: str
    by: str


OFFICE = [
    # Who may hold what
    Bug(
        "an objection closes nothing", "server/access.py",
        "if any(not one.yes for one in mine):", "if False:",
        "tests/test_consents.py::test_a_no_closes_what_the_care_relation_opens",
    ),
    Bug(
        "a withdrawal is forgotten in one query", "server/statements.py",
        "WHERE withdrawn = 0 AND {db.among('whom', 1)}", "WHERE {db.among('whom', 1)}",
        "tests/test_consents.py::test_a_withdrawal_holds_from_the_next_request_on",
    ),
    Bug(
        "a care relation has no end", "server/access.py",
        "WHERE c.team = $1 AND c.since <= $2 AND (c.until IS NULL OR c.until >= $2)", "WHERE c.team = $1 AND c.since <= $2",
        "tests/test_access.py::test_a_care_relation_opens_on_its_first_day_and_closes_after_its_last",
    ),
    Bug(
        "who left keeps a hat", "server/access.py",
        "WHERE m.person = $1 AND p.left_at IS NULL AND", "WHERE m.person = $1 AND",
        "tests/test_access.py::test_somebody_who_left_holds_nothing",
    ),
    Bug(
        "a volunteer counts as a professional", "server/access.py",
        'PROFESSIONALS = ("nurse", ', 'PROFESSIONALS = ("volunteer", "nurse", ',
        "tests/test_exchange_access.py::test_a_volunteer_gets_their_team_and_nothing_of_a_household",
    ),
    Bug(
        "a nurse reads about money by her role", "server/access.py",
        '"nurse": ("practical",', '"nurse": ("money", "practical",',
        "tests/test_access.py::test_money_and_safety_are_opened_by_no_role",
    ),
    Bug(
        "a lead gets what is about safety", "server/access.py",
        'if key[1] != "safety" and key not in closed:', "if key not in closed:",
        "tests/test_consents.py::test_a_lead_holds_what_a_member_was_opened_by_name_but_not_what_was_closed_to_the_lead",
    ),
    Bug(
        "the end of a consent is not told", "server/access.py",
        "Opened(_earlier(hat.until, one.until), hat, one.ground, one.after)", "Opened(hat.until, hat, one.ground, one.after)",
        "tests/test_entitled.py::test_every_case_of_the_contract_holds_in_the_office",
    ),
    Bug(
        "an organisation's word counts as much as a person's", "server/access.py",
        "if one.rank == strongest]", "]",
        "tests/test_consents.py::test_the_more_specific_word_wins_and_at_equal_specificity_the_no",
    ),
    Bug(
        "days are those of Greenwich", "server/access.py",
        ".astimezone(ZoneInfo(settings.timezone))", "",
        "tests/test_access.py::test_days_are_those_of_amsterdam",
    ),
    Bug(
        "a record found by its id is given to whoever holds the pair, also from before their consent", "server/records.py",
        "if access.opens(opened, (subject, topic), first) or", "if (subject, topic) in opened or",
        "tests/test_holdings.py::test_who_sees_only_what_comes_later_does_not_see_an_earlier_receipt",
    ),
    Bug(
        "a withdrawal reaches the record but not the table that opens", "server/consents.py",
        "DO UPDATE SET withdrawn = excluded.withdrawn", "DO NOTHING",
        "tests/test_consents.py::test_a_withdrawal_holds_from_the_next_request_on",
    ),
    Bug(
        "what a resident said of help opens", "server/consents.py",
        'fields["about"]', '"secrecy"',
        "tests/test_consents.py::test_agreement_with_help_and_consent_as_a_ground_open_nothing",
    ),
    # The one door for writes
    Bug(
        "a change handed in twice is stored twice", "server/changes.py",
        'if change["id"] in batch.known and not (batch.author and batch.known[change["id"]][3] == "held"):', "if False:",
        "tests/test_changes.py::test_the_same_delivery_twice_is_once",
    ),
    Bug(
        "the same id with other words counts as known", "server/changes.py",
        "if digest != known_digest or person != batch.writer.person:", "if person != batch.writer.person:",
        "tests/test_changes.py::test_the_same_id_with_another_body_is_refused",
    ),
    Bug(
        "somebody else's delivery is told to me", "server/changes.py",
        "if digest != known_digest or person != batch.writer.person:", "if digest != known_digest:",
        "tests/test_changes.py::test_somebody_elses_delivery_is_not_known_to_me",
    ),
    Bug(
        "nobody asks whether a role may write this", "server/changes.py",
        'hat.role not in WRITERS[change["kind"]]:', "False:",
        "tests/test_changes.py::test_a_role_that_may_not_write_this_is_held",
    ),
    Bug(
        "whoever writes names the hat they like", "server/changes.py",
        'WHERE id = $1 AND person = $2", change["by"], batch.me.person', 'WHERE id = $1", change["by"]',
        "tests/test_changes.py::test_somebody_elses_hat_is_refused",
    ),
    Bug(
        "a revoked device's work is stored", "server/changes.py",
        "    if batch.custody:", "    if False:",
        "tests/test_changes.py::test_in_custody_everything_is_held_with_its_reason",
    ),
    Bug(
        "the phone's clock is trusted", "server/changes.py",
        'bounded = not clock.acceptable(change["stamp"], batch.now)', "bounded = False",
        "tests/test_changes.py::test_a_clock_that_runs_ahead_counts_as_five_minutes_ahead",
    ),
    Bug(
        "a signed text is written again", "server/changes.py",
        '"signed", signed) if signed else None', '"signed", signed) if False else None',
        "tests/test_changes.py::test_a_signed_text_is_not_written_again",
    ),
    Bug(
        "a record from before a consent is written by who may not see it", "server/changes.py",
        "return access.opens(batch.opened, pair, kept.first)", "return pair in batch.opened",
        "tests/test_consents.py",
    ),
    Bug(
        "a record is moved to another household", "server/changes.py",
        'for name in ("kind", "subject", "topic") if kept', 'for name in ("kind", "topic") if kept',
        "tests/test_changes.py::test_a_change_to_another_record_of_the_same_id_is_refused",
    ),
    Bug(
        "what was held is not logged", "server/changes.py",
        "    _log(batch, change, decides, result)\n    return result\n\n\n",
        '    if result.is_ != "held":\n        _log(batch, change, decides, result)\n    return result\n\n\n',
        "tests/test_audit.py::test_every_change_has_a_row_whatever_became_of_it",
    ),
    Bug(
        "another body under a known id goes unlogged", "server/changes.py",
        'if result.is_ == "refused":', "if False:",
        "tests/test_hostile.py::test_nothing_comes_out_of_a_revoked_phone_whatever_it_sends",
    ),
    Bug(
        "what somebody typed gets into the log", "server/changes.py",
        '"object": _plain(change.get("record"), NAME)', '"object": str(change.get("record"))',
        "tests/test_audit.py::test_nothing_that_was_written_gets_into_the_log",
    ),
    Bug(
        "two records share a number", "server/changes.py",
        "[_row(kept, batch.numbers + i)", "[_row(kept, batch.numbers)",
        "tests/test_changes.py::test_every_number_is_given_once_and_in_order",
    ),
    # Pulls and the exchange
    Bug(
        "the cursor steps over one at the end of a page", "server/exchange.py",
        "upto = rows[-1][3] if full", "upto = rows[-1][3] + 1 if full",
        "tests/test_exchange.py::test_more_than_a_page_comes_in_pages_and_skips_nothing",
    ),
    Bug(
        "a cursor of another database is taken for ours", "server/pulls.py",
        "return Place(int(cursor), None) if int(cursor) <= newest else Place(0, newest)", "return Place(int(cursor), None)",
        "tests/test_exchange.py::test_a_cursor_that_is_not_ours_skips_nothing",
    ),
    Bug(
        "what came in during a first pull is forgotten", "server/exchange.py",
        "gives.more = full or upto < newest", "gives.more = full",
        "tests/test_exchange.py::test_a_first_pull_comes_in_pages_and_says_when_it_is_done",
    ),
    Bug(
        "a pull gives what is older than its consent", "server/pulls.py",
        "access.opens(opened, (row[1], row[2]), row[5])", "(row[1], row[2]) in opened",
        "tests/test_consents.py",
    ),
    Bug(
        "a pull leaves out what I wrote elsewhere where nothing is open any more", "server/pulls.py",
        "if row[4] == me.person or access", "if access",
        "tests/test_exchange_access.py",
    ),
    Bug(
        "a first pull leaves out what I wrote where nothing is open any more", "server/pulls.py",
        "if pair not in opened or opened[pair].after]", "if False]",
        "tests/test_exchange_access.py::test_after_the_care_relation_ended_only_what_i_wrote_still_comes",
    ),
    Bug(
        "a first pull begins today instead of yesterday", "server/pulls.py",
        "rules.day_add(access.day_of(at), -1)", "access.day_of(at)",
        "tests/test_exchange.py::test_a_first_pull_brings_what_today_needs_and_no_history",
    ),
    Bug(
        "history gives what is older than its consent", "server/history.py",
        "wanted = [[*pair, opened[pair].after]", "wanted = [[*pair, 0]",
        "tests/test_consents.py::test_what_was_written_before_comes_along_only_when_that_was_said",
    ),
    Bug(
        "what a phone was not given yet stays away with its own change", "server/exchange.py",
        " and kept.number <= place.after", "",
        "tests/test_exchange.py::test_what_lies_under_my_change_comes_along_when_i_was_not_given_it_yet",
    ),
    Bug(
        "a hat that came and went is not told", "server/exchange.py",
        "return _digest(pairs, tuple(hats)), pairs", "return _digest(pairs, ()), pairs",
        "tests/test_exchange_access.py::test_a_hat_that_came_and_went_between_two_exchanges_is_told_though_nothing_else_changed",
    ),
    Bug(
        "the digest ignores until", "server/exchange.py",
        "return _digest(pairs, tuple(hats)), pairs", "return _digest(tuple((*pair[:2], None, *pair[3:]) for pair in pairs), tuple(hats)), pairs",
        "tests/test_exchange_access.py::test_the_whole_entitlement_comes_once_and_again_when_it_changed",
    ),
    Bug(
        "a restored office goes on where it was", "server/exchange.py",
        "asks.cursor if asks.epoch == gives.epoch else None", "asks.cursor",
        "tests/test_exchange.py::test_another_life_of_the_office_begins_anew",
    ),
    Bug(
        "a request may be of any size", "server/exchange.py",
        "if len(getattr(asks, name)) > most:", "if False:",
        "tests/test_exchange.py::test_more_than_five_hundred_at_once_is_too_many",
    ),
    Bug(
        "one device speaks for another", "server/exchange.py",
        "if asks.device != me.device:", "if False:",
        "tests/test_exchange.py::test_a_question_that_is_none_names_the_field",
    ),
    Bug(
        "a revoked device that is locked writes into the file", "server/outbox.py",
        "custody=exchange.CUSTODY if revoked_at else None", "custody=None",
        "tests/test_outbox.py::test_what_a_revoked_device_hands_in_is_held_and_it_hears_that_it_was_revoked",
    ),
    Bug(
        "a revoked device is served", "server/exchange.py",
        "if session.device_revoked:", "if False:",
        "tests/test_exchange_access.py::test_a_revoked_device_hands_in_gets_nothing_and_hears_that_it_was_revoked",
    ),
    Bug(
        "what is given is not logged", "server/exchange.py",
        "if gives.given or gives.confirms", "if gives.confirms",
        "tests/test_exchange_access.py::test_every_pair_that_is_given_is_logged_with_how_much_and_why",
    ),
    # Receipts and news
    Bug(
        "what a sync gave is not on the list of what a device holds", "server/exchange.py",
        "await holdings.given(tx, me.device, gives.given, at, knows", "await holdings.given(tx, me.device, [], at, knows",
        "tests/test_holdings.py",
    ),
    Bug(
        "what was confirmed before stands for what was given since", "server/holdings.py",
        "    if not knows:", "    if False:",
        "tests/test_holdings.py::test_what_is_withdrawn_before_its_phone_asked_a_second_time_is_gone_when_the_phone_says_so",
    ),
    Bug(
        "history is noted down after it was given", "server/history.py",
        "        if rows:\n            await db.write(lambda tx, rows=rows, part=part, at=at: _note(tx, me, part, rows, at))  # type: ignore[misc]\n"
        '        yield b"".join(_line(part, pair, i) for pair in part.pairs for i in range(_blobs(part, pair)))\n',
        '        yield b"".join(_line(part, pair, i) for pair in part.pairs for i in range(_blobs(part, pair)))\n'
        "        if rows:\n            await db.write(lambda tx, rows=rows, part=part, at=at: _note(tx, me, part, rows, at))  # type: ignore[misc]\n",
        "tests/test_office_crashes.py",
    ),
    Bug(
        "a phone that confirms is said to hold nothing at all", "server/holdings.py",
        "for key, subject, topic in held if (subject, topic) not in opened]", "for key, subject, topic in held]",
        "tests/test_holdings.py",
    ),
    Bug(
        "what is there but not yours says so", "server/revocations.py",
        'raise bodies.refused(404, "not_found")', 'raise bodies.refused(403, "not_found")',
        "tests/test_devices.py::test_nobody_revokes_a_strangers_device",
    ),
    Bug(
        "the news channel goes by what was open when it began", "server/news.py",
        "listener.pairs = known", "pass",
        "tests/test_news.py::test_when_it_is_quiet_the_line_is_kept_open_and_new_pairs_count",
    ),
    Bug(
        "the news channel goes on after the session", "server/news.py",
        "if await sessions.alive(tx, me, sessions.now()) else None", "if True else None",
        "tests/test_news.py::test_the_stream_ends_when_the_session_does",
    ),
    Bug(
        "what a phone sent itself is news to it", "server/news.py",
        "return device != listener.me.device and (", "return (",
        "tests/test_news.py::test_what_a_phone_sent_itself_is_no_news_to_it",
    ),
    Bug(
        "everybody hears that there is something", "server/news.py",
        "any(_concerns(one, listener) for one in fresh)", "fresh",
        "tests/test_news.py::test_what_is_not_for_me_is_not_heard",
    ),
    Bug(
        "the stream of a revoked device goes on until its next turn", "server/revocations.py",
        "    news.end(device)\n", "",
        "tests/test_news.py::test_the_stream_of_a_revoked_device_ends_at_once",
    ),
]
