"""Phones of earlier versions, as they were frozen, against this office: nothing is lost, leaked or purged with them either."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.test_simulate import first_wrong
from tests.versions import FROZEN

LAST = 2
HISTORIES = int(os.environ.get("NAOBER_OLD_PHONES", "5"))
NAMES = sorted(one.name.removesuffix(".js.gz") for one in FROZEN.iterdir())[-LAST:]

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="phones need Node")


@pytest.mark.parametrize("name", NAMES)
async def test_an_earlier_phone_gets_on_with_this_office(office, monkeypatch, name):
    monkeypatch.setenv("NAOBER_PHONE", name)
    seed, kind, trace = await first_wrong(range(1, HISTORIES + 1))
    assert not kind, f"NAOBER_PHONE={name} python -m tests.simulate --histories 1 --seed {seed}\n{trace}"
