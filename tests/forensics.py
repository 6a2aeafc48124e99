"""Searches a browser's profile for words, in every way in which a browser may have written them down; by itself it has one used for a day first."""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from tests.unpacked import unpacked

DAYS = {"chromium": "tests/browser/test_forensics.py", "firefox": "tests/browser/firefox.py"}


class Hit(NamedTuple):
    """Where a word lay, and how it was written."""

    file: str
    form: str
    word: str


def search(folder: Path, words: Iterable[str | bytes]) -> set[Hit]:
    """Every file in which one of these words (or bytes, such as a key) lies in some form."""
    needles = [(form, needle, word) for word in words for form, needle in forms(word).items()]
    found = set()
    for path in (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        whole = b"\0".join(unpacked(path))
        found |= {Hit(str(path.relative_to(folder)), form, _shown(word)) for form, needle, word in needles if needle in whole}
    return found


@cache
def forms(word: str | bytes) -> dict[str, bytes]:
    """How a word may be written -> the bytes to look for, each way once; of base64 the part that no neighbour changes."""
    if isinstance(word, bytes):
        made = {"raw": word, **_spelled(word)}
    else:
        made = {f"{charset} {name}": text.encode(charset) for charset in ("utf-8", "utf-16-le") for name, text in _texts(word)}
        # Firefox moves every letter of a key in IndexedDB up by one.
        made["firefox key"] = b"".join(bytes([ord(one) + 1]) if ord(one) < 0x7F else (0x8000 + ord(one) - 0x7F).to_bytes(2, "big") for one in word)
        for charset in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
            made[f"{charset} text"] = plain = word.encode(charset, "replace")
            made |= {f"{name} of {charset}": text for name, text in _spelled(plain).items()}
    different = {needle: name for name, needle in reversed(made.items())}
    return {name: needle for needle, name in different.items()}


def _texts(word: str) -> Iterator[tuple[str, str]]:
    """The ways in which text is escaped inside text."""
    escaped = json.dumps(word)[1:-1]
    yield "text", word
    yield "decomposed", unicodedata.normalize("NFD", word)
    yield "url", quote(word)
    yield "url small", quote(word).lower()
    yield "json", escaped
    yield "json capital", re.sub(r"(?<=\\u)\w{4}", lambda code: code[0].upper(), escaped)
    yield "html", html.escape(word).encode("ascii", "xmlcharrefreplace").decode()


def _spelled(plain: bytes) -> dict[str, bytes]:
    """Bytes in letters, those in one byte or two: hex, and base64 wherever in a longer text they begin."""
    made = {"hex": plain.hex(), "hex capital": plain.hex().upper()}
    for before in range(3):
        code = base64.b64encode(bytes(before) + plain).decode()
        # The first letters depend on what stands before, the last one on what follows.
        core = code[(0, 2, 3)[before] : -code.count("=") - 1 if code.endswith("=") else None]
        made |= {f"base64 +{before}": core, f"base64url +{before}": core.replace("+", "-").replace("/", "_")}
    return {f"{wide}{name}": text.encode(charset) for wide, charset in (("", "ascii"), ("wide ", "utf-16-le")) for name, text in made.items()}


def _shown(word: str | bytes) -> str:
    return word if isinstance(word, str) else f"{len(word)} bytes"


def main() -> int:
    """The day in one browser, and the search after it."""
    parser = argparse.ArgumentParser(prog="python -m tests.forensics", description="Looks for what a working day leaves on the disk.")
    parser.add_argument("--browser", choices=sorted(DAYS), default="chromium")
    asked = parser.parse_args()
    if asked.browser == "firefox" and not shutil.which("firefox-esr"):
        sys.stderr.write("Firefox ESR is missing: apt-get install -y --no-install-recommends firefox-esr\n")
        return 2
    return int(pytest.main(["-q", "-s", "-o", "faulthandler_timeout=900", DAYS[asked.browser]]))


if __name__ == "__main__":
    raise SystemExit(main())
