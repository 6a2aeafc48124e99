"""Searches the memory of a browser's processes for keys and for words; by itself it has one used, locked and closed first."""

from __future__ import annotations

import array
import errno
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.browser.workday import LETTERS, STEM

PROC = Path("/proc")
PAGE = 4096
PRESENT = 0b11 << 62  # of a page's entry in pagemap: in memory, or swapped out
KERNELS = (["[vvar]"], ["[vvar_vclock]"], ["[vsyscall]"])
CHARSETS = {"utf-8": 1, "latin-1": 1, "utf-16-le": 2}


class Process(NamedTuple):
    """One of a browser's processes: its number, and what it is for."""

    pid: int
    what: str


def processes(first: int) -> list[Process]:
    """The first process of a browser, and everything that it started."""
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (said := _read(entry / "stat")):
            parents[int(entry.name)] = int(said.rpartition(b")")[2].split()[1])
    found = {first}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return [Process(pid, what) for pid in sorted(found) if (what := _what(pid))]


def _what(pid: int) -> str:
    command = _read(PROC / str(pid) / "cmdline").replace(b"\0", b" ").decode(errors="replace")
    kind = re.search(r"--utility-sub-type=\w+\.mojom\.(\w+)", command) or re.search(r"--type=(\S+)", command)
    return kind[1] if kind else "browser" if command else ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return b""


def pieces(pid: int) -> Iterator[bytes]:
    """What a process has in memory, in pieces that are whole; what it only reads out of a file is left out."""
    folder = PROC / str(pid)
    with suppress(FileNotFoundError, ProcessLookupError), (folder / "mem").open("rb", 0) as memory, (folder / "pagemap").open("rb", 0) as pages:
        for line in _read(folder / "maps").decode().splitlines():
            span, rights, _, _, inode, *name = line.split()
            start, end = (int(one, 16) for one in span.split("-"))
            if rights[0] == "r" and (rights[1] == "w" or inode == "0") and name not in KERNELS:
                pages.seek(start // PAGE * 8)
                for run in _runs(array.array("Q", pages.read((end - start) // PAGE * 8))):
                    yield _at(memory, start + run.start * PAGE, len(run) * PAGE)


def _at(memory: FileIO, start: int, size: int) -> bytes:
    try:
        memory.seek(start)
        return memory.read(size)
    except OSError as error:  # it was given back meanwhile
        if error.errno != errno.EIO:
            raise
        return b""


def _runs(entries: array.array[int]) -> Iterator[range]:
    """The pages that are there, those side by side together."""
    start = None
    for n, entry in enumerate([*entries, 0]):
        if entry & PRESENT:
            start = n if start is None else start
        elif start is not None:
            yield range(start, n)
            start = None


def found(pid: int, keys: Mapping[str, bytes], typed: Collection[str]) -> Counter[str]:
    """How often which of the keys lies there ("key …"), half of one ("half …"), and words by how they are written ("read utf-8", "typed …")."""
    counts: Counter[str] = Counter()
    for piece in pieces(pid):
        for name, key in keys.items():
            whole, half = piece.count(key), len(key) // 2
            counts[f"key {name}"] += whole
            # An allocator writes over the beginning of what is let go: the rest of a key may stay.
            counts[f"half {name}"] += piece.count(key[:half]) + piece.count(key[half:]) - 2 * whole
        for charset in CHARSETS:
            for end in _words(charset).findall(piece):
                counts[f"{'typed' if STEM + end.decode(charset) in typed else 'read'} {charset}"] += 1
    return +counts


@cache
def _words(charset: str) -> re.Pattern[bytes]:
    """A word of a working day in one way of writing; its group is what follows the stem."""
    letter = b"[" + LETTERS.encode() + b"]" + b"\\x00" * (CHARSETS[charset] - 1)
    return re.compile(re.escape(STEM.encode(charset)) + b"((?:" + letter + b"){4})")


def main() -> int:
    """The day in a browser, and what lies in its memory at each moment of it."""
    return int(pytest.main(["-q", "-s", "-o", "faulthandler_timeout=900", "tests/browser/test_memory.py"]))


if __name__ == "__main__":
    raise SystemExit(main())
