"""Freezes a version of the phone, without its pages, for tests of later ones: `python -m tests.versions <commit>` adds it to the fixtures, packed."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

from server import bundle

FROZEN = Path(__file__).parent / "fixtures" / "versions"
ENTRY = "pwa/frozen.js"


def freeze(commit: str) -> Path:
    """One script that leaves makePhone on the global object, under the moment of its commit."""
    said = subprocess.run(["git", "show", "-s", "--date=format:%Y-%m-%d-%H%M", "--format=%cd", commit], check=True, capture_output=True, text=True)

    def read(path: str) -> str:
        if path == ENTRY:
            return "import { makePhone } from './phone.js';\nglobalThis.makePhone = makePhone;\n"
        return subprocess.run(["git", "show", f"{commit}:{path}"], check=True, capture_output=True, text=True).stdout

    frozen = FROZEN / f"{said.stdout.strip()}.js.gz"
    frozen.parent.mkdir(exist_ok=True)
    frozen.write_bytes(gzip.compress(bundle.bundle(ENTRY, read).encode(), mtime=0))
    return frozen


if __name__ == "__main__":
    for one in sys.argv[1:]:
        print(freeze(one))  # noqa: T201
