"""Make users for the admin on a laptop, each of them a person, with passwords that only its owner can read."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand
from django.db import transaction

from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER, REPORTING
from legal.history import recorded
from legal.models import Person, PersonAccount

USERS = {
    "administrator": (ADMINISTRATOR, "sandbox-1", "Astrid Administrator"),
    "administrator-2": (ADMINISTRATOR, "sandbox-2", "Anders Administrator"),
    "compliance": (READER, "sandbox-3", "Karin Compliance"),
    "officer": (OFFICER, "sandbox-6", "Knut Compliance"),
    "officer-2": (OFFICER, "sandbox-7", "Kåre Compliance"),
    "officer-again": (OFFICER, "sandbox-6", "Knut Compliance"),
    "auditor": (AUDITOR, "sandbox-8", "Rita Revisor"),
    "reporting": (REPORTING, "sandbox-4", "Ragnhild Reporting"),
    "reporting-2": (REPORTING, "sandbox-5", "Roar Reporting"),
}
"""The group, the employee id and the name behind each account; two of a group approve together.

`officer-again` is the officer's second account: what takes two people is refused to the two of them.
"""


class Command(BaseCommand):
    help = "Make admin users, two where it takes two; the passwords stand in the sandbox folder, in the file users."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.SANDBOX_FOLDER) / "users"
        passwords = read(path)
        for name in USERS:
            passwords.setdefault(name, secrets.token_urlsafe(15))
        write(path, passwords)
        with recorded(command="sandbox_users"), transaction.atomic():
            for name in USERS:
                make(name, passwords[name])
        for name in USERS:
            self.stdout.write(f"{name:15} {passwords[name]}")


def make(name: str, password: str) -> None:
    user, is_new = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if is_new or not user.check_password(password):
        user.set_password(password)
        user.save()
    group, employee_id, person_name = USERS[name]
    user.groups.set(Group.objects.filter(name=group))
    person, _ = Person.objects.get_or_create(employee_id=employee_id, defaults={"name": person_name})
    PersonAccount.objects.get_or_create(user=user, defaults={"person": person})


def read(path: Path) -> dict[str, str]:
    """Return the passwords written down earlier."""
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {words[0]: words[1] for words in lines if len(words) == 2}


def write(path: Path, passwords: dict[str, str]) -> None:
    """Write the passwords so that nobody else can read them at any moment."""
    text = "".join(f"{name} {password}\n" for name, password in passwords.items())
    unfinished = path.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
