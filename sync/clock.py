"""Stamps that order what several devices wrote, and identities; a stamp is '<13 digits ms>-<4 hex counter>-<last 8 of the device id>'."""

import re

AHEAD_MS_MAX = 300_000
COUNTER_MAX = 0xFFFF
STAMP = re.compile(r"([0-9]{13})-([0-9a-f]{4})-([0-9a-f]{8})")


def tick(last: str | None, now: int, device: str) -> str:
    """Give the stamp of the next write on this device: later than `last` also when the clock stands still or goes back; `now` in ms."""
    return _after(parse(last), None, now, device)


def receive(last: str | None, remote: str | None, now: int, device: str) -> str:
    """Give a stamp later than our own last one and than one that came from elsewhere; `now` in ms."""
    return _after(parse(last), parse(remote), now, device)


def parse(stamp: object) -> dict[str, int | str] | None:
    """Take a stamp apart into {ms, counter, device}; None when it is not a stamp."""
    match = STAMP.fullmatch(stamp) if isinstance(stamp, str) else None
    if match is None:
        return None
    return {"ms": int(match[1]), "counter": int(match[2], 16), "device": match[3]}


def acceptable(stamp: object, now: int) -> bool:
    """Say whether a stamp is one, and at most five minutes ahead of `now` (ms)."""
    parts = parse(stamp)
    return parts is not None and int(parts["ms"]) <= now + AHEAD_MS_MAX


def uuid7(now: int, random_hex20: str) -> str:
    """Make a UUIDv7 (RFC 9562) from `now` (ms) and twenty random hexadecimal digits, of which nineteen are used."""
    r = random_hex20
    time = f"{now:012x}"
    variant = "89ab"[int(r[3], 16) & 3]
    return f"{time[:8]}-{time[8:]}-7{r[0:3]}-{variant}{r[4:7]}-{r[7:19]}"


def _after(one: dict[str, int | str] | None, other: dict[str, int | str] | None, now: int, device: str) -> str:
    ms, counter = now, 0
    for parts in (one, other):
        if parts is not None and (int(parts["ms"]), int(parts["counter"])) >= (ms, counter):
            ms, counter = int(parts["ms"]), int(parts["counter"]) + 1
    if counter > COUNTER_MAX:
        ms, counter = ms + 1, 0
    return f"{ms:013d}-{counter:04x}-{device[-8:]}"
