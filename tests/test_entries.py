"""Entries: how an arrival is told in a line."""

from __future__ import annotations

import pytest

from server import entries


@pytest.mark.parametrize(
    ("text", "headline", "left"),
    [
        ("Kort.", "Kort.", ""),
        ("Zonder punt", "Zonder punt", ""),
        ("Eerste zin. Tweede zin.", "Eerste zin.", "Tweede zin."),
        ("Eerste regel\nTweede regel", "Eerste regel", "Tweede regel"),
        ("a" * 120, "a" * 90 + " …", "… " + "a" * 30),
        ("woord " * 20, "woord " * 14 + "woord …", "… " + ("woord " * 5).strip()),
    ],
)
def test_a_headline_is_the_first_sentence_or_what_fits(text, headline, left):
    assert entries.split(text) == (headline, left)
