"""Bugs in the contract's twins, as data for tests/planted.py."""

from __future__ import annotations

from tests.planted_office import Bug

# The end of a consent, up to where a share begins, which has the same.
WITHDRAWN = """"withdrawn": {"type": "flag", "wins": [true]}, "withdrawn_at": {"type": "instant"}, "withdrawn_why": {"type": "text", "max": 2000}
      }
    },
    "share\""""

CONTRACT = [
    Bug(
        "a withdrawal loses to a later clock", "sync/kinds.json",
        WITHDRAWN, WITHDRAWN.replace(', "wins": [true]', ""),
        "tests/test_consents.py::test_a_withdrawal_wins_over_a_yes_that_had_not_seen_it_whatever_the_clocks_say",
    ),
    Bug(
        "what its author had seen still stands, in the office", "sync/merge.py",
        'write["version"] <= reach["seen"]', 'write["version"] < reach["seen"]',
        "tests/test_sync.py::test_what_stands_is_what_the_rule_says_about_the_whole_set",
    ),
    Bug(
        "what its author had seen still stands, on the phone", "sync/merge.js",
        "write.version <= reached.seen", "write.version < reached.seen",
        "tests/phone/sync.test.js",
    ),
    Bug(
        "of two stamps in one millisecond the later is not later, in the office", "sync/clock.py",
        ">= (ms, counter)", "> (ms, counter)",
        "tests/test_sync.py::test_case",
    ),
    Bug(
        "of two stamps in one millisecond the later is not later, on the phone", "sync/clock.js",
        "parts.counter >= counter", "parts.counter > counter",
        "tests/phone/sync.test.js",
    ),
    Bug(
        "a period ends a day early, in the office", "sync/rules.py",
        "pair[2] >= today", "pair[2] > today",
        "tests/test_sync.py::test_case",
    ),
    Bug(
        "a period ends a day early, on the phone", "sync/rules.js",
        "pair[2] >= today", "pair[2] > today",
        "tests/phone/sync.test.js",
    ),
    Bug(
        "the phone orders names by UTF-16", "sync/merge.js",
        ".sort(by_code_point)", ".sort()",
        "tests/test_sync.py::test_both_languages_write_the_same_bytes",
    ),
    Bug(
        "a signature leaves its box", "sync/rules.py",
        "return found if inside else None", "return found",
        "tests/test_sync.py",
    ),
    Bug(
        "what was signed changes under its signature", "pwa/pages/signing.js",
        "text(values, 'signed_words') === wordsOf(env, home, values)", "true",
        "tests/phone/signing.test.js",
    ),
    Bug(
        "a signal may name somebody by telephone number", "sync/rules.py",
        '"phone": bool(PHONE.search(text))', '"phone": False',
        "tests/test_sync.py::test_case",
    ),
]
