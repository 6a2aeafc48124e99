"""A phone tells who reads what is written as the reference does, in any world that chance makes; who reads it in the shared cases it tells itself."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import model, worlds

NODE = shutil.which("node")
SCRIPT = Path(__file__).parent / "phone" / "readers.js"
WORLDS = int(os.environ.get("NAOBER_WORLDS", "300"))
SEED = int(os.environ.get("NAOBER_SEED", "20261122"))


def held(world: dict[str, Any], person: str, day: str) -> list[tuple[Any, ...]]:
    """What this person's phone is given: each pair, and whether it is open by the care relation or by a resident's word."""
    hats = [hat for hat in model.worn(world, day) if hat.person == person]
    led = {hat.team for hat in hats if hat.role == "lead" and model.led_as(world, hat)}
    care = {way for hat in model.worn(world, day) if hat in hats or hat.team in led for way in model.cared_for(world, hat, day)}
    return [(*way, "care" if way in care else "consent") for way in sorted(model.entitled(world, person, day), key=str)]


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_phone_and_model_agree_in_any_world():
    print(f"NAOBER_SEED={SEED}")  # noqa: T201 - shown when it fails
    dice = random.Random(SEED)
    lines = []
    for _ in range(WORLDS):
        world, day = worlds.random_world(dice), dice.choice(worlds.DAYS)
        lines.append(json.dumps({"world": world, "day": day, "holds": {person: held(world, person, day) for person in worlds.PEOPLE}}))
    made = subprocess.run([NODE, SCRIPT], input="\n".join(lines), capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["wrong"][:3] == []
    assert told["exact"] > 150 * WORLDS, told
    assert told["lines"] > 0, told
