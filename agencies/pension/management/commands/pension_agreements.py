"""Agreements on occupational pensions: keep what is desired, tell Skatteetaten, and ask what counts there."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from agencies.commandline import AgencyCommand
from agencies.errors import AgencyError
from agencies.pension.client import JSON, LOOKS_UP, WRITES, XML, Format, PensionClient, Question
from agencies.pension.files import SEPARATORS, FileRefused
from agencies.pension.importing import import_file
from agencies.pension.keeping import Wish, fault_in_wish, keep_one
from agencies.pension.months import FIRST_OF_EFFECT, month_of
from agencies.pension.sending import Became, Sent, in_words, send_one
from agencies.pension.sync import sync
from agencies.pension.terms import WORDS, trimmed
from legal.history import recorded
from legal.register import today_in_oslo

COMMAND = "pension_agreements"
ASKING = ("validity", "effect")
FORMATS: dict[str, Format] = {"json": JSON, "xml": XML}
TOO_EARLY = f"No month before {FIRST_OF_EFFECT} has any effect."
OUTCOMES = {
    Became.REGISTERED: "It is registered.",
    Became.DELETED: "It is deleted.",
    Became.NOTHING_TO_SEND: "The agency was told already; nothing was sent.",
}


class Command(AgencyCommand):
    help = (
        "Registers, changes and deletes agreements by keeping what is desired and sending what differs;"
        " asks whether every month of a period is covered."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        actions = parser.add_subparsers(dest="action", metavar="register|delete|sync|import|validity|effect")
        register = actions.add_parser("register", help="Register an agreement, or change it.")
        _named(register)
        register.add_argument("--from", required=True, dest="from_month", metavar="YYYY-MM")
        register.add_argument("--to", default="", dest="to_month", metavar="YYYY-MM")
        delete = actions.add_parser("delete", help="Delete an agreement.")
        _named(delete)
        taken_in = actions.add_parser("import", help="Keep what a file desires; sync sends it.")
        taken_in.add_argument("file", type=Path)
        taken_in.add_argument("--rejects", required=True, type=Path, metavar="FILE", help="a new file")
        taken_in.add_argument("--separator", choices=sorted(SEPARATORS), default="semicolon")
        for action in (register, taken_in):
            action.add_argument("--future-end", action="store_true", help="An end that lies ahead is meant.")
        every = [register, delete, taken_in, actions.add_parser("sync", help="Send everything that differs.")]
        for name, words in (("validity", "Ask for valid agreements."), ("effect", "Ask for periods of effect.")):
            every.append(actions.add_parser(name, help=words))
            _asked(every[-1])
        for action in every:  # after the action's name as well as before it
            action.add_argument("--json", action="store_true", dest="as_json", default=argparse.SUPPRESS)
            action.add_argument("--diagnose", action="store_true", default=argparse.SUPPRESS)

    def errand(self, *arguments: Any, **options: Any) -> None:
        act = {
            "register": self.register,
            "delete": self.delete,
            "sync": self.sync,
            "import": self.take_in,
            "validity": self.ask,
            "effect": self.ask,
        }.get(options["action"])
        try:
            if options["diagnose"]:
                self.check_token(options)
            elif act is None:
                raise CommandError("Say what to do: register, delete, sync, import, validity or effect.", returncode=2)
            else:
                act(options)
        except AgencyError as error:
            raise CommandError(in_words(error)) from None
        except (DatabaseError, InterfaceError):
            raise CommandError("The database did not answer.") from None

    def check_token(self, options: dict[str, Any]) -> None:
        """Check the token that the action would be carried out with, and that its package is held."""
        asks = options["action"] in ASKING
        provider = "" if asks else options.get("provider", "")
        package = LOOKS_UP if asks else WRITES
        held = {f"OTP_RIGHTS_PACKAGE names {package}": package in settings.OTP_RIGHTS_PACKAGE}
        client = PensionClient(today=today_in_oslo(), provider=provider)
        self.diagnose(client.session, as_json=options["as_json"], more=held)

    def register(self, options: dict[str, Any]) -> None:
        wish = _wish(options, from_month=options["from_month"], to_month=options["to_month"])
        fault = fault_in_wish(wish, this_month=month_of(today_in_oslo()), future_end=options["future_end"])
        self.desire(wish, fault, options)

    def delete(self, options: dict[str, Any]) -> None:
        wish = _wish(options, wanted=False)
        self.desire(wish, fault_in_wish(wish), options)

    def desire(self, wish: Wish, fault: str, options: dict[str, Any]) -> None:
        """Keep it, so that no sync undoes it, and send it at once."""
        if fault:
            hint = " --future-end says so." if fault == "future end" else ""
            raise CommandError(f"Nothing was kept or sent. {WORDS[fault]}{hint}")
        if wish.wanted and wish.from_month < FIRST_OF_EFFECT:
            self.stderr.write(TOO_EARLY)
        with recorded(command=COMMAND):
            agreement = keep_one(wish, now=timezone.now())
        sent = send_one(agreement)
        if options["as_json"]:
            self.stdout.write(json.dumps({"agreement": str(agreement), "became": sent.became}))
        if sent.error is not None:
            raise CommandError(sent.words)
        if sent.became is Became.WITH_ANOTHER:
            raise CommandError("Another process is sending this agreement; it is kept, and the next sync sends it.")
        if not options["as_json"]:
            self.stdout.write(OUTCOMES[sent.became])

    def sync(self, options: dict[str, Any]) -> None:
        progress = sync(self.tell)
        counts = {name: progress.became[became] for name, became in COUNTED.items()}
        if options["as_json"]:
            told = {name.replace(" ", "_"): count for name, count in counts.items()}
            self.stdout.write(json.dumps({**told, "untried": progress.untried}))
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()) + ".")
        if failed := progress.became[Became.FAILED] + progress.untried:
            raise CommandError(f"{failed} agreements still differ, {progress.untried} of them were not tried.")

    def tell(self, sent: Sent) -> None:
        self.stderr.write(f"{sent.agreement}: {sent.words}")

    def take_in(self, options: dict[str, Any]) -> None:
        try:
            with recorded(command=COMMAND):
                done = import_file(
                    options["file"],
                    rejects=options["rejects"],
                    separator=options["separator"],
                    future_end=options["future_end"],
                    now=timezone.now(),
                )
        except FileRefused as refused:
            raise CommandError(f"Nothing was kept. {refused}") from None
        except OSError as error:
            raise CommandError(f"Nothing was kept. A file cannot be read or written: {error.strerror}.") from None
        if options["as_json"]:
            told = {"lines": done.lines, "added": done.kept.added, "changed": done.kept.changed}
            self.stdout.write(json.dumps({**told, "rejected": done.rejected, "too_early": done.too_early}))
        else:
            self.stdout.write(f"{done.lines} lines: {done.kept.added} agreements new, {done.kept.changed} changed.")
        if done.too_early:
            self.stderr.write(f"{done.too_early} agreements begin earlier. {TOO_EARLY}")
        if done.rejected:
            raise CommandError(f"{done.rejected} lines were rejected; the file of rejects says why.")

    def ask(self, options: dict[str, Any]) -> None:
        question = Question(options["provider"], options["employer"], options["from_month"], options["to_month"])
        client = PensionClient(today=today_in_oslo(), accept=FORMATS[options["accept"]])
        answer = client.effect(question) if options["action"] == "effect" else client.validity(question)
        if options["as_json"]:
            self.stdout.write(json.dumps(asdict(answer)))
        elif answer.valid:
            self.stdout.write("Every month is covered.")
        else:
            self.stdout.write(f"Not covered: {', '.join(answer.missing) or 'the agency names no months'}.")


COUNTED = {
    "registered": Became.REGISTERED,
    "deleted": Became.DELETED,
    "with another process": Became.WITH_ANOTHER,
    "failed": Became.FAILED,
}


def _named(action: argparse.ArgumentParser) -> None:
    action.add_argument("--reference", required=True, help="The provider's own.")
    action.add_argument("--employer", required=True, metavar="ORGNO")
    action.add_argument("--provider", default="", metavar="ORGNO", help="Another provider of the group.")


def _asked(action: argparse.ArgumentParser) -> None:
    for party in ("provider", "employer"):
        action.add_argument(f"--{party}", required=True, metavar="ORGNO")
    for end in ("from", "to"):
        action.add_argument(f"--{end}", required=True, dest=f"{end}_month", metavar="YYYY-MM")
    action.add_argument("--accept", choices=sorted(FORMATS), default="json", help="The format of the answer.")


def _wish(options: dict[str, Any], **desired: Any) -> Wish:
    provider = options["provider"] or settings.BANK_ORGANISATION_NUMBER
    return Wish(provider, options["employer"], trimmed(options["reference"]), **desired)
