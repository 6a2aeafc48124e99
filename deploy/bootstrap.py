"""Makes `.venv/` from the locked requirements with nothing but Python's own library; a second start finds the stamp and does nothing."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "deploy" / "requirements.txt"
STAMP = VENV / "naober.stamp"
OLDEST = (3, 11)


def main() -> int:
    """Bring the environment up to date, then become the command that was asked for: 0, or 2 with what to do."""
    if sys.version_info < OLDEST:
        return stop(f"Naober needs Python 3.11 or later, this is {sys.version.split()[0]}", "apt-get install python3")
    if not _fresh():
        print("Setting up Naober in .venv (about a minute, once)", flush=True)
        if not (_environment() and _pip()):
            return stop("Python comes without its module ensurepip here", "apt-get install -y python3-venv")
        if not install(REQUIREMENTS):
            print("The packages of deploy/requirements.txt could not be installed, see above. Is there a network?", file=sys.stderr)
            return 2
        _command()
        STAMP.write_text(_stamp(), encoding="utf-8")
    if sys.argv[1:]:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *sys.argv[1:]])
    return 0


def stop(problem: str, command: str) -> int:
    """Say what is wrong and the one command that mends it; gives the exit code 2."""
    print(f"{problem}.\nPlease run this, then try again:\n\n    {as_root()}{command}\n", file=sys.stderr)
    return 2


def as_root() -> str:
    """What to put before a command that needs root."""
    return "" if os.geteuid() == 0 else "sudo "


def apt_get(packages: list[str]) -> bool:
    """Install these Debian packages if root or sudo without a password may; gives whether it worked."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and not _runs([*sudo, "true"])):
        return False
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    print("Installing", *packages, "with apt-get", flush=True)
    steps = [*apt, "update"], [*apt, "-o", "Dpkg::Use-Pty=0", "install", "-y", "--no-install-recommends", *packages]
    return all(_runs(step, quiet=True) for step in steps)


def install(requirements: Path) -> bool:
    """Install a file of hash-locked wheels into the environment; gives whether it worked."""
    uv = shutil.which("uv")
    # The lock is whole; older pips stumble over a dependency's extras when they resolve it once more.
    locked = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", requirements]
    if uv:
        return _runs([uv, "pip", "install", "-qq", "--python", PYTHON, *locked])
    quiet = ["-qq", "--no-compile", "--disable-pip-version-check", "--no-input", "--no-warn-script-location"]
    return _runs([PYTHON, "-m", "pip", "install", *quiet, *locked])


def _fresh() -> bool:
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == _stamp() and PYTHON.exists()


def _stamp() -> str:
    return f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()} {sys.version_info[:2]} {ROOT}\n"


def _environment() -> bool:
    """Keep an environment of this very Python, else make one without pip, which works on a bare Debian too."""
    if _runs([PYTHON, "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"], quiet=True):
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    return _runs([sys.executable, "-m", "venv", "--without-pip", VENV])


def _pip() -> bool:
    """Put pip into the environment: from Python itself, or after Debian's python3-venv has brought that part of Python; uv needs none."""
    if shutil.which("uv") or _runs([PYTHON, "-m", "pip", "--version"], quiet=True):
        return True
    if importlib.util.find_spec("ensurepip") is None and not apt_get(["python3-venv"]):
        return False
    return _runs([PYTHON, "-m", "ensurepip", "--default-pip"], quiet=True)


def _command() -> None:
    """The console command `naober`, and the project on the environment's path."""
    packages = next((VENV / "lib").glob("python3*/site-packages"))
    (packages / "naober.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = VENV / "bin" / "naober"
    command.write_text(f"#!/bin/sh\nexec '{PYTHON}' -P -m server.cli \"$@\"\n", encoding="utf-8")
    command.chmod(0o755)


def _runs(command: list[str | Path], *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, check=False, stdout=output, stderr=output).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    raise SystemExit(main())
