"""Give an account its second factor, or a new one for a lost device."""

import secrets
from argparse import ArgumentParser
from io import StringIO
from typing import Any

import segno
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.access import note_command
from audit.appending import NotRecorded
from compliance.local.models import SecondFactor, address_of
from compliance.local.sessions import end_sessions

SECRET_BYTES = 20
ONCE = "This is shown once. Let the person read it into an authenticator now."


class Command(BaseCommand):
    help = "Shows an account's new second factor once, as a QR code and an address. It is read by an authenticator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="an account of the admin")
        parser.add_argument("--replace", action="store_true", help="the device is lost: what it shows serves no more")
        parser.add_argument("--remove", action="store_true", help="leave the account without; it cannot sign in then")

    def handle(self, *, username: str, replace: bool, remove: bool, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True, is_staff=True).first()
        if user is None:
            raise CommandError("There is no active account of the admin with this name.")
        if SecondFactor.objects.filter(user=user).exists() and not (replace or remove):
            raise CommandError("The account has a second factor. --replace gives it another one.")
        try:
            note_command("admin_second_factor", words=f"account={username}")
        except NotRecorded:
            raise CommandError("It could not be noted in the access log. Nothing was changed.") from None
        secret = secrets.token_bytes(SECRET_BYTES)
        with transaction.atomic():
            SecondFactor.objects.filter(user=user).delete()
            if not remove:
                made = SecondFactor(user=user, name="authenticator")
                made.keep(secret)
                made.save()
            end_sessions({user.pk})
        if remove:
            self.stdout.write("Removed.")
            return
        address = address_of(secret, username)
        picture = StringIO()
        segno.make(address, error="m").terminal(out=picture, compact=True)
        self.stdout.write(
            f"{picture.getvalue()}\n{address}\n\nThis is shown once. Let the person read it into an authenticator now."
        )
