"""The search of a process's memory finds what lies there, in its children too, and no more once it is gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.browser.workday import canary
from tests.memory import CHARSETS, found, processes

KEY = bytes(range(60, 92))
READ, TYPED = canary(41), canary(42)
# What is held comes in as digits from the last to the first, and is put right where it is held: on its way it is not found.
HOLDS = """
import sys
line = sys.stdin.readline().strip()
held = bytearray(len(line) // 2)
for at in range(len(held)):
    held[-1 - at] = int(line[2 * at + 1] + line[2 * at], 16)
print('held', flush=True)
sys.stdin.readline()
held[:] = bytes(len(held))
print('gone', flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    """A shell whose child holds bytes until a line comes."""
    command = ["sh", "-c", '"$@"; true', "sh", sys.executable, "-c", HOLDS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        yield shell
        shell.stdin.close()


def tell(holder, line):
    holder.stdin.write(f"{line}\n")
    holder.stdin.flush()
    return holder.stdout.readline().strip()


@pytest.mark.parametrize(("held", "name"), [
    (KEY, "key root"), (KEY[:16] + bytes(16), "half root"), (bytes(16) + KEY[16:], "half root"),
    *((word.encode(charset), f"{how} {charset}") for how, word in (("read", READ), ("typed", TYPED)) for charset in CHARSETS),
], ids=lambda one: one if isinstance(one, str) else "")  # fmt: skip
def test_what_a_process_holds_is_found_until_it_is_gone(holder, held, name):
    def look():
        counts = [found(one.pid, {"root": KEY}, [TYPED]) for one in processes(holder.pid)]
        return set().union(*counts)

    assert tell(holder, held.hex()[::-1]) == "held"
    assert len(processes(holder.pid)) == 2
    assert look() == {name}
    assert tell(holder, "") == "gone"
    assert look() == set()


def test_a_process_that_ended_holds_nothing(holder):
    [_, child] = processes(holder.pid) if tell(holder, "00") else []
    tell(holder, "")
    tell(holder, "")
    holder.wait()
    assert found(child.pid, {"root": KEY}, []) == {}
    assert processes(holder.pid) == []
