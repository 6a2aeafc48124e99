"""`python -m tests.bench office`, `… consent`, `… network`, `… reminders` and `… phone`: measured beside wanted; a missed goal is told."""

from __future__ import annotations

import argparse

from tests.bench import consent, network, office, phone, reminders

ENGINES = ["sqlite", "postgresql"]


def main() -> int:
    """Runs the bench that was asked for: 0 when everything could be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    about_office = verbs.add_parser("office", help="syncs a second, beside the raw driver; pulls while the office grows")
    about_office.add_argument("--quick", action="store_true", help="a few minutes less")
    about_office.add_argument("--engine", choices=ENGINES, action="append")
    about_office.add_argument("--part", choices=office.PARTS, action="append")
    about_consent = verbs.add_parser("consent", help="withdrawals, what is open to somebody, and pulls while the office grows; what a phone erases")
    about_consent.add_argument("--quick", action="store_true", help="not to a million records")
    about_consent.add_argument("--engine", choices=ENGINES, action="append")
    about_consent.add_argument("--part", choices=consent.PARTS, action="append")
    verbs.add_parser("network", help="how soon the page of a network is drawn")
    verbs.add_parser("reminders", help="ten thousand reminders due in one minute, handed over to a push service on this machine")
    about_phone = verbs.add_parser("phone", help="sizes, cold start, saving; pulls and pushes beside PouchDB and others")
    about_phone.add_argument("--quick", action="store_true", help="once each, without the slow line")
    about_phone.add_argument("--all", action="store_true", help="beside RxDB, Yjs, Automerge and CHT's shape too")
    about_phone.add_argument("--part", choices=phone.PARTS, action="append")
    args = parser.parse_args()
    if args.verb == "office":
        office.run(args.part or office.PARTS, args.engine or ENGINES, quick=args.quick)
    elif args.verb == "consent":
        consent.run(args.part or consent.PARTS, args.engine or ENGINES, quick=args.quick)
    elif args.verb == "network":
        network.run()
    elif args.verb == "reminders":
        reminders.run()
    else:
        phone.run(args.part or list(phone.PARTS), phone.Wish(args.quick, args.all))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
