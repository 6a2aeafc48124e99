"""The real office in a process of its own, and how much memory it holds."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_S_MAX = 60


@dataclass(slots=True)
class Office:
    """A server that answers at a port of this machine."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def origin(self) -> str:
        """The address people would type."""
        return f"http://localhost:{self.port}"

    @property
    def memory_mb(self) -> float:
        """What it holds in memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def processor_s(self) -> float:
        """Seconds of a processor that it has used."""
        times = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Ends it, as an administrator would."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


@contextlib.contextmanager
def office(verb: str = "serve", **settings: str) -> Iterator[Office]:
    """`naober serve` (or demo) until the block ends, with these settings over those of this process."""
    port = free_port()
    own = {"NAOBER_PORT": str(port), "NAOBER_ORIGIN": f"http://localhost:{port}", "NAOBER_LOG_LEVEL": "error"}
    environment = {**os.environ, **own, **settings}
    process = subprocess.Popen([sys.executable, "-m", "server.cli", verb], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    started = Office(process, port)
    try:
        _wait(started)
        yield started
    finally:
        if process.poll() is None:
            started.stop()


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(started: Office) -> None:
    until = time.monotonic() + START_S_MAX
    while time.monotonic() < until and started.process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{started.port}/ready", timeout=2)
            return
        time.sleep(0.1)
    raise RuntimeError(f"the office did not answer within {START_S_MAX} s")
