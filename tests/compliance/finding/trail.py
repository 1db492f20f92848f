"""A small trail to find in: records of chosen moments, about parties of the sandbox's bank."""

import uuid
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from audit.models import AuditRecord
from audit.secrecy import Kind, hash_of, seal
from compliance.people import make_groups
from legal.models import PersonAccount
from tests.consumer import identifier
from tests.legal.governed import person

OPEN, SHIELDED, STRANGER = identifier("debtor-five-accounts"), identifier("shielded-strictly"), "01810112345"
CASE, TRACE = uuid.UUID("0190a1b2-0000-4000-8000-000000000011"), uuid.UUID("0190a1b2-0000-4000-8000-000000000012")


def add(number="", *, minutes=0, reference="", **changes):
    """Append a record of so many minutes ago, about the party with that number, and return it as it is stored."""
    at = timezone.now() - timedelta(minutes=minutes)
    record = uuid7(nanoseconds=int(at.timestamp() * 1e6) * 1000)
    values = {"duration_us": 1500, "http_status": 200, "account_hashes": [], "outcome": "answered", **changes}
    if number:
        values["control_object_hash"] = hash_of(Kind.PARTY, number)
        values["control_object_sealed"] = seal(number, column="control_object_sealed", record=record)
    if reference:
        values["account_reference_hash"] = hash_of(Kind.ACCOUNT_REFERENCE, reference)
    return AuditRecord.objects.create(id=record, at=at, **values)


def signed_in(account, *groups, of=None, strict=False):
    """Return a browser in which an account of these groups has signed in, and the account."""
    make_groups()
    user = User.objects.create_user(account, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    if of is not None:
        PersonAccount.objects.create(user=user, person=person(of))
    browser = Client(headers={"host": "localhost"}, enforce_csrf_checks=strict)
    browser.force_login(user)
    return browser, user
