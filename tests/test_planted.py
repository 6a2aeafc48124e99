"""Every bug that can be planted still stands where its list says: the code it would change is there, once."""

from tests.planted import ROOT, misfits


def test_every_bug_can_be_planted():
    assert misfits(ROOT) == []
