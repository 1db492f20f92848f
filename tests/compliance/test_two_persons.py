"""Everything that takes two people, tried by one person who holds two accounts: in Python, and past it as SQL."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from agencies.bsu import approvals
from agencies.bsu.models import Sending
from audit import recording
from audit.models import Decision, MonthKey
from audit.retain import deciding
from audit.retain.deciding import Actor
from audit.retain.deletions import Deletion
from audit.retain.policy import Policy
from compliance.acting import acting
from compliance.people import make_groups
from legal import opening
from legal.models import Closing, PersonAccount, ServiceVersion
from legal.people import person_of
from tests.agencies.bsu.kept_deliveries import kept_delivery
from tests.audit.entries import answered
from tests.legal.governed import approve, draft, person, service

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = datetime.now(UTC).date().replace(day=1)
LATER = date(MONTH.year + 15, 1, 1)
POLICY = Policy.read({"*": 90}, {"*": {"years": 13, "ground": "limitation"}})


@pytest.fixture
def people():
    """One person with two accounts, and another person."""
    kari, ola = person("Kari"), person("Ola")
    for name, whose in (("kari", kari), ("kari-again", kari), ("ola", ola)):
        PersonAccount.objects.create(user=User.objects.create_user(name, is_staff=True), person=whose)
    return {name: User.objects.get(username=name) for name in ("kari", "kari-again", "ola")}


class Version:
    """A draft of rules and its approval."""

    past_python = "UPDATE legal_serviceversion SET approver_id = author_id, approved_at = now() WHERE id = %s"

    def __init__(self, by):
        self.made = draft(service(), person_of(by), accounts_type="may_omit")

    def agree(self, by):
        approve(self.made, person_of(by))

    def is_done(self):
        return ServiceVersion.objects.get(pk=self.made.pk).approver_id is not None


class Opening:
    """Opening what was closed."""

    past_python = "UPDATE legal_closing SET opened_by_id = asked_by_id, opened_at = now() WHERE id = %s"

    def __init__(self, by):
        self.made = opening.close_service(service(), by=person_of(by), reason="?")
        opening.ask_to_open(self.made, by=person_of(by), reason="?")

    def agree(self, by):
        opening.open_again(self.made, by=person_of(by))

    def is_done(self):
        return Closing.objects.get(pk=self.made.pk).opened_at is not None


class BSUSending:
    """Sending a report to Skatteetaten."""

    past_python = (
        "UPDATE bsu_sending SET state = 'approved', approved_by_id = requested_by_id, approved_name = 'x',"
        " approved_at = now() WHERE id = %s"
    )

    def __init__(self, by):
        self.made = approvals.request_sending(kept_delivery(), because="?", by=person_of(by), now=NOW)

    def agree(self, by):
        seen = bytes(self.made.delivery.digest).hex()
        approvals.approve_sending(self.made, seen=seen, by=person_of(by), now=NOW)

    def is_done(self):
        return Sending.objects.get(pk=self.made.pk).state == "approved"


class Decided:
    """A decision about the trail: each step is a row of its own, which names a person by employee id."""

    def agree(self, by):
        deciding.approve(self.made, by=actor(by), today=LATER, policy=POLICY)

    def is_done(self):
        return Decision.objects.filter(kind__endswith="approved").exists()


class Release(Decided):
    def __init__(self, by):
        recording.record(answered())
        held = deciding.hold(answered().account_info_request_id, ground="?", by=actor(by))
        self.made = deciding.request_release(held, ground="?", by=actor(by))


class Deleting(Decided):
    def __init__(self, by):
        row = {"kind": "document", "service": "skatt-kontroll", "month": MONTH, "wrapped": b"x"}
        name = f"{MONTH:%Y%m}.document.skatt-kontroll"
        MonthKey.objects.get_or_create(name=name, defaults={**row, "made_at": timezone.now()})
        due = Deletion(Decision.What.DOCUMENTS, "skatt-kontroll", MONTH)
        self.made = deciding.request_deletion(due, ground="?", by=actor(by), today=LATER, policy=POLICY)


def actor(user):
    return Actor(person_of(user).employee_id, user.get_username())


ACTS = [
    pytest.param(Version, id="a version of the rules"),
    pytest.param(Opening, id="opening what is closed"),
    pytest.param(BSUSending, id="sending a BSU report"),
    pytest.param(Release, id="releasing a held case"),
    pytest.param(Deleting, id="deleting what is due"),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("account", ["kari", "kari-again"])
def test_one_person_does_not_agree_with_themselves_under_any_account(people, act, account):
    asked = act(people["kari"])
    with pytest.raises(ValidationError, match="Another person must"):
        asked.agree(people[account])
    assert not asked.is_done()


@pytest.mark.parametrize("act", ACTS)
def test_another_person_does(people, act):
    asked = act(people["kari"])
    asked.agree(people["ola"])
    assert asked.is_done()


@pytest.mark.parametrize("act", ACTS[:3])
def test_the_database_refuses_it_too(people, act):
    """Decisions about the trail are rows that only grow; there `audit_verify` finds one made by one person."""
    asked = act(people["kari"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.past_python, [asked.made.pk])
    assert not asked.is_done()


@pytest.mark.parametrize(
    ("right", "has_person", "acts"),
    [
        pytest.param("compliance.export_records", True, True, id="an officer who is somebody"),
        pytest.param("compliance.export_records", False, False, id="an officer's account that is nobody's"),
        pytest.param("compliance.verify_trail", True, False, id="without the right"),
    ],
)
def test_who_acts_is_somebody(right, has_person, acts):
    make_groups()
    user = User.objects.create_user("nina", is_staff=True)
    user.groups.set(Group.objects.filter(name="compliance officer"))
    if has_person:
        PersonAccount.objects.create(user=user, person=person("Nina"))
    request = RequestFactory().post("/")
    request.user = user
    if acts:
        assert acting(request, right) == person("Nina")
    else:
        with pytest.raises(PermissionDenied):
            acting(request, right)
