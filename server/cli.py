"""The command `naober`: serve, demo, invite, lock, norm, streets, migrate, check; each exits with 0, or with 1 or 2 and says what to do."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from server.config import Settings
    from server.demo_people import Person

DEMO = Path(__file__).resolve().parent.parent / ".demo"
GRACE_S = 3  # for whoever is being answered
NOT_STARTED = 3  # as uvicorn says it

T = TypeVar("T")


def main(given: Sequence[str] | None = None) -> int:
    """Exit code of `naober <given>`; wrong settings are told, not traced."""
    args = _parser().parse_args(given)
    if args.verb == "demo":
        _demo_settings()
    try:
        from server import config  # noqa: F401 - it reads the settings, once
    except ValueError as wrong:  # its own SettingError, which cannot be imported from a module that failed
        print(wrong, file=sys.stderr)
        return 2
    return int(args.run(args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="naober", description="Notes for care and welfare around the same kitchen table.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="serve | demo | invite | lock | norm | streets | migrate | check")
    verbs.add_parser("serve", help="answer at NAOBER_HOST and NAOBER_PORT").set_defaults(run=serve)
    verbs.add_parser("demo", help="a fictional neighbourhood to try, in a database of its own").set_defaults(run=demo)
    verbs.add_parser("migrate", help="bring the database to this version's tables").set_defaults(run=migrate)
    verbs.add_parser("check", help="tell whether settings and database are in order").set_defaults(run=check)
    invitation = verbs.add_parser("invite", help="a link for somebody's first sign-in")
    invitation.add_argument("name", help="the name colleagues know them by")
    invitation.add_argument("--organisation", required=True)
    invitation.add_argument("--kind", choices=("care", "welfare", "volunteers"), help="of an organisation that is new; care when left out")
    invitation.add_argument("--team", required=True)
    invitation.add_argument("--role", choices=("nurse", "outreach", "volunteer", "lead"), default="lead")
    invitation.add_argument("--language", choices=("nl", "en"), default="nl")
    invitation.set_defaults(run=invite)
    locking = verbs.add_parser("lock", help="how soon the phones of an organisation lock themselves")
    locking.add_argument("organisation")
    locking.add_argument("--idle", type=int, metavar="SECONDS", help="untouched: 30 to 180")
    locking.add_argument("--hidden", type=int, metavar="SECONDS", help="out of sight: 1 to 30")
    locking.set_defaults(run=lock)
    agreeing = verbs.add_parser("norm", help="how soon a team wants to be there after a signal")
    agreeing.add_argument("organisation")
    agreeing.add_argument("team")
    agreeing.add_argument("--contact", type=int, metavar="DAYS", help="to the first contact: 1 to 90 working days")
    agreeing.add_argument("--first-help", type=int, metavar="DAYS", help="to the first help: 1 to 90 working days")
    agreeing.set_defaults(run=norm)
    loading = verbs.add_parser("streets", help="where the streets lie, so that people who live near each other can be found")
    loading.add_argument("file", type=Path, help="CSV with the columns street, city, x and y (metres of the national grid, RD)")
    loading.set_defaults(run=streets)
    return parser


def serve(_: argparse.Namespace) -> int:
    """Answer requests until a signal says stop."""
    from server.config import settings

    if not _free(settings):
        return 1
    _answer(settings)
    return 0


def demo(_: argparse.Namespace) -> int:
    """Plant the neighbourhood where there is none yet, say how to walk in, and serve."""
    from server.config import settings
    from server.demo import OccupiedError

    if not _free(settings):
        return 1
    try:
        print(_welcome(settings, _with_database(_plant)), flush=True)
    except OccupiedError as occupied:
        print(f"No demo here: {occupied}.", file=sys.stderr)
        return 2
    _answer(settings)
    return 0


def invite(args: argparse.Namespace) -> int:
    """A link for somebody's first sign-in, with their organisation, team and role where those are new."""
    import segno

    from server import founding, i18n, invitations, sessions

    token = _founded(lambda: founding.invite(args))
    if token is None:
        return 2
    now, address = sessions.now(), invitations.link(token)
    until = i18n.speaker("en").when(now + invitations.LIFE_MS, now)
    print(f"For {args.name}, {args.role} in {args.team}. It opens once, until {until}:\n\n{address}\n")
    segno.make(address, error="m").terminal(compact=True)
    return 0


def lock(args: argparse.Namespace) -> int:
    """How soon the phones of an organisation lock themselves; sooner where it is asked."""
    from server import founding

    agreed = _founded(lambda: founding.lock(args.organisation, idle=args.idle, hidden=args.hidden))
    if agreed is None:
        return 2
    idle, hidden = agreed
    print(f"Phones of {args.organisation} lock after {idle} s untouched and {hidden} s out of sight, once unlocked after their next contact.")
    return 0


def norm(args: argparse.Namespace) -> int:
    """How soon a team wants to have spoken to somebody, and to have helped, after a signal about them."""
    from server import founding

    agreed = _founded(lambda: founding.norm(args.organisation, args.team, contact=args.contact, helped=args.first_help))
    if agreed is None:
        return 2
    contact, helped = agreed
    print(f"{args.team} agreed on {contact} working days to the first contact and {helped} to the first help.")
    return 0


def streets(args: argparse.Namespace) -> int:
    """Take a file of streets in, and reckon anew who lives near whom."""
    from server import db, matches, sessions
    from server import streets as known

    try:
        rows = known.read(args.file.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError, known.WrongError) as wrong:
        print(f"Nothing was taken in.\n{wrong}", file=sys.stderr)
        return 2

    async def work(tx: db.Tx) -> None:
        await known.load(tx, rows)
        await matches.place(tx, sessions.now())

    _with_database(lambda: db.write(work))
    print(f"{len(rows)} streets are known now.")
    return 0


def migrate(_: argparse.Namespace) -> int:
    """Take the database to the last step."""
    from server.migrations import migrate, steps_done

    async def work() -> int:
        await migrate()
        return len(await steps_done())

    print(f"The database has taken {_with_database(work)} steps and is up to date.")
    return 0


def check(_: argparse.Namespace) -> int:
    """Whether this installation could serve now."""
    from server import db
    from server.config import settings
    from server.migrations import steps_done

    async def work() -> tuple[bool, int]:
        steps = len(await steps_done())
        return await db.ready(), steps

    try:
        ready, steps = _with_database(work)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is the answer
        print(f"The database cannot be used: {problem}. Is NAOBER_DATABASE right, and has `naober migrate` run?", file=sys.stderr)
        return 1
    print(f"Settings: {settings.origin} at {settings.host}:{settings.port}, {db.engine}, {settings.timezone}")
    print(f"Database: {steps} steps taken, {'ready' if ready else 'cannot be written to now'}")
    return 0 if ready else 1


async def _plant() -> list[Person]:
    """The demo's people of whom the terminal names an address: one a role."""
    from server import demo, sessions
    from server.demo_people import PEOPLE
    from server.migrations import migrate

    await migrate()
    await demo.plant(sessions.now())
    return [next(person for person in PEOPLE if person.role == role) for role in ("nurse", "outreach", "volunteer", "lead")]


def _welcome(settings: Settings, planted: list[Person]) -> str:
    from server import i18n

    dutch, english = i18n.speaker("nl"), i18n.speaker("en")
    rows = [
        f"  {person.name:<18}{dutch.say(f'role.{person.role}')} · {english.say(f'role.{person.role}')}\n    {settings.origin}/demo/{person.key}"
        for person in planted
    ]
    return "\n".join([
        *("", "Welkom in Rietakker, de voorbeeldwijk van Naober · Welcome to Naober's demo neighbourhood", f"  {settings.origin}/demo", ""),
        *(*rows, ""),
        "Leg als Samira een bezoek vast met het netwerk uit. Open een privévenster als Ilse, zet het netwerk aan, en zie het binnenkomen.",
        "As Samira, record a visit with the network off. Open a private window as Ilse, turn the network on, and watch it arrive.",
        *("", "Stoppen · Stop: Ctrl+C", ""),
    ])  # fmt: skip


def _founded(work: Callable[[], Awaitable[T]]) -> T | None:
    """What this gives; None where it cannot be, once that was said."""
    from server import founding

    try:
        return _with_database(work)
    except founding.No as no:
        print(no, file=sys.stderr)
        return None


def _with_database(work: Callable[[], Awaitable[T]]) -> T:
    from server import db

    async def run() -> T:
        await db.start()
        try:
            return await work()
        finally:
            await db.stop()

    return asyncio.run(run())


def _demo_settings() -> None:
    """The demo has a database of its own unless one is named, so it never meets real notes."""
    os.environ["NAOBER_DEMO"] = "1"
    os.environ.setdefault("NAOBER_LOG_LEVEL", "warning")
    if not os.environ.get("NAOBER_DATABASE"):
        DEMO.mkdir(mode=0o700, exist_ok=True)
        os.environ["NAOBER_DATABASE"] = f"sqlite:///{DEMO / 'naober.db'}"


def _free(settings: Settings) -> bool:
    """Whether nobody listens where we would."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            print(f"Port {settings.port} is taken. Choose another: NAOBER_PORT={settings.port + 1}", file=sys.stderr)
            return False
    return True


def _answer(settings: Settings) -> None:
    import gc

    import uvicorn

    from server import news
    from server.app import app

    class Server(uvicorn.Server):
        """Ends the streams of news at once: left to themselves they are waited for, and nobody is answered meanwhile."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await news.stop()
            await super().shutdown(sockets)

    # What is here now stays: to look through it again for rubbish takes 60 ms, in which nobody is answered.
    gc.collect()
    gc.freeze()
    server = Server(uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_S,
    ))  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(NOT_STARTED)


if __name__ == "__main__":
    raise SystemExit(main())
