"""Settings from the environment, read once: each has a default that works on a laptop, and a wrong value is refused by name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PORT_MAX = 65535
POOL_MAX = 200
LEVELS = ("debug", "info", "warning", "error")


class SettingError(ValueError):
    """A setting that cannot be used; the text names the variable and says what it should hold."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about this installation that is not code; `origin` is scheme, host and port, without a slash at the end."""

    database: str
    origin: str
    host: str
    port: int
    demo: bool
    timezone: str
    log_level: str
    pool: int
    push_hosts: tuple[str, ...]

    @property
    def secure(self) -> bool:
        """Whether people reach this office by https: then cookies are `__Host-` and Secure."""
        return self.origin.startswith("https://")

    @property
    def domain(self) -> str:
        """The host name in the origin, which is what a passkey is bound to."""
        return urlsplit(self.origin).hostname or "localhost"


def read(env: dict[str, str]) -> Settings:
    """Settings from these variables, or `SettingError`."""
    port = _number(env, "NAOBER_PORT", 8000, PORT_MAX)
    return Settings(
        database=_database(env.get("NAOBER_DATABASE") or f"sqlite:///{Path.cwd() / 'naober.db'}"),
        origin=_origin(env.get("NAOBER_ORIGIN") or f"http://localhost:{port}"),
        host=env.get("NAOBER_HOST") or "127.0.0.1",
        port=port,
        demo=_yes(env, "NAOBER_DEMO"),
        timezone=_timezone(env.get("NAOBER_TIMEZONE") or "Europe/Amsterdam"),
        log_level=_one_of(env, "NAOBER_LOG_LEVEL", "info", LEVELS),
        pool=_number(env, "NAOBER_POOL", 10, POOL_MAX),
        push_hosts=_hosts(env.get("NAOBER_PUSH_HOSTS") or ""),
    )


def _database(url: str) -> str:
    if re.fullmatch(r"sqlite:////.+|postgres(ql)?://.+", url):
        return url
    shown = url.rpartition("@")[2]
    raise SettingError(f"NAOBER_DATABASE is {shown!r}; give sqlite:////absolute/path/naober.db or postgresql://user@host/name")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname and url.rstrip("/") == f"{parts.scheme}://{parts.netloc}":
        return url.rstrip("/")
    raise SettingError(f"NAOBER_ORIGIN is {url!r}; give the address people type, such as https://naober.example.nl")


def _timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise SettingError(f"NAOBER_TIMEZONE is {name!r}; give a name such as Europe/Amsterdam") from unknown


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(one.strip() for one in text.split(",") if one.strip())
    if all(re.fullmatch(r"[a-z0-9.-]{1,253}(:[0-9]{1,5})?", host) for host in hosts):
        return hosts
    raise SettingError(f"NAOBER_PUSH_HOSTS is {text!r}; give names of hosts with a comma between, such as push.example.nl,push.example.nl:8443")


def _number(env: dict[str, str], name: str, usual: int, most: int) -> int:
    text = env.get(name) or str(usual)
    if re.fullmatch(r"[0-9]{1,6}", text) and 1 <= int(text) <= most:
        return int(text)
    raise SettingError(f"{name} is {text!r}; give a whole number from 1 to {most}")


def _yes(env: dict[str, str], name: str) -> bool:
    return _one_of(env, name, "0", ("0", "1")) == "1"


def _one_of(env: dict[str, str], name: str, usual: str, choices: tuple[str, ...]) -> str:
    text = (env.get(name) or usual).lower()
    if text in choices:
        return text
    raise SettingError(f"{name} is {text!r}; give one of {', '.join(choices)}")


settings = read(dict(os.environ))
