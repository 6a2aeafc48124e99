"""Bugs about tasks in volunteers' hands that the tests must catch, as data for tests/planted.py."""

from tests.planted_office import Bug

HELPERS = [
    Bug(
        "the address comes without a yes", "server/errands.py",
        "not (self.accepted and self.promised)", "not self.promised",
        "tests/test_tasks.py::test_without_a_yes_there_is_no_address",
    ),
    Bug(
        "the address comes without a promise", "server/errands.py",
        "not (self.accepted and self.promised)", "not self.accepted",
        "tests/test_promises.py",
    ),
    Bug(
        "the address stays a day too long", "server/errands.py",
        "for step in (1, 0, -1))", "for step in (1, 0, -1, -2))",
        "tests/test_tasks.py::test_the_address_comes_the_day_before_and_goes_after_the_day_after",
    ),
    Bug(
        "who refused keeps the task", "server/errands.py",
        '"m.person = $1 AND e.closed = 0"', '"m.person = $1"',
        "tests/test_tasks.py::test_yes_and_no_stand_with_the_household",
    ),
    Bug(
        "a volunteer comes where a resident wants them kept out", "server/access.py",
        " or (one.resident or one.household) in shut:", ":",
        "tests/test_tasks.py::test_an_objection_of_the_resident_keeps_a_volunteer_out",
    ),
    Bug(
        "the surname goes along", "server/addresses.py",
        'return str(fields.get("given") or name.partition(" ")[0])', "return name",
        "tests/test_tasks.py::test_no_field_reaches_a_volunteer_but_those_of_this_list",
    ),
    Bug(
        "an answer to a worry is told without the resident's yes", "server/tasks.py",
        'if fields.get("agreed") is True else None', "",
        "tests/test_tasks.py::test_a_worry_reaches_the_lead_and_the_answer_comes_back",
    ),
    Bug(
        "given to somebody else it stays with the first", "server/tasks.py",
        '"UPDATE errand SET closed = 1 WHERE task = $1 AND hat <> $2 AND closed = 0"',
        '"UPDATE errand SET closed = 0 WHERE task = $1 AND hat <> $2 AND closed = 0"',
        "tests/test_tasks.py::test_given_to_somebody_else_it_leaves_the_first_phone",
    ),
    Bug(
        "what a volunteer did stands nowhere", "server/tasks.py",
        'if fields["answer"] in COMPLETIONS:', 'if fields["answer"] == "finished":',
        "simulate 45 5",
    ),
    Bug(
        "whoever finds a link reads it", "server/links.py",
        "if link.browser and link.browser != mine:", "if False:",
        "tests/test_links.py::test_the_first_browser_has_the_link_and_another_hears_to_ask_for_a_new_one",
    ),
    Bug(
        "a link that was withdrawn goes on telling", "server/links.py",
        "return not self.revoked and day <= self.until", "return day <= self.until",
        "tests/test_links.py::test_withdrawn_before_it_was_opened_it_tells_nobody_anything",
    ),
    Bug(
        "an answer that came twice counts twice", "server/link_answers.py",
        "link.id, now) == 1:", "link.id, now) >= 0:",
        "tests/test_links.py::test_the_same_answer_twice_is_one_and_an_old_yes_does_not_come_back",
    ),
    Bug(
        "who said no goes along to another system", "server/network.py",
        'fields.get("agreed") == "yes" and', "",
        "tests/test_network.py::test_who_did_not_agree_or_is_gone_stays_out",
    ),
    Bug(
        "a locked phone hands the network over", "server/network.py",
        "me, at = await openings.need(request)", "me, at = await sessions.need(request)",
        "tests/test_network.py::test_a_locked_phone_hands_nothing_over",
    ),
    Bug(
        "a stranger learns whose hands a task was in", "server/hands.py",
        "task = (await records.find(tx, me, opened, [record])).get(record)",
        'task = {"kind": "task", "subject": "", "topic": "", "id": record, "version": 1}',
        "tests/test_hands.py::test_who_may_not_read_the_task_finds_nothing_and_what_was_shown_is_in_the_log",
    ),
    Bug(
        "a share that nobody told of is shown to whom it is about", "pwa/pages/involved.js",
        "one.fields.told === 'yes'", "true",
        "tests/phone/involved.test.js",
    ),
    Bug(
        "a line that went to the network still counts as care", "server/carriers.py",
        'return str(fields.get("carrier") or', 'return str("" or',
        "tests/test_carriers.py",
    ),
    Bug(
        "a worry waits behind what is unread", "server/arrivals.py",
        "return 0 if self.worrying else len(URGENT) + 2", "return len(URGENT) + 2",
        "tests/test_worries.py::test_a_volunteers_worry_comes_before_everything_unread",
    ),
    Bug(
        "an answer from the desk is told without the resident's yes", "server/worries.py",
        "if step.text and step.agreed else {}", "if step.text else {}",
        "tests/test_worries.py::test_an_answer_reaches_who_worried_only_when_the_resident_agreed",
    ),
    Bug(
        "a lead of volunteers reads which task it is", "server/roster.py",
        'speaker.say("roster.errand")', "one.task",
        "tests/test_roster.py::test_a_lead_of_volunteers_sees_that_there_is_a_task_and_nothing_of_it",
    ),
    Bug(
        "a lead notes the certificate of somebody else's volunteer", "server/people.py",
        """wanted = f"{db.among('team', 1)} AND person = $2""", """wanted = f"(1 = 1 OR {db.among('team', 1)}) AND person = $2""",
        "tests/test_people.py::test_nobody_but_their_own_lead_notes_a_volunteers_certificate",
    ),
    # What a lead says of what somebody wrote
    Bug(
        "who may not read it any more is asked all the same", "server/remarks.py",
        "(asked is None or _pair(part) not in asked.reads)", "asked is None",
        "tests/test_remarks.py::test_who_cannot_read_it_any_more_is_not_asked_and_a_colleague_is_offered",
    ),
    Bug(
        "of a visit the part that most people read is asked about", "server/remarks.py",
        "return min(one.all, key=lambda part: PRIVATE", "return max(one.all, key=lambda part: PRIVATE",
        "tests/test_remarks.py::test_of_a_visit_the_most_private_part_is_meant_unless_the_lead_says_otherwise",
    ),
    Bug(
        "an answer is gone once its question is settled", "server/arrivals.py",
        "kind IN ('remark', 'response') AND id > $2 ORDER BY first", "kind IN ('remark', 'response') AND id > $2 ORDER BY seq",
        "tests/test_remarks.py::test_the_answer_comes_back_high_in_the_list_and_can_be_settled",
    ),
    Bug(
        "a question about safety stands on an open phone", "pwa/pages/veil.js",
        "const SAID = ['note', 'remark', 'response'];", "const SAID = ['note'];",
        "tests/phone/remarks.test.js",
    ),
    Bug(
        "a volunteer's yes alone lets names cross", "server/seekers.py",
        'return self.wanted is True and self.says == "yes"', 'return self.says == "yes"',
        "tests/test_matches.py::test_in_any_order_names_cross_only_while_both_say_yes",
    ),
    Bug(
        "the volunteer is asked before the resident", "server/matches.py",
        "if not match.wanted:", "if match.wanted is False:",
        "tests/test_matches.py::test_before_both_yes_nothing_of_either_is_in_any_answer_of_the_other",
    ),
    Bug(
        "a match tells whose offer it is", "server/matches.py",
        'told = {"interest": seeker.interest,', 'told = {"volunteer": person, "interest": seeker.interest,',
        "tests/test_matches.py::test_before_both_yes_nothing_of_either_is_in_any_answer_of_the_other",
    ),
    Bug(
        "who said no is proposed again", "server/seekers.py",
        " OR m.refused = 1)", ")",
        "tests/test_matches.py::test_a_volunteer_s_no_proposes_the_next_and_tells_nobody_who_said_it",
    ),
    Bug(
        "somebody is looked for without the resident's word", "server/seekers.py",
        'willing = fields.get("agreed") == "yes"', 'willing = fields.get("agreed") != "no"',
        "tests/test_seekers.py::test_nobody_is_looked_for_without_the_resident_s_word",
    ),
    Bug(
        "a distance points at a door", "server/reckoning.py",
        "return Fit(likes, days, rounded(metres))", "return Fit(likes, days, int(metres))",
        "tests/test_reckoning.py::test_fit",
    ),
]
