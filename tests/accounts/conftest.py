"""What tests of the ledger share: a bank of their own, which nobody else ever sees."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.conninfo import conninfo_to_dict

from accounts.models import (
    Account,
    AccountRole,
    Balance,
    BalanceHistory,
    FinancialInstitution,
    Guardianship,
    Party,
    PartyIdentifier,
    PaymentCard,
    Transaction,
)
from accounts.partitions import make_partitions
from legal.periods import day_in_oslo
from tests import cluster

OURS, OTHER = "312345617", "312345625"


@dataclass
class Bank:
    """Two institutions, and whatever a test adds to them."""

    numbers: count = field(default_factory=lambda: count(97_000_000_001))
    rows: count = field(default_factory=lambda: count(9_000_000_000_001))

    def __post_init__(self):
        for number in (OURS, OTHER):
            FinancialInstitution.objects.create(
                organisation_number=number,
                name=f"Bank {number}",
                as_of=datetime(2026, 11, 21, 4, 0, tzinfo=UTC),
                history_from=date(2016, 11, 21),
            )

    def party(self, *identifiers, grade="ugradert", name="Rank Bjørk", kind="person", **columns):
        """Add a party with identifiers, each a value or a value with its first and last day."""
        party = Party.objects.create(type=kind, name=name, protection_grade=grade, **columns)
        for value, *days in (each if isinstance(each, tuple) else (each,) for each in identifiers):
            start, end = (*days, None, None)[:2]
            PartyIdentifier.objects.create(
                party=party, value=value, kind="birthNumber", start_date=start or date(1969, 6, 15), end_date=end
            )
        return party

    def account(self, at=OURS, **columns):
        columns = {
            "type": Account.Type.SALARY,
            "currency": "NOK",
            "status": "enabled",
            "nics_creditable": True,
            "start_date": date(2010, 1, 1),
        } | columns
        return Account.objects.create(
            number=str(next(self.numbers)),
            servicer=FinancialInstitution.objects.get(organisation_number=at),
            **columns,
        )

    def role(self, account, party, kind="primaryOwner", start=date(2010, 1, 1), end=None, permission="rightToUseAlone"):
        return AccountRole.objects.create(
            account=account, party=party, kind=kind, permission=permission, start_date=start, end_date=end
        )

    def balance(self, account, kind, amount, registered_at, **columns):
        return Balance.objects.create(
            account=account, type=kind, amount=Decimal(amount), currency="NOK", registered_at=registered_at, **columns
        )

    def guardianship(self, ward, guardian, start, end=None, service="representasjonDagligbank"):
        return Guardianship.objects.create(
            ward=ward, guardian=guardian, service=service, start_date=start, end_date=end
        )

    def card(self, account, holder, masked_number="999001XXXXXX1234", **columns):
        columns = {
            "type": "debitCard",
            "status": "active",
            "version_number": "1",
            "start_month": "2020-01",
            "expiry_month": "2030-12",
            "issuer_name": f"Bank {OURS}",
            "issuer_number": OURS,
            "issuer_country": "NO",
        } | columns
        return PaymentCard.objects.create(account=account, holder=holder, masked_number=masked_number, **columns)

    def booked(self, account, amount, registered_at, **columns):
        """Add a change of the booked balance to the history."""
        self.make_month(registered_at)
        return BalanceHistory.objects.create(
            id=next(self.rows),
            account_id=account.pk,
            amount=Decimal(amount),
            currency="NOK",
            registered_at=registered_at,
            **columns,
        )

    def transaction(self, account, booked_at, amount="1.00", **columns):
        self.make_month(booked_at)
        number = next(self.rows)
        columns = {"identifier": str(number), "currency": "NOK", "value_at": booked_at} | columns
        return Transaction.objects.create(
            id=number, account_id=account.pk, booked_at=booked_at, amount=Decimal(amount), **columns
        )

    def make_month(self, moment):
        """Make the partitions that the moment falls into, where no load has made them."""
        day = day_in_oslo(moment)
        with connections["ledger"].cursor() as cursor:
            make_partitions(cursor, day, day)


@contextmanager
def writing_ledger(django_db_blocker):
    """Let Django write into the ledger, in a transaction that the code under test reads in; it is taken back."""
    superuser = conninfo_to_dict(cluster.CLUSTER.superuser_url("ledger"))
    user, server = {"USER": superuser["user"], "PASSWORD": ""}, {"HOST": superuser["host"], "PORT": ""}
    serving = connections["ledger"]
    writing = {"options": "-c timezone=UTC", "server_side_binding": True, "prepare_threshold": 1}
    session = DatabaseWrapper({**serving.settings_dict, **user, **server, "OPTIONS": writing}, "ledger")
    with django_db_blocker.unblock():
        session.set_autocommit(False)
        connections["ledger"] = session
        yield session
        connections["ledger"] = serving
        session.rollback()
        session.close()


@pytest.fixture
def owning_ledger(django_db_blocker):
    with writing_ledger(django_db_blocker) as session:
        yield session


@pytest.fixture
def bank(owning_ledger):
    return Bank()
